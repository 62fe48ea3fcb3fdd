import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { ByteSource } from '../../models/checkpoint/read/byte-source.ts';

/**
 * A {@link ByteSource} on a file on disk. The file stays open until `close`.
 * @throws DetectorError `source-refused` when there is no such file or it may not be read
 */
export async function createNodeFileSource(
  path: string,
): Promise<ByteSource & { readonly close: () => Promise<void> }> {
  const name = basename(path);
  const refuse = (error: unknown): never => {
    throw new DetectorError(
      'source-refused',
      `${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  };
  // Before it is opened: opening a pipe waits until somebody writes to it.
  const found = await stat(path).catch(refuse);
  const fileByteLength = found.size;
  if (!found.isFile()) throw new DetectorError('source-refused', `${path} is no file`);
  const handle = await open(path, 'r').catch(refuse);
  return {
    name,
    byteLength: fileByteLength,
    read: async (offset, byteLength, signal) => {
      signal?.throwIfAborted();
      // Not from Buffer's pool: the bytes belong to the caller and begin at an aligned address.
      const bytes = new Uint8Array(byteLength);
      let filled = 0;
      while (filled < byteLength) {
        const { bytesRead } = await handle
          .read(bytes, filled, byteLength - filled, offset + filled)
          .catch((error: unknown) => {
            throw new DetectorError('source-failed', `${name}: the file could not be read at ${offset}`, {
              cause: error,
            });
          });
        if (bytesRead === 0) {
          throw new DetectorError(
            'source-failed',
            `${name}: expected ${byteLength} bytes at ${offset}, the file ended after ${filled}`,
          );
        }
        filled += bytesRead;
        signal?.throwIfAborted();
      }
      return bytes;
    },
    close: async () => {
      await handle.close();
    },
  };
}
