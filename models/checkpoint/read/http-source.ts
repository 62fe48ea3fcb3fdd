import { DetectorError, isDetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** An answer that is silent for longer counts as broken. No usable connection is so slow. */
const DEFAULT_STALL_MILLISECONDS = 30_000;
/**
 * The longest Retry-After (RFC 9110, 10.2.3) in seconds that is believed; a longer one is a server's mistake, and is
 * cut to this.
 */
const MAX_RETRY_AFTER_SECONDS = 24 * 3600;
/** An answer that broke off after fewer bytes is a failure. After more bytes, the rest is requested at once. */
const MIN_PROGRESS_BYTE_LENGTH = 64 * 2 ** 10;

export type HttpSourceOptions = {
  readonly url: string;
  /**
   * Length of the whole file, known beforehand (from the registry). A server that states another length has another
   * file.
   */
  readonly byteLength: number;
  /**
   * ETag of the bytes that were read earlier; null before anything was read. If the server sends another one, the file
   * has changed.
   */
  readonly etag?: string | null;
  /**
   * An answer with another value of one of these headers is refused. Across origins most headers are unreadable; an
   * unreadable header counts as right.
   */
  readonly expectedHeaders?: Readonly<Record<string, string>>;
  readonly stallMilliseconds?: number;
  /**
   * Whether the browser hides the answers of this address from us although they come. It is asked when no request was
   * ever answered, and more than once, since a connection can break.
   */
  readonly isBlocked?: (url: string, signal?: AbortSignal) => Promise<boolean>;
  /** Called with the length of each piece that arrives. */
  readonly onBytes?: (byteLength: number) => void;
  /** Another `fetch`, for tests. */
  readonly fetch?: typeof globalThis.fetch;
};

export type HttpSource = ByteSource & {
  /** The file's ETag, if the server has sent one; else null. */
  readonly etag: () => string | null;
};

// Statuses after which another try may succeed (RFC 9110, 15.5.9 and 15.6; RFC 6585, 4): timeout, too many requests,
// and the server's own failures.
const isPassingStatus = (status: number): boolean => status === 408 || status === 429 || status >= 500;
// The answers of a content network for a signed address that has expired. The next request is redirected to a fresh
// address.
const isExpiredStatus = (status: number): boolean => status === 401 || status === 403 || status === 410;

/**
 * A {@link ByteSource} on a file at an address, read by explicit ranges (RFC 9110, 14), each by one request of its own
 * without cookies, referrer or cache. A single explicit range needs no preflight (Fetch, "CORS-safelisted request-header").
 *
 * @throws (from `read`) DetectorError `source-failed` for network trouble, silence, expired redirects and 5xx (with
 *   `retryAfterMilliseconds` where the server says it); `source-refused` for a server that ignores ranges or has no such
 *   file; `source-changed` where size, ETag or an expected header are not those of before; `download-blocked`
 */
export function createHttpSource(options: HttpSourceOptions): HttpSource {
  const {
    url,
    byteLength: fileByteLength,
    stallMilliseconds = DEFAULT_STALL_MILLISECONDS,
    onBytes,
  } = options;
  const fetchRange = options.fetch ?? globalThis.fetch.bind(globalThis);
  let etag = options.etag ?? null;
  let hasAnswered = false;
  let unansweredCount = 0;

  async function read(
    offset: number,
    byteLength: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(byteLength);
    let filled = 0;
    // Each round brings at least MIN_PROGRESS_BYTE_LENGTH more, or is the last.
    while (filled < byteLength) {
      const before = filled;
      try {
        await readPart(offset + filled, bytes.subarray(filled), (count) => (filled += count), signal);
      } catch (error) {
        // The bytes that came before the connection broke are kept: the next connection asks for the rest.
        const isContinued =
          filled - before >= MIN_PROGRESS_BYTE_LENGTH && isDetectorError(error, 'source-failed');
        if (!isContinued) throw error;
      }
    }
    return bytes;
  }

  /** Reads a range into `into`, which it fills completely. */
  async function readPart(
    offset: number,
    into: Uint8Array<ArrayBuffer>,
    onFilled: (byteLength: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const last = offset + into.byteLength - 1;
    const range = `bytes=${offset}-${last}`;
    const silence = watchSilence(stallMilliseconds);
    const both = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    try {
      const response = await send(range, both);
      refuseOther(response, offset, last);
      await readBody(response, into, range, (count) => {
        silence.hear();
        onFilled(count);
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (silence.signal.aborted) {
        throw new DetectorError('source-failed', `${url}: no byte of ${range} for ${stallMilliseconds} ms`, {
          cause: error,
        });
      }
      throw error;
    } finally {
      silence.end();
    }
  }

  async function send(range: string, signal: AbortSignal): Promise<Response> {
    try {
      return await sendOnce(range, signal);
    } catch (error) {
      signal.throwIfAborted();
      unansweredCount += 1;
      if (hasAnswered || unansweredCount < 2 || (await options.isBlocked?.(url, signal)) !== true) {
        throw new DetectorError('source-failed', `${url}: no answer to ${range}`, { cause: error });
      }
    }
    // The network may have come back just before that question, so the answer must fail once more.
    try {
      return await sendOnce(range, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new DetectorError(
        'download-blocked',
        `${url}: the browser lets no extension read the answer without the user's permission`,
        { cause: error },
      );
    }
  }

  async function sendOnce(range: string, signal: AbortSignal): Promise<Response> {
    const response = await fetchRange(url, {
      headers: { Range: range },
      // The request tells nothing about the user, and gigabytes of answers do not replace the content of the cache.
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      signal,
    });
    hasAnswered = true;
    return response;
  }

  /** @throws DetectorError for every answer whose body is not the range; its body is given up then */
  function refuseOther(response: Response, offset: number, last: number): void {
    const problem = problemOf(response, offset, last);
    if (problem === null) return;
    // A 200 would be the whole file, gigabytes of it. The result of cancelling it does not matter.
    response.body?.cancel().catch(() => undefined);
    throw problem;
  }

  function problemOf(response: Response, offset: number, last: number): DetectorError | null {
    const { status, headers } = response;
    const range = `bytes=${offset}-${last}`;
    if (status === 200) {
      return new DetectorError('source-refused', `${url}: the server ignores Range and sends the whole file`);
    }
    if (status === 416) {
      return new DetectorError('source-changed', `${url}: the file there ends before ${range}`);
    }
    if (status !== 206) {
      const isPassing = isPassingStatus(status) || (response.redirected && isExpiredStatus(status));
      return new DetectorError(
        isPassing ? 'source-failed' : 'source-refused',
        `${url}: status ${status} for ${range}`,
        { retryAfterMilliseconds: readRetryAfter(headers.get('retry-after')) },
      );
    }
    // Across origins headers are readable only where the server exposes them.
    const contentRange = headers.get('content-range');
    const expected = `bytes ${offset}-${last}/`;
    if (contentRange !== null && ![`${expected}${fileByteLength}`, `${expected}*`].includes(contentRange)) {
      const isOtherFile = contentRange.startsWith(expected);
      return new DetectorError(
        isOtherFile ? 'source-changed' : 'source-refused',
        `${url}: expected Content-Range ${expected}${fileByteLength}, found ${contentRange}`,
      );
    }
    for (const [name, value] of Object.entries(options.expectedHeaders ?? {})) {
      const found = headers.get(name);
      if (found !== null && found !== value) {
        return new DetectorError('source-changed', `${url}: expected ${name} ${value}, found ${found}`);
      }
    }
    const found = headers.get('etag');
    if (found !== null && etag !== null && found !== etag) {
      return new DetectorError(
        'source-changed',
        `${url}: the file had the ETag ${etag}, now it has ${found}`,
      );
    }
    etag ??= found;
    return null;
  }

  async function readBody(
    response: Response,
    into: Uint8Array<ArrayBuffer>,
    range: string,
    onFilled: (byteLength: number) => void,
  ): Promise<void> {
    const { byteLength } = into;
    let filled = 0;
    let isTooLong = false;
    try {
      for await (const chunk of response.body ?? []) {
        onBytes?.(chunk.byteLength);
        // An answer that is longer than its range can't be trusted.
        isTooLong = filled + chunk.byteLength > byteLength;
        if (isTooLong) break;
        into.set(chunk, filled);
        filled += chunk.byteLength;
        onFilled(chunk.byteLength);
      }
    } catch (error) {
      throw new DetectorError(
        'source-failed',
        `${url}: the connection broke after ${filled} bytes of ${range}`,
        { cause: error },
      );
    }
    if (isTooLong || filled !== byteLength) {
      throw new DetectorError(
        'source-failed',
        `${url}: expected ${byteLength} bytes for ${range}, found ${isTooLong ? 'more' : String(filled)}`,
      );
    }
  }

  return { name: url, byteLength: fileByteLength, read, etag: () => etag };
}

/** Aborts when nothing has arrived for that time. */
function watchSilence(milliseconds: number): {
  readonly signal: AbortSignal;
  readonly hear: () => void;
  readonly end: () => void;
} {
  const silent = new AbortController();
  const start = (): ReturnType<typeof setTimeout> => setTimeout(() => silent.abort(), milliseconds);
  let timer = start();
  return {
    signal: silent.signal,
    hear: () => {
      clearTimeout(timer);
      timer = start();
    },
    end: () => clearTimeout(timer),
  };
}

/** Milliseconds; null where the header is missing or makes no sense. It is a number of seconds or a date. */
function readRetryAfter(text: string | null): number | null {
  if (text === null) return null;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return null;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, seconds)) * 1000;
}
