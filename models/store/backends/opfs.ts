import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ShardWriter } from '../../onnx/external-data.ts';
import type { StoreBackend, StoreFolder } from '../backend.ts';

/** Installed models lie in the origin private file system, each in a folder of its own under this one. */
const STORE_NAME = 'models';
/** No user keeps more models; other folders must not make every list slow. */
const MAX_LISTED_FOLDERS = 100;

/** How long we wait for a file that another context has open: an ended Worker closes it a moment later. */
const LOCKED_MILLISECONDS = 5000;
const LOCKED_POLL_MILLISECONDS = 100;

/**
 * A file handle's method that exists only in Workers, and is missing in the DOM's types.
 * (https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle)
 */
type SyncAccess = {
  readonly write: (bytes: Uint8Array, options: { readonly at: number }) => number;
  readonly truncate: (byteLength: number) => void;
  readonly flush: () => void;
  readonly close: () => void;
};
type WorkerFileHandle = FileSystemFileHandle & { readonly createSyncAccessHandle: () => Promise<SyncAccess> };

/** The folder of all models in the origin private file system, made where it is not there yet. */
export const OPFS_BACKEND: StoreBackend = {
  openFolder: async (name) => asFolder(await (await openStore()).getDirectoryHandle(name, { create: true })),
  listFolders: async () => {
    const folders: StoreFolder[] = [];
    for await (const handle of (await openStore()).values()) {
      if (folders.length >= MAX_LISTED_FOLDERS) break;
      if (handle.kind === 'directory') folders.push(asFolder(handle));
    }
    return folders;
  },
  removeFolder: async (name) => removeIfThere(await openStore(), name),
  assertRoom: async (byteLength) => {
    const free = await readFreeByteLength();
    if (free !== null && byteLength > free) {
      throw storageFull(`${megabytes(byteLength)} are needed, ${megabytes(free)} are free`);
    }
  },
};

/** The folder of the origin itself. */
export async function openOriginFolder(): Promise<StoreFolder> {
  return asFolder(await navigator.storage.getDirectory());
}

async function openStore(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(STORE_NAME, { create: true });
}

function asFolder(directory: FileSystemDirectoryHandle): StoreFolder {
  return {
    name: directory.name,
    openFile: (path) => openFileWriter(directory, path),
    read: async (path) => {
      try {
        return await (await directory.getFileHandle(path)).getFile();
      } catch (error) {
        ignoreMissing(error);
        return null;
      }
    },
    replace: (path, text) => replaceFile(directory, path, text),
    remove: (path) => removeIfThere(directory, path),
    measure: async () => {
      let byteLength = 0;
      for await (const handle of directory.values()) {
        if (handle.kind === 'file') byteLength += (await handle.getFile()).size;
      }
      return byteLength;
    },
  };
}

/** Works only in a Worker, since there are no synchronous access handles anywhere else. */
async function openFileWriter(directory: FileSystemDirectoryHandle, path: string): Promise<ShardWriter> {
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
        // One write call may take fewer bytes than it was given. If it takes none, there is no room.
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

async function replaceFile(directory: FileSystemDirectoryHandle, path: string, text: string): Promise<void> {
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

async function removeIfThere(directory: FileSystemDirectoryHandle, path: string): Promise<void> {
  await directory.removeEntry(path, { recursive: true }).catch(ignoreMissing);
}

/** Bytes that the browser would still store; null where the browser does not say it. */
export async function readFreeByteLength(): Promise<number | null> {
  const { quota, usage = 0 } = await navigator.storage.estimate();
  return quota === undefined ? null : Math.max(0, quota - usage);
}

/** Rethrows every error but "not found". */
function ignoreMissing(error: unknown): void {
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
