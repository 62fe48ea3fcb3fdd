import { DetectorError } from '../../utils/domain/errors.ts';
import { formatModelDescription, MODEL_DESCRIPTION_NAME } from '../detectors/model-description.ts';
import type { ModelDescription } from '../detectors/model-description.ts';
import type { ShardWriter } from '../onnx/external-data.ts';
import {
  listStoredModels,
  openStoreDirectory,
  readStoredModel,
  removeModelFolder,
} from './model-directory.ts';
import { assertRoom, openFileWriter, replaceSmallFile } from './backends/opfs.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

/** A model's folder while it is written. Whatever was installed before stays whole until `commit` has succeeded. */
export type OpfsModelWriter = {
  readonly directory: FileSystemDirectoryHandle;
  /** @throws DetectorError `storage-full`, also from writing */
  readonly openFile: (path: string, byteLength: number) => Promise<ShardWriter>;
  /** Writes `model.json`, which makes the folder a model, and removes an older copy of the same model. */
  readonly commit: (description: ModelDescription) => Promise<InstalledModel>;
  /** Removes what was written. Nothing happens after `commit`. */
  readonly discard: () => Promise<void>;
};

/**
 * A writer into the origin private file system. Only in a Worker: synchronous access handles exist nowhere else.
 * @param folderName of a folder that an earlier writer has left; a new one otherwise
 */
export async function createOpfsModelWriter(
  root: FileSystemDirectoryHandle | null = null,
  folderName: string = crypto.randomUUID(),
): Promise<OpfsModelWriter> {
  const store = await openStoreDirectory(root);
  const directory = await store.getDirectoryHandle(folderName, { create: true });
  let isCommitted = false;

  return {
    directory,
    openFile: async (path, byteLength) => {
      await assertRoom(byteLength);
      return await openFileWriter(directory, path);
    },
    commit: async (description) => {
      await replaceSmallFile(directory, MODEL_DESCRIPTION_NAME, formatModelDescription(description));
      isCommitted = true;
      const stored = await readStoredModel(directory);
      if (stored === null) {
        throw new DetectorError('internal', `${folderName} was written and can't be read back`);
      }
      const { modelId } = stored.installed;
      for (const older of await listStoredModels(root)) {
        if (older.installed.modelId !== modelId || older.directory.name === folderName) continue;
        await removeModelFolder(store, older.directory.name);
      }
      return stored.installed;
    },
    discard: async () => {
      if (!isCommitted) await removeModelFolder(store, folderName);
    },
  };
}
