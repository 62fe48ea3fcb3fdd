import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** A {@link ByteSource} on bytes that are in memory already. Reads are copies. */
export function createBytesSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    byteLength: bytes.byteLength,
    read: (offset, byteLength, signal) => {
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      if (offset + byteLength > bytes.byteLength) {
        return Promise.reject(
          new DetectorError(
            'source-failed',
            `${name}: bytes ${offset} to ${offset + byteLength} of ${bytes.byteLength}`,
          ),
        );
      }
      return Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + byteLength)));
    },
  };
}
