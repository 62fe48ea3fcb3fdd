import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { READ_BLOCK_BYTES } from './limits.ts';

/** Inflates a range of a source (RFC 1951), and reads no further than the caller has asked. */
export type Inflater = {
  /** Resolves with exactly the next `byteLength` inflated bytes. */
  readonly read: (byteLength: number, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;
  /** Throws if more bytes follow. */
  readonly expectEnd: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * Creates an inflater over `compressedByteLength` bytes of `source` from `offset` on.
 * @param declaredByteLength size after inflating. A stream that is longer or shorter is an error, so memory is
 *   bounded by what the caller asks for and one chunk of the decompressor
 * @param name of the record, for messages
 * @throws (from its functions) DetectorError `checkpoint-malformed`; the source's own errors
 */
export function createInflater(
  source: ByteSource,
  offset: number,
  compressedByteLength: number,
  declaredByteLength: number,
  name: string,
): Inflater {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let pending = new Uint8Array(0);
  let sourceError: unknown;

  function open(signal?: AbortSignal): ReadableStreamDefaultReader<Uint8Array> {
    let position = 0;
    const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          if (position === compressedByteLength) {
            controller.close();
            return;
          }
          try {
            const length = Math.min(READ_BLOCK_BYTES, compressedByteLength - position);
            controller.enqueue(await source.read(offset + position, length, signal));
            position += length;
          } catch (error) {
            // The decompressor wraps this error, so it is kept here to be thrown as it is.
            sourceError = error;
            throw error;
          }
        },
      },
      { highWaterMark: 0 },
    );
    return compressed.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  }

  /** The next chunk that has bytes, or undefined at the end. */
  async function next(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    reader ??= open(signal);
    try {
      // Ends: every turn takes one chunk of a stream that has at most compressedByteLength input bytes.
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        if (value.byteLength > 0) return value;
      }
    } catch (error) {
      if (sourceError !== undefined) throw sourceError as Error;
      throw new DetectorError('checkpoint-malformed', `${name}: the deflated bytes are damaged`, {
        cause: error,
      });
    }
  }

  async function read(byteLength: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(byteLength);
    let filled = 0;
    while (filled < byteLength) {
      signal?.throwIfAborted();
      if (pending.byteLength === 0) {
        const chunk = await next(signal);
        if (chunk === undefined) {
          throw new DetectorError(
            'checkpoint-malformed',
            `${name}: expected ${declaredByteLength} bytes after inflating, the stream ended before`,
          );
        }
        pending = new Uint8Array(chunk);
      }
      const part = pending.subarray(0, byteLength - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      pending = pending.subarray(part.byteLength);
    }
    return bytes;
  }

  return {
    read,
    expectEnd: async () => {
      if (pending.byteLength > 0 || (await next()) !== undefined) {
        throw new DetectorError(
          'checkpoint-malformed',
          `${name}: expected ${declaredByteLength} bytes after inflating, found more`,
        );
      }
    },
    close: async () => {
      // A stream that failed rejects its cancel with the error that was thrown already.
      await reader?.cancel().catch(() => undefined);
    },
  };
}
