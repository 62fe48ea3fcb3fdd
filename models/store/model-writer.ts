import { DetectorError } from '../../utils/errors.ts';
import type { InstalledModel } from '../../utils/protocol.ts';
import { formatModelDescription, MODEL_DESCRIPTION_NAME } from '../genconvit/model-description.ts';
import type { ModelDescription } from '../genconvit/model-description.ts';
import type { ShardWriter } from '../onnx/external-data.ts';
import {
  describeInstalled,
  listStoredModels,
  openStoreDirectory,
  readStoredModel,
  removeModelFolder,
} from './model-directory.ts';

/** A model's folder while it is written. Whatever was installed before stays whole until `commit` has succeeded. */
export type OpfsModelWriter = {
  readonly openFile: (path: string, byteLength: number) => Promise<ShardWriter>;
  /** Writes `model.json`, which makes the folder a model, and removes an older copy of the same model. */
  readonly commit: (description: ModelDescription) => Promise<InstalledModel>;
  /** Removes what was written. Nothing happens after `commit`. */
  readonly discard: () => Promise<void>;
};

/**
 * What a file handle has in a Worker and nowhere else, of which the DOM's types know nothing.
 * (https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle)
 */
type WorkerFileHandle = FileSystemFileHandle & {
  readonly createSyncAccessHandle: () => Promise<{
    readonly write: (bytes: Uint8Array, options: { readonly at: number }) => number;
    readonly flush: () => void;
    readonly close: () => void;
  }>;
};

/**
 * A writer into the origin private file system. Only in a Worker: synchronous access handles exist nowhere else.
 * @throws DetectorError `storage-full`, also from writing
 */
export async function createOpfsModelWriter(
  root: FileSystemDirectoryHandle | null = null,
): Promise<OpfsModelWriter> {
  const store = await openStoreDirectory(root);
  const folderName = crypto.randomUUID();
  const directory = await store.getDirectoryHandle(folderName, { create: true });
  let isCommitted = false;

  async function openFile(path: string): Promise<ShardWriter> {
    const handle = (await directory.getFileHandle(path, { create: true })) as WorkerFileHandle;
    const access = await handle.createSyncAccessHandle();
    let end = 0;
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
          access.flush();
          access.close();
        }),
      abort: () => {
        access.close();
        return Promise.resolve();
      },
    };
  }

  return {
    openFile: async (path, byteLength) => {
      await assertRoom(byteLength);
      return await openFile(path);
    },
    commit: async (description) => {
      const writer = await openFile(MODEL_DESCRIPTION_NAME);
      try {
        await writer.write(new TextEncoder().encode(formatModelDescription(description)));
      } finally {
        await writer.close();
      }
      isCommitted = true;
      const { modelId } = await describeInstalled(description, 0);
      for (const older of await listStoredModels(root)) {
        if (older.installed.modelId !== modelId || older.directory.name === folderName) continue;
        await removeModelFolder(store, older.directory.name);
      }
      const stored = await readStoredModel(directory);
      if (stored === null) {
        throw new DetectorError('internal', `${modelId} was written and can't be read back`);
      }
      return stored.installed;
    },
    discard: async () => {
      if (!isCommitted) await removeModelFolder(store, folderName);
    },
  };
}

/**
 * Removes the folders that hold no model: what an interrupted installation or removal left. The caller must hold the
 * installation's lock, so that none of them is being written.
 */
export async function removeLeftovers(root: FileSystemDirectoryHandle | null = null): Promise<void> {
  const store = await openStoreDirectory(root);
  const leftovers: string[] = [];
  for await (const handle of store.values()) {
    if (handle.kind !== 'directory') continue;
    if ((await readStoredModel(await store.getDirectoryHandle(handle.name))) === null) {
      leftovers.push(handle.name);
    }
  }
  for (const name of leftovers) await removeModelFolder(store, name);
}

/**
 * Checks that the browser would let this much more be written.
 * @throws DetectorError `storage-full` that says how much there is
 */
export async function assertRoom(byteLength: number): Promise<void> {
  const { quota, usage = 0 } = await navigator.storage.estimate();
  if (quota === undefined) return;
  const freeByteLength = Math.max(0, quota - usage);
  if (byteLength > freeByteLength) {
    throw storageFull(`${megabytes(byteLength)} are needed, ${megabytes(freeByteLength)} are free`);
  }
}

async function refuseFullDisk(work: () => void): Promise<void> {
  try {
    work();
    await Promise.resolve();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') {
      throw storageFull('the browser refused to store more', error);
    }
    throw error;
  }
}

function storageFull(detail: string, cause?: unknown): DetectorError {
  return new DetectorError('storage-full', `There is not enough room for the model: ${detail}`, { cause });
}

function megabytes(byteLength: number): string {
  return `${String(Math.ceil(byteLength / 1e6))} MB`;
}
