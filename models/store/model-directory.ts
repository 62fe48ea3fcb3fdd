import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import type { Detector } from '../detectors/detector.ts';
import { MODEL_DESCRIPTION_NAME, parseModelDescription } from '../detectors/model-description.ts';
import type { ModelDescription, ModelFile } from '../detectors/model-description.ts';
import { infoOf, REGISTRY } from '../detectors/registry.ts';
import type { ModelFiles } from '../runtime/session.ts';
import { readSelfTests } from './device-checks.ts';
import { modelIdOf } from './model-id.ts';
import { readFileCheck } from './file-check.ts';
import type { FileCheck } from './file-check.ts';
import { listFolders, readSmallFile, removeIfThere, replaceSmallFile } from './backends/opfs.ts';
import { titleOf } from '../../utils/domain/model.ts';
import type { InstalledModel, ModelProvenance, SelfTest } from '../../utils/domain/model.ts';

/**
 * Installed models lie in the origin private file system, each in a folder of its own under `models/`: the graph, the
 * shards, and `model.json`, which is written last and removed first. A folder without it is no model.
 */
const STORE_NAME = 'models';
/** `model.json` of a model that was deleted and can still be brought back. */
const ASIDE_NAME = 'deleted.json';
/** A description has a line for each shard of 16 MiB; a file much longer is none of ours. */
export const MAX_DESCRIPTION_BYTE_LENGTH = 2 ** 20;
/** Nobody keeps more; what else lies there must not make every look at the list slow. */
export const MAX_LISTED_FOLDERS = 100;

/** A model on the disk: what it is, and the folder that holds it. */
export type StoredModel = {
  readonly installed: InstalledModel;
  readonly description: ModelDescription;
  readonly directory: FileSystemDirectoryHandle;
};

/** A model as ONNX Runtime takes it, with the detector that it is of. */
export type OpenedModel = {
  readonly detector: Detector;
  readonly description: ModelDescription;
  readonly files: ModelFiles;
};

/** The folder of all models, made where it is not there yet. */
export async function openStoreDirectory(
  root: FileSystemDirectoryHandle | null = null,
): Promise<FileSystemDirectoryHandle> {
  const parent = root ?? (await navigator.storage.getDirectory());
  return await parent.getDirectoryHandle(STORE_NAME, { create: true });
}

/**
 * The installed models, latest first. Folders that hold no model of this version are left out; a model whose files are
 * not all there, or were found damaged, is `invalid`.
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
  const selfTests = await readSelfTests();
  const models: StoredModel[] = [];
  for (const directory of await listFolders(store, MAX_LISTED_FOLDERS)) {
    const model = await readStoredModel(directory, selfTests);
    if (model !== null) models.push(model);
  }
  return models.toSorted((a, b) => b.installed.installedAt - a.installed.installedAt);
}

/** @throws DetectorError `model-invalid` where it is not installed */
export async function findStoredModel(
  modelId: string,
  root: FileSystemDirectoryHandle | null = null,
): Promise<StoredModel> {
  const found = (await listStoredModels(root)).find(({ installed }) => installed.modelId === modelId);
  if (found === undefined) throw new DetectorError('model-invalid', `${modelId} is not installed`);
  return found;
}

/**
 * A model as ONNX Runtime takes it: the graph's bytes, and the shards as files that are read when a session is made.
 * @throws DetectorError `model-invalid` when it is not installed, was found damaged, or a file is missing or has another
 *   length
 */
export async function openModel(
  modelId: string,
  root: FileSystemDirectoryHandle | null = null,
): Promise<OpenedModel> {
  const { description, directory, installed } = await findStoredModel(modelId, root);
  if (installed.problem !== null) {
    throw new DetectorError('model-invalid', `${modelId}: ${installed.problem}`);
  }
  const graph = await openModelFile(directory, description.graph);
  const externalData: { path: string; data: File }[] = [];
  for (const shard of description.shards) {
    externalData.push({ path: shard.path, data: await openModelFile(directory, shard) });
  }
  return {
    detector: REGISTRY.get(description.detector),
    description,
    files: { graph: new Uint8Array(await graph.arrayBuffer()), externalData },
  };
}

/**
 * Deletes a model for everybody, but leaves its files until {@link purgeDeletedModels}, the next installation included.
 * Nothing happens where it is not installed.
 */
export async function setModelAside(
  modelId: string,
  root: FileSystemDirectoryHandle | null = null,
): Promise<void> {
  for (const { installed, directory } of await listStoredModels(root)) {
    if (installed.modelId === modelId) await renameText(directory, MODEL_DESCRIPTION_NAME, ASIDE_NAME);
  }
}

/** Brings back what was set aside. Nothing happens where it is gone. */
export async function restoreModel(
  modelId: string,
  root: FileSystemDirectoryHandle | null = null,
): Promise<void> {
  for (const directory of await listFolders(await openStoreDirectory(root), MAX_LISTED_FOLDERS)) {
    const description = await readDescription(directory, ASIDE_NAME);
    if (description !== null && (await modelIdOf(description.description)) === modelId) {
      await renameText(directory, ASIDE_NAME, MODEL_DESCRIPTION_NAME);
    }
  }
}

/** Gives back the room of the models that were set aside. */
export async function purgeDeletedModels(root: FileSystemDirectoryHandle | null = null): Promise<void> {
  const store = await openStoreDirectory(root);
  for (const directory of await listFolders(store, MAX_LISTED_FOLDERS)) {
    // One that was just brought back has both for a moment.
    if ((await isSetAside(directory)) && (await readStoredModel(directory)) === null) {
      await removeModelFolder(store, directory.name);
    }
  }
}

/** Whether the folder holds a model that was deleted and can be brought back. */
export async function isSetAside(directory: FileSystemDirectoryHandle): Promise<boolean> {
  return (await readSmallFile(directory, ASIDE_NAME, MAX_DESCRIPTION_BYTE_LENGTH)) !== null;
}

/** First what makes it a model: an interrupted removal leaves no half model in the list. */
export async function removeModelFolder(store: FileSystemDirectoryHandle, name: string): Promise<void> {
  const directory = await store.getDirectoryHandle(name);
  await removeIfThere(directory, MODEL_DESCRIPTION_NAME);
  await store.removeEntry(name, { recursive: true });
}

/** Of one folder, or null where it holds no model of this version. */
export async function readStoredModel(
  directory: FileSystemDirectoryHandle,
  selfTests: ReadonlyMap<string, SelfTest> = new Map(),
): Promise<StoredModel | null> {
  const found = await readDescription(directory, MODEL_DESCRIPTION_NAME);
  if (found === null) return null;
  const { description, lastModified } = found;
  const check = await readFileCheck(directory);
  const problem = check?.problem ?? (await findMissingFile(directory, description));
  const modelId = await modelIdOf(description);
  const installed = describeInstalled(description, {
    modelId,
    installedAt: lastModified,
    problem,
    check,
    selfTest: selfTests.get(modelId) ?? null,
  });
  return { installed, description, directory };
}

function describeInstalled(
  description: ModelDescription,
  facts: {
    readonly modelId: string;
    /** Milliseconds since the epoch. */
    readonly installedAt: number;
    readonly problem: string | null;
    readonly check: FileCheck | null;
    readonly selfTest: SelfTest | null;
  },
): InstalledModel {
  const { network, dtype, device, source, isDemo = false } = description;
  const { modelId, installedAt, problem, check, selfTest } = facts;
  const detector = infoOf(REGISTRY.get(description.detector));
  return {
    modelId,
    detectorId: detector.id,
    detector,
    networks: [network],
    title: titleOf(detector, [network]),
    dtype,
    device,
    isDemo,
    provenance: provenanceOf(description),
    sourceName: source.name,
    sourceByteLength: source.byteLength,
    sourceSha256: source.sha256,
    sourceRevision: source.download?.revision ?? null,
    installedAt,
    byteLength: filesOf(description).reduce((sum, file) => sum + file.byteLength, 0),
    state: problem === null ? 'ready' : 'invalid',
    problem,
    verifiedAt: check !== null && check.problem === null ? check.checkedAt : null,
    selfTest,
  };
}

/** Every file of a model but its description. */
export function filesOf({ graph, shards }: Pick<ModelDescription, 'graph' | 'shards'>): readonly ModelFile[] {
  return [graph, ...shards];
}

/** Only the registry's addresses are ever downloaded from; a file is known by the checksum that was computed of it here. */
function provenanceOf({ source }: ModelDescription): ModelProvenance {
  if (source.download !== undefined) return 'published-download';
  if (source.sha256 === null) return 'converted-folder';
  return REGISTRY.findPublished(source.sha256) === null ? 'other-file' : 'published-file';
}

async function readDescription(
  directory: FileSystemDirectoryHandle,
  path: string,
): Promise<{ readonly description: ModelDescription; readonly lastModified: number } | null> {
  try {
    const file = await readSmallFile(directory, path, MAX_DESCRIPTION_BYTE_LENGTH);
    if (file === null) return null;
    return { description: parseModelDescription(file.text, REGISTRY), lastModified: file.lastModified };
  } catch (error) {
    // Made by another version: it has to be converted again, and the list says that there is no model.
    if (isDetectorError(error, 'model-invalid')) return null;
    throw error;
  }
}

async function findMissingFile(
  directory: FileSystemDirectoryHandle,
  description: ModelDescription,
): Promise<string | null> {
  try {
    for (const file of filesOf(description)) await openModelFile(directory, file);
    return null;
  } catch (error) {
    if (isDetectorError(error, 'model-invalid')) return error.message;
    throw error;
  }
}

/** @throws DetectorError `model-invalid` where it is missing or has another length */
export async function openModelFile(
  directory: FileSystemDirectoryHandle,
  { path, byteLength }: { readonly path: string; readonly byteLength: number },
): Promise<File> {
  let file: File;
  try {
    file = await (await directory.getFileHandle(path)).getFile();
  } catch (cause) {
    throw new DetectorError('model-invalid', `${path} is missing`, { cause });
  }
  if (file.size !== byteLength) {
    throw new DetectorError(
      'model-invalid',
      `${path} has ${String(file.size)} bytes, expected ${String(byteLength)}`,
    );
  }
  return file;
}

/** The new name first: the text is never nowhere. */
async function renameText(directory: FileSystemDirectoryHandle, from: string, to: string): Promise<void> {
  const file = await readSmallFile(directory, from, MAX_DESCRIPTION_BYTE_LENGTH);
  if (file === null) return;
  await replaceSmallFile(directory, to, file.text);
  await removeIfThere(directory, from);
}
