import { DetectorError } from '../../utils/errors.ts';
import type { ByteSource } from './byte-source.ts';

// Worth trying again (RFC 9110, 15.5.9 and 15.6; RFC 6585, 4): timeout, too many requests, and the server's own trouble.
const isPassingStatus = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * A {@link ByteSource} on a file at an address, read by explicit ranges (RFC 9110, 14).
 *
 * @param options `byteLength` of the whole file is known beforehand (from the registry): a server that says otherwise
 *   in Content-Range has another file. `fetch` is replaceable for tests.
 * @throws (from `read`) DetectorError `source-failed` for network trouble and 5xx; `source-refused` for a server that
 *   ignores ranges, has another file or none at all
 */
export function createHttpSource(options: {
  url: string;
  byteLength: number;
  fetch?: typeof globalThis.fetch;
}): ByteSource {
  const { url, byteLength: fileByteLength } = options;
  const fetchRange = options.fetch ?? globalThis.fetch.bind(globalThis);

  async function read(
    offset: number,
    byteLength: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (byteLength === 0) return new Uint8Array(0);
    const last = offset + byteLength - 1;
    const range = `bytes=${offset}-${last}`;
    let response: Response;
    try {
      response = await fetchRange(url, {
        headers: { Range: range },
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw new DetectorError('source-failed', `${url}: no answer to ${range}`, { cause: error });
    }
    if (response.status !== 206) {
      // A 200 would be the whole file, gigabytes of it.
      await response.body?.cancel();
      if (response.status === 200) {
        throw new DetectorError(
          'source-refused',
          `${url}: the server ignores Range and sends the whole file`,
        );
      }
      throw new DetectorError(
        isPassingStatus(response.status) ? 'source-failed' : 'source-refused',
        `${url}: status ${response.status} for ${range}`,
      );
    }
    // Across origins the header is readable only where the server exposes it.
    const contentRange = response.headers.get('content-range');
    const expected = `bytes ${offset}-${last}/`;
    if (
      contentRange !== null &&
      contentRange !== `${expected}${fileByteLength}` &&
      contentRange !== `${expected}*`
    ) {
      await response.body?.cancel();
      throw new DetectorError(
        'source-refused',
        `${url}: expected Content-Range ${expected}${fileByteLength}, found ${contentRange}`,
      );
    }
    return await readBody(response, byteLength, range, signal);
  }

  async function readBody(
    response: Response,
    byteLength: number,
    range: string,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(byteLength);
    let filled = 0;
    try {
      for await (const chunk of response.body ?? []) {
        // More than was asked for is counted but never stored.
        if (filled + chunk.byteLength <= byteLength) bytes.set(chunk, filled);
        filled += chunk.byteLength;
        if (filled > byteLength) break;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw new DetectorError(
        'source-failed',
        `${url}: the connection broke after ${filled} bytes of ${range}`,
        {
          cause: error,
        },
      );
    }
    if (filled !== byteLength) {
      throw new DetectorError(
        'source-failed',
        `${url}: expected ${byteLength} bytes for ${range}, found ${filled > byteLength ? 'more' : String(filled)}`,
      );
    }
    return bytes;
  }

  return { name: url, byteLength: fileByteLength, read };
}
