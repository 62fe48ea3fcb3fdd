import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** A {@link ByteSource} on a Blob or File; only the ranges that are asked for are read from the disk. */
export function createBlobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    byteLength: blob.size,
    read: async (offset, byteLength, signal) => {
      signal?.throwIfAborted();
      let buffer: ArrayBuffer;
      try {
        buffer = await blob.slice(offset, offset + byteLength).arrayBuffer();
      } catch (error) {
        // NotReadableError: the file was changed, moved or unplugged after it was chosen.
        throw new DetectorError(
          'source-failed',
          `${name}: the browser could not read the file at ${offset}`,
          {
            cause: error,
          },
        );
      }
      signal?.throwIfAborted();
      if (buffer.byteLength !== byteLength) {
        throw new DetectorError(
          'source-failed',
          `${name}: expected ${byteLength} bytes at ${offset}, found ${buffer.byteLength}`,
        );
      }
      return new Uint8Array(buffer);
    },
  };
}
