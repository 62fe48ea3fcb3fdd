import { createSHA256 } from 'hash-wasm';
import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import { isPublished, titleOf } from '../../utils/domain/model.ts';
import type { InstalledModel, ModelProvenance, SelfTest } from '../../utils/domain/model.ts';
import { sha256Of } from '../../utils/domain/sha256.ts';
import { createBlobSource } from '../checkpoint/read/blob-source.ts';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { READ_BLOCK_BYTES } from '../checkpoint/read/limits.ts';
import type { Detector } from '../detectors/detector.ts';
import {
  formatModelDescription,
  MODEL_DESCRIPTION_NAME,
  parseModelDescription,
} from '../detectors/model-description.ts';
import type { ModelDescription, ModelFile } from '../detectors/model-description.ts';
import { infoOf } from '../detectors/registry.ts';
import type { DetectorRegistry } from '../detectors/registry.ts';
import type { ShardWriter } from '../onnx/external-data.ts';
import type { ModelFiles } from '../runtime/session.ts';
import { parseFields, readSmallFile } from './backend.ts';
import type { StoreBackend, StoreFolder } from './backend.ts';

/**
 * Installed models, each in a folder of its own: the graph, the shards, and `model.json`, which is written last and
 * removed first. A folder without it is no model.
 */
export type ModelStore = {
  readonly backend: StoreBackend;
  /** The detectors whose models the store can hold. */
  readonly registry: DetectorRegistry;
  /** The latest self-test of each model, by id. */
  readonly readSelfTests: () => Promise<ReadonlyMap<string, SelfTest>>;
};

/** One installation at a time in all contexts of the extension: two would take each other's files for leftovers. */
export const INSTALL_LOCK = 'install-model';
/** Names of a model's own files, as the conversion gives them. */
export const OWN_NAME = /^model\.(onnx|data\d{1,4})$/;
/** `model.json` of a model that was deleted and can still be brought back. */
const ASIDE_NAME = 'deleted.json';
/** A description has a line for each shard of 16 MiB. A much longer file is not one that this project writes. */
export const MAX_DESCRIPTION_BYTE_LENGTH = 2 ** 20;
/** The result of the last check of a model's checksums, beside the model's own files. */
const CHECK_NAME = 'check.json';
const MAX_CHECK_BYTE_LENGTH = 2 ** 16;

type FileCheck = {
  /** Milliseconds since the epoch. */
  readonly checkedAt: number;
  /** The damage that was found; null if every file is as it was written. */
  readonly problem: string | null;
};

/** A model on the disk, with its folder. */
export type StoredModel = {
  readonly installed: InstalledModel;
  readonly description: ModelDescription;
  readonly folder: StoreFolder;
};

/** A model as ONNX Runtime takes it, with its detector. */
export type OpenedModel = {
  readonly detector: Detector;
  /** See {@link InstalledModel}. */
  readonly isForeign?: boolean | undefined;
  readonly description: ModelDescription;
  readonly files: ModelFiles;
};

/**
 * The installed models, latest first. Folders that hold no model of this version are left out; a model whose files are
 * not all there, or were found damaged, is `invalid`.
 */
export async function listModels(store: ModelStore): Promise<readonly InstalledModel[]> {
  return (await listStoredModels(store)).map(({ installed }) => installed);
}

async function listStoredModels(store: ModelStore): Promise<readonly StoredModel[]> {
  const selfTests = await store.readSelfTests();
  const models: StoredModel[] = [];
  for (const folder of await store.backend.listFolders()) {
    const model = await readStoredModel(store, folder, selfTests);
    if (model !== null) models.push(model);
  }
  return models.toSorted((a, b) => b.installed.installedAt - a.installed.installedAt);
}

async function findStoredModel(store: ModelStore, modelId: string): Promise<StoredModel> {
  const found = (await listStoredModels(store)).find(({ installed }) => installed.modelId === modelId);
  if (found === undefined) throw new DetectorError('model-invalid', `${modelId} is not installed`);
  return found;
}

/**
 * A model as ONNX Runtime takes it: the graph's bytes, and the shards as files that are read when a session is made.
 * @throws DetectorError `model-invalid` when it is not installed, was found damaged, or a file is missing or has another
 *   length
 */
export async function openModel(store: ModelStore, modelId: string): Promise<OpenedModel> {
  const { description, folder, installed } = await findStoredModel(store, modelId);
  if (installed.problem !== null) {
    throw new DetectorError('model-invalid', `${modelId}: ${installed.problem}`);
  }
  const graph = await openModelFile(folder, description.graph);
  const externalData: { path: string; data: File }[] = [];
  for (const shard of description.shards) {
    externalData.push({ path: shard.path, data: await openModelFile(folder, shard) });
  }
  return {
    detector: store.registry.get(description.detector),
    isForeign: installed.isForeign,
    description,
    files: { graph: new Uint8Array(await graph.arrayBuffer()), externalData },
  };
}

export type ModelWriter = Awaited<ReturnType<typeof createModelWriter>>;

/**
 * A model's folder while it is written. A model that was installed before stays whole until `commit` has succeeded.
 * @param folderName of a folder that an earlier writer has left; a new one otherwise
 */
export async function createModelWriter(store: ModelStore, folderName: string = crypto.randomUUID()) {
  const { backend } = store;
  const folder = await backend.openFolder(folderName);
  let isCommitted = false;
  return {
    folder,
    /** @throws DetectorError `storage-full`, also from writing */
    openFile: async (path: string, byteLength: number): Promise<ShardWriter> => {
      await backend.assertRoom(byteLength);
      return await folder.openFile(path);
    },
    /** Writes `model.json`, which makes the folder a model, and removes an older copy of the same model. */
    commit: async (description: ModelDescription): Promise<InstalledModel> => {
      await folder.replace(MODEL_DESCRIPTION_NAME, formatModelDescription(description));
      isCommitted = true;
      const stored = await readStoredModel(store, folder);
      if (stored === null) {
        throw new DetectorError('internal', `${folderName} was written and can't be read back`);
      }
      for (const older of await listStoredModels(store)) {
        const isSame = older.installed.modelId === stored.installed.modelId;
        if (isSame && older.folder.name !== folderName) await removeModelFolder(store, older.folder);
      }
      return stored.installed;
    },
    /** Removes the written files. Nothing happens after `commit`. */
    discard: async (): Promise<void> => {
      if (!isCommitted) await removeModelFolder(store, folder);
    },
  };
}

/**
 * Takes a model out of the list, but keeps its files until {@link purgeDeletedModels} or the next installation. Nothing
 * happens where it is not installed.
 */
export async function setModelAside(store: ModelStore, modelId: string): Promise<void> {
  for (const { installed, folder } of await listStoredModels(store)) {
    if (installed.modelId === modelId) await renameText(folder, MODEL_DESCRIPTION_NAME, ASIDE_NAME);
  }
}

/** Brings a model back that was set aside. Nothing happens where its files are gone. */
export async function restoreModel(store: ModelStore, modelId: string): Promise<void> {
  for (const folder of await store.backend.listFolders()) {
    const found = await readDescription(store, folder, ASIDE_NAME);
    if (found !== null && (await modelIdOf(found.description)) === modelId) {
      await renameText(folder, ASIDE_NAME, MODEL_DESCRIPTION_NAME);
    }
  }
}

/** Removes the models that were set aside. */
export async function purgeDeletedModels(store: ModelStore): Promise<void> {
  for (const folder of await store.backend.listFolders()) {
    // While a model is being restored, it has both files for a moment.
    if ((await isSetAside(folder)) && (await readStoredModel(store, folder)) === null) {
      await removeModelFolder(store, folder);
    }
  }
}

/** Whether the folder holds a model that was deleted and can be brought back. */
export async function isSetAside(folder: StoreFolder): Promise<boolean> {
  return (await readSmallFile(folder, ASIDE_NAME, MAX_DESCRIPTION_BYTE_LENGTH)) !== null;
}

/** `model.json` is removed first: an interrupted removal leaves no half model in the list. */
export async function removeModelFolder({ backend }: ModelStore, folder: StoreFolder): Promise<void> {
  await folder.remove(MODEL_DESCRIPTION_NAME);
  await backend.removeFolder(folder.name);
}

/**
 * Computes the SHA-256 of every file of an installed model and keeps the answer with it: a model that was found damaged
 * is `invalid` from then on, one that was repaired (by installing it again) or is whole after all is `ready`.
 *
 * @param onProgress bytes so far, of how many
 * @returns the model as it is afterwards
 * @throws DetectorError `model-invalid` where it is not installed; AbortError, and nothing is changed
 */
export async function verifyModel(
  store: ModelStore,
  modelId: string,
  onProgress: (doneByteLength: number, totalByteLength: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  const { description, folder, installed } = await findStoredModel(store, modelId);
  let done = 0;
  const onBytes = (byteLength: number): void => onProgress((done += byteLength), installed.byteLength);
  let problem: string | null = null;
  for (const file of filesOf(description)) problem ??= await findDamage(folder, file, onBytes, signal);
  await folder.replace(CHECK_NAME, JSON.stringify({ checkedAt: Date.now(), problem } satisfies FileCheck));
  return (await findStoredModel(store, modelId)).installed;
}

/**
 * The damage of one file; null where the file is as it was written.
 * @param onBytes called with lengths as they are read
 */
export async function findDamage(
  folder: StoreFolder,
  file: ModelFile,
  onBytes: (byteLength: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<string | null> {
  return await problemOf(async () => {
    const source = createBlobSource(await openModelFile(folder, file), file.path);
    const found = await sha256OfSource(source, ({ byteLength }) => onBytes(byteLength), signal);
    return found === file.sha256 ? null : `${file.path} is damaged: its SHA-256 is ${found}`;
  });
}

/** The result of `find`; the error's message where a file is missing or can't be read. */
async function problemOf(find: () => Promise<string | null>): Promise<string | null> {
  try {
    return await find();
  } catch (error) {
    if (isDetectorError(error, 'model-invalid') || isDetectorError(error, 'source-failed')) {
      return error.message;
    }
    throw error;
  }
}

/**
 * Lower-case hexadecimal, of a source of any size.
 * @param onBytes called with each block, in order, and waited for
 * @throws DetectorError `source-failed`; whatever `onBytes` throws; AbortError
 */
export async function sha256OfSource(
  source: ByteSource,
  onBytes: (bytes: Uint8Array) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<string> {
  const hash = await createSHA256();
  for (let offset = 0; offset < source.byteLength; offset += READ_BLOCK_BYTES) {
    const bytes = await source.read(offset, Math.min(READ_BLOCK_BYTES, source.byteLength - offset), signal);
    hash.update(bytes);
    await onBytes(bytes);
  }
  return hash.digest('hex');
}

/** null where the checksums were never checked, or the file with the result is damaged. */
async function readFileCheck(folder: StoreFolder): Promise<FileCheck | null> {
  const file = await readSmallFile(folder, CHECK_NAME, MAX_CHECK_BYTE_LENGTH);
  if (file === null) return null;
  const { checkedAt, problem } = parseFields(file.text) ?? {};
  if (typeof checkedAt !== 'number' || (problem !== null && typeof problem !== 'string')) return null;
  return { checkedAt, problem };
}

/** The model of one folder; null where it holds no model of this version. */
export async function readStoredModel(
  store: ModelStore,
  folder: StoreFolder,
  selfTests: ReadonlyMap<string, SelfTest> = new Map(),
): Promise<StoredModel | null> {
  const found = await readDescription(store, folder, MODEL_DESCRIPTION_NAME);
  if (found === null) return null;
  const { description, lastModified } = found;
  const check = await readFileCheck(folder);
  const findMissingFile = async (): Promise<null> => {
    for (const file of filesOf(description)) await openModelFile(folder, file);
    return null;
  };
  const problem = check?.problem ?? (await problemOf(findMissingFile));
  const modelId = await modelIdOf(description);
  const { network, dtype, device, source, isDemo = false } = description;
  const detector = infoOf(store.registry.get(description.detector));
  const provenance = provenanceOf(store, description);
  const installed: InstalledModel = {
    modelId,
    detectorId: detector.id,
    detector,
    networks: [network],
    title: titleOf(detector, [network]),
    dtype,
    device,
    isDemo,
    ...(!isDemo && !isPublished(provenance) && { isForeign: true }),
    provenance,
    sourceName: source.name,
    sourceByteLength: source.byteLength,
    sourceSha256: source.sha256,
    sourceRevision: source.download?.revision ?? null,
    installedAt: lastModified,
    byteLength: filesOf(description).reduce((sum, file) => sum + file.byteLength, 0),
    state: problem === null ? 'ready' : 'invalid',
    problem,
    verifiedAt: check !== null && check.problem === null ? check.checkedAt : null,
    selfTest: selfTests.get(modelId) ?? null,
  };
  return { installed, description, folder };
}

/** Every file of a model but its description. */
export function filesOf({ graph, shards }: Pick<ModelDescription, 'graph' | 'shards'>): readonly ModelFile[] {
  return [graph, ...shards];
}

/** Downloads come only from the registry's addresses. A file is recognised by the checksum that was computed here. */
function provenanceOf({ registry }: ModelStore, description: ModelDescription): ModelProvenance {
  const { source } = description;
  if (source.download !== undefined) return 'published-download';
  if (source.sha256 === null) {
    return registry.findPublishedShards(description) === null ? 'converted-folder' : 'published-folder';
  }
  return registry.findPublished(source.sha256) === null ? 'other-file' : 'published-file';
}

async function readDescription(
  { registry }: ModelStore,
  folder: StoreFolder,
  path: string,
): Promise<{ readonly description: ModelDescription; readonly lastModified: number } | null> {
  try {
    const file = await readSmallFile(folder, path, MAX_DESCRIPTION_BYTE_LENGTH);
    if (file === null) return null;
    return { description: parseModelDescription(file.text, registry), lastModified: file.lastModified };
  } catch (error) {
    // Another version made the model. It must be converted again, so the list leaves it out.
    if (isDetectorError(error, 'model-invalid')) return null;
    throw error;
  }
}

/** @throws DetectorError `model-invalid` where it is missing or has another length */
export async function openModelFile(
  folder: Pick<StoreFolder, 'read'>,
  { path, byteLength }: Pick<ModelFile, 'path' | 'byteLength'>,
): Promise<File> {
  const file = await folder.read(path).catch((cause: unknown) => {
    throw new DetectorError('model-invalid', `${path} can't be read`, { cause });
  });
  if (file === null) throw new DetectorError('model-invalid', `${path} is missing`);
  if (file.size !== byteLength) {
    throw new DetectorError(
      'model-invalid',
      `${path} has ${String(file.size)} bytes, expected ${String(byteLength)}`,
    );
  }
  return file;
}

/** The new name is written first, so that the text is never lost. */
async function renameText(folder: StoreFolder, from: string, to: string): Promise<void> {
  const file = await readSmallFile(folder, from, MAX_DESCRIPTION_BYTE_LENGTH);
  if (file === null) return;
  await folder.replace(to, file.text);
  await folder.remove(from);
}

/** Enough digits of a SHA-256 to tell a user's models apart, and few enough to be shown beside a verdict. */
const ID_DIGITS = 12;

/**
 * A converted model's name, such as `<network>-fp16-webgpu-0f3a5b9c21d4`: what it is, and the beginning of the SHA-256 over
 * the checksums of its files. The same bytes have the same id wherever they were converted.
 */
export async function modelIdOf(description: ModelDescription): Promise<string> {
  const { network, dtype, device } = description;
  const digits = await storedSha256Of(description);
  return `${network}-${dtype}-${device}-${digits.slice(0, ID_DIGITS)}`;
}

/** The SHA-256 over the checksums of a model's files, lower-case hexadecimal. */
export function storedSha256Of(description: Pick<ModelDescription, 'graph' | 'shards'>): Promise<string> {
  const checksums = filesOf(description).map(({ sha256 }) => sha256);
  return sha256Of(new TextEncoder().encode(checksums.join('\n')));
}
