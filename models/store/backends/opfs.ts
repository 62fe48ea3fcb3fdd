import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ShardWriter } from '../../onnx/external-data.ts';

/** How long a file that another context has open is waited for: a Worker that was ended lets go a moment later. */
const LOCKED_MILLISECONDS = 5000;
const LOCKED_POLL_MILLISECONDS = 100;

/**
 * What a file handle has in a Worker and nowhere else, of which the DOM's types know nothing.
 * (https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle)
 */
type SyncAccess = {
  readonly write: (bytes: Uint8Array, options: { readonly at: number }) => number;
  readonly truncate: (byteLength: number) => void;
  readonly flush: () => void;
  readonly close: () => void;
};
type WorkerFileHandle = FileSystemFileHandle & { readonly createSyncAccessHandle: () => Promise<SyncAccess> };

/**
 * A file that is written from its beginning, in place of one of the same name. Only in a Worker.
 * @throws DetectorError `storage-full`, also from writing
 */
export async function openFileWriter(
  directory: FileSystemDirectoryHandle,
  path: string,
): Promise<ShardWriter> {
  const handle = (await directory.getFileHandle(path, { create: true })) as WorkerFileHandle;
  const access = await openUnlocked(handle);
  let end = 0;
  try {
    access.truncate(0);
  } catch (error) {
    access.close();
    throw error;
  }
  return {
    write: (bytes) =>
      refuseFullDisk(() => {
        // One write call may take fewer bytes than it was given; none at all means that there is no room.
        for (let done = 0; done < bytes.byteLength;) {
          const writtenCount = access.write(bytes.subarray(done), { at: end });
          if (writtenCount === 0) throw storageFull(`${path} could not grow beyond ${String(end)} bytes`);
          done += writtenCount;
          end += writtenCount;
        }
      }),
    close: () =>
      refuseFullDisk(() => {
        try {
          access.flush();
        } finally {
          access.close();
        }
      }),
    abort: () => {
      access.close();
      return Promise.resolve();
    },
  };
}

/** The text of a small file of ours; null where it is not there, or so long that it is none of ours. */
export async function readSmallFile(
  directory: FileSystemDirectoryHandle,
  path: string,
  maxByteLength: number,
): Promise<{ readonly text: string; readonly lastModified: number } | null> {
  let file: File;
  try {
    file = await (await directory.getFileHandle(path)).getFile();
  } catch (error) {
    ignoreMissing(error);
    return null;
  }
  if (file.size > maxByteLength) return null;
  return { text: await file.text(), lastModified: file.lastModified };
}

/** Writes a small file as a whole: until its end the old one stands, and after it the new one. */
export async function replaceSmallFile(
  directory: FileSystemDirectoryHandle,
  path: string,
  text: string,
): Promise<void> {
  try {
    const writable = await (await directory.getFileHandle(path, { create: true })).createWritable();
    try {
      await writable.write(text);
      await writable.close();
    } catch (error) {
      await writable.abort().catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw asStorageFull(error);
  }
}

/** The fields of a JSON text of ours; null for anything else, which a broken disk or another version has left. */
export function parseFields(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Removes one entry with all below it. Nothing happens where it is not there. */
export async function removeIfThere(directory: FileSystemDirectoryHandle, path: string): Promise<void> {
  await directory.removeEntry(path, { recursive: true }).catch(ignoreMissing);
}

/** The folders of a folder, at most so many: what else may lie there must not make every look slow. */
export async function listFolders(
  directory: FileSystemDirectoryHandle,
  maxCount: number,
): Promise<readonly FileSystemDirectoryHandle[]> {
  const folders: FileSystemDirectoryHandle[] = [];
  for await (const handle of directory.values()) {
    if (folders.length >= maxCount) break;
    if (handle.kind === 'directory') folders.push(handle);
  }
  return folders;
}

/** Bytes of the files of a folder, which has no folders below it. */
export async function measureFolder(directory: FileSystemDirectoryHandle): Promise<number> {
  let byteLength = 0;
  for await (const handle of directory.values()) {
    if (handle.kind === 'file') byteLength += (await handle.getFile()).size;
  }
  return byteLength;
}

/**
 * Checks that the browser would let this much more be written.
 * @throws DetectorError `storage-full` that says how much there is
 */
export async function assertRoom(byteLength: number): Promise<void> {
  const free = await readFreeByteLength();
  if (free !== null && byteLength > free) {
    throw storageFull(`${megabytes(byteLength)} are needed, ${megabytes(free)} are free`);
  }
}

/** What the browser says could still be written; null where it says nothing. */
export async function readFreeByteLength(): Promise<number | null> {
  const { quota, usage = 0 } = await navigator.storage.estimate();
  return quota === undefined ? null : Math.max(0, quota - usage);
}

/** Rethrows everything but "not found". */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
}

async function openUnlocked(handle: WorkerFileHandle): Promise<SyncAccess> {
  for (let waited = 0; ; waited += LOCKED_POLL_MILLISECONDS) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      const isLocked = error instanceof DOMException && error.name === 'NoModificationAllowedError';
      if (!isLocked || waited >= LOCKED_MILLISECONDS) throw asStorageFull(error);
      await new Promise((elapsed) => setTimeout(elapsed, LOCKED_POLL_MILLISECONDS));
    }
  }
}

async function refuseFullDisk(work: () => void): Promise<void> {
  try {
    work();
    await Promise.resolve();
  } catch (error) {
    throw asStorageFull(error);
  }
}

function asStorageFull(error: unknown): unknown {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
    ? storageFull('the browser refused to store more', error)
    : error;
}

function storageFull(detail: string, cause?: unknown): DetectorError {
  return new DetectorError('storage-full', `There is not enough room for the model: ${detail}`, { cause });
}

function megabytes(byteLength: number): string {
  return `${String(Math.ceil(byteLength / 1e6))} MB`;
}
