import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { ByteSource } from '../../models/checkpoint/read/byte-source.ts';

export type NodeFileSource = ByteSource & {
  /**
   * Checks that the file is the one that was opened.
   * @throws DetectorError `source-changed` where the file was written to since it was opened
   */
  readonly assertUnchanged: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * A {@link ByteSource} on a file on disk. The file stays open until `close`, so another file that takes its name
 * meanwhile is not read.
 * @throws DetectorError `source-refused` when there is no such file or it may not be read
 */
export async function createNodeFileSource(path: string): Promise<NodeFileSource> {
  const name = basename(path);
  const refuse = (error: unknown): never => {
    throw new DetectorError(
      'source-refused',
      `${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  };
  // This is tested before the file is opened: opening a pipe waits until another process writes to it.
  const found = await stat(path).catch(refuse);
  if (!found.isFile()) throw new DetectorError('source-refused', `${path} is no file`);
  const handle = await open(path, 'r').catch(refuse);
  // The times of the opened file, in nanoseconds. Its name may belong to another file since then.
  const opened = await handle.stat({ bigint: true });
  const fileByteLength = Number(opened.size);
  return {
    name,
    byteLength: fileByteLength,
    read: async (offset, byteLength, signal) => {
      signal?.throwIfAborted();
      // The buffer is not from Buffer's pool: its bytes belong to the caller and begin at an aligned address.
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
    assertUnchanged: async () => {
      const now = await handle.stat({ bigint: true });
      const isSame =
        now.size === opened.size && now.mtimeNs === opened.mtimeNs && now.ctimeNs === opened.ctimeNs;
      if (!isSame) {
        throw new DetectorError('source-changed', `${name}: the file was changed while it was read`);
      }
    },
    close: async () => {
      await handle.close();
    },
  };
}
