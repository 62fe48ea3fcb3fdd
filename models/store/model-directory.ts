import { DetectorError } from '../../utils/errors.ts';
import type { InstalledModel } from '../../utils/protocol.ts';
import { MODEL_DESCRIPTION_NAME, parseModelDescription } from '../genconvit/model-description.ts';
import type { ModelDescription } from '../genconvit/model-description.ts';
import type { ModelFiles } from '../runtime/session.ts';
import { modelIdOf } from './model-id.ts';

/**
 * Installed models lie in the origin private file system, each in a folder of its own under `models/`: the graph, the
 * shards, and `model.json`, which is written last and removed first. A folder without it is no model.
 */
const STORE_NAME = 'models';
/** A description has a line for each shard of 64 MiB; a file much longer is none of ours. */
const MAX_DESCRIPTION_BYTE_LENGTH = 2 ** 20;
/** Nobody keeps more; what else lies there must not make every look at the list slow. */
const MAX_LISTED_FOLDERS = 100;

/** A model on the disk: what it is, and the folder that holds it. */
export type StoredModel = {
  readonly installed: InstalledModel;
  readonly description: ModelDescription;
  readonly directory: FileSystemDirectoryHandle;
};

/** The folder of all models, made where it is not there yet. */
export async function openStoreDirectory(
  root: FileSystemDirectoryHandle | null = null,
): Promise<FileSystemDirectoryHandle> {
  const parent = root ?? (await navigator.storage.getDirectory());
  return await parent.getDirectoryHandle(STORE_NAME, { create: true });
}

/**
 * The installed models, latest first. Folders that hold no complete model of this version are left out.
 * @param root the origin private file system unless a test gives another folder
 */
export async function listModels(
  root: FileSystemDirectoryHandle | null = null,
): Promise<readonly InstalledModel[]> {
  return (await listStoredModels(root)).map(({ installed }) => installed);
}

export async function listStoredModels(
  root: FileSystemDirectoryHandle | null = null,
): Promise<readonly StoredModel[]> {
  const store = await openStoreDirectory(root);
  const models: StoredModel[] = [];
  let folderCount = 0;
  for await (const handle of store.values()) {
    if (++folderCount > MAX_LISTED_FOLDERS) break;
    if (!isDirectory(handle)) continue;
    const model = await readStoredModel(handle);
    if (model !== null) models.push(model);
  }
  return models.toSorted((a, b) => b.installed.installedAt - a.installed.installedAt);
}

/**
 * A model as ONNX Runtime takes it: the graph's bytes, and the shards as files that are read when a session is made.
 * @throws DetectorError `model-invalid` when it is not installed, or a file is missing or has another length
 */
export async function openModel(
  modelId: string,
  root: FileSystemDirectoryHandle | null = null,
): Promise<{ readonly description: ModelDescription; readonly files: ModelFiles }> {
  const model = (await listStoredModels(root)).find(({ installed }) => installed.modelId === modelId);
  if (model === undefined) throw new DetectorError('model-invalid', `${modelId} is not installed`);
  const { description, directory } = model;
  const graph = await openChecked(modelId, directory, description.graph);
  const externalData: { path: string; data: File }[] = [];
  for (const shard of description.shards) {
    externalData.push({ path: shard.path, data: await openChecked(modelId, directory, shard) });
  }
  return { description, files: { graph: new Uint8Array(await graph.arrayBuffer()), externalData } };
}

/** Removes a model. Nothing happens where it is not installed. */
export async function deleteModel(
  modelId: string,
  root: FileSystemDirectoryHandle | null = null,
): Promise<void> {
  const store = await openStoreDirectory(root);
  for (const { installed, directory } of await listStoredModels(root)) {
    if (installed.modelId === modelId) await removeModelFolder(store, directory.name);
  }
}

/** First what makes it a model: an interrupted removal leaves no half model in the list. */
export async function removeModelFolder(store: FileSystemDirectoryHandle, name: string): Promise<void> {
  const directory = await store.getDirectoryHandle(name);
  await directory.removeEntry(MODEL_DESCRIPTION_NAME).catch(ignoreMissing);
  await store.removeEntry(name, { recursive: true });
}

/** Of one folder, or null where it holds no complete model of this version. */
export async function readStoredModel(directory: FileSystemDirectoryHandle): Promise<StoredModel | null> {
  let file: File;
  try {
    file = await (await directory.getFileHandle(MODEL_DESCRIPTION_NAME)).getFile();
  } catch (error) {
    ignoreMissing(error);
    return null;
  }
  if (file.size > MAX_DESCRIPTION_BYTE_LENGTH) return null;
  let description: ModelDescription;
  try {
    description = parseModelDescription(await file.text());
  } catch (error) {
    // Made by another version: it has to be converted again, and the list says that there is no model.
    if (error instanceof DetectorError) return null;
    throw error;
  }
  return { installed: await describeInstalled(description, file.lastModified), description, directory };
}

/** @param installedAt milliseconds since the epoch */
export async function describeInstalled(
  description: ModelDescription,
  installedAt: number,
): Promise<InstalledModel> {
  const { network, dtype, device, source, graph, shards, isDemo = false } = description;
  return {
    modelId: await modelIdOf(description),
    networks: [network],
    dtype,
    device,
    isDemo,
    sourceName: source.name,
    sourceByteLength: source.byteLength,
    sourceSha256: source.sha256,
    installedAt,
    byteLength: [graph, ...shards].reduce((sum, file) => sum + file.byteLength, 0),
  };
}

async function openChecked(
  modelId: string,
  directory: FileSystemDirectoryHandle,
  { path, byteLength }: { readonly path: string; readonly byteLength: number },
): Promise<File> {
  let file: File;
  try {
    file = await (await directory.getFileHandle(path)).getFile();
  } catch (cause) {
    throw new DetectorError('model-invalid', `${modelId}: ${path} is missing`, { cause });
  }
  if (file.size !== byteLength) {
    throw new DetectorError(
      'model-invalid',
      `${modelId}: ${path} has ${String(file.size)} bytes, expected ${String(byteLength)}`,
    );
  }
  return file;
}

function isDirectory(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === 'directory';
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
}
