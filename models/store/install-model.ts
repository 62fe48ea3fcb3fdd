import type { InstalledModel } from '../../utils/domain/model.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { InstallProgress } from '../../utils/domain/installation.ts';
import { createBlobSource } from '../checkpoint/read/blob-source.ts';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { convertCheckpoint } from '../detectors/conversion.ts';
import type { ConversionOptions } from '../detectors/conversion.ts';
import { MODEL_DESCRIPTION_NAME, parseModelDescription } from '../detectors/model-description.ts';
import type { ModelDescription, ModelFile } from '../detectors/model-description.ts';
import { rebuildGraph } from '../detectors/model-graph.ts';
import { removeLeftovers } from './leftovers.ts';
import {
  createModelWriter,
  filesOf,
  INSTALL_LOCK,
  MAX_DESCRIPTION_BYTE_LENGTH,
  OWN_NAME,
  sha256OfSource,
} from './model-store.ts';
import type { ModelStore, ModelWriter } from './model-store.ts';

/** Bytes of weights while they are converted; bytes of the checkpoint while its sha256 is computed. */
export type FileInstallProgress = Pick<InstallProgress, 'doneByteLength' | 'totalByteLength'> & {
  readonly phase: 'waiting' | 'converting' | 'hashing';
};

/**
 * Runs `work` with a new model's writer, after every other installation. Without a commit nothing is left behind.
 * @throws whatever `work` throws; AbortError
 */
async function installWith(
  store: ModelStore,
  work: (writer: ModelWriter) => Promise<InstalledModel>,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  return await navigator.locks.request(INSTALL_LOCK, signal === undefined ? {} : { signal }, async () => {
    await removeLeftovers(store);
    const writer = await createModelWriter(store);
    try {
      return await work(writer);
    } finally {
      await writer.discard();
    }
  });
}

/**
 * Converts a checkpoint from the disk into the model store. Only in a Worker.
 * @throws DetectorError of the conversion, `storage-full`; AbortError. Nothing of the model is left behind then.
 */
export async function installModelFromCheckpoint(
  source: ByteSource,
  options: Omit<ConversionOptions, 'registry'> & { readonly store: ModelStore },
  onProgress: (progress: FileInstallProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  const { store } = options;
  onProgress({ phase: 'waiting', doneByteLength: 0, totalByteLength: source.byteLength });
  const work = async (writer: ModelWriter): Promise<InstalledModel> => {
    let roomChecked: Promise<void> | null = null;
    const description = await convertCheckpoint(
      source,
      { ...options, registry: store.registry },
      async (path, byteLength) => {
        // The first tensor's progress tells the length of the whole model, not only of this file.
        await roomChecked;
        return await writer.openFile(path, byteLength);
      },
      ({ doneByteLength, totalByteLength }) => {
        if (roomChecked === null) {
          roomChecked = store.backend.assertRoom(totalByteLength - doneByteLength);
          // Opening the next file throws this error. Here it must only not count as unhandled.
          roomChecked.catch(() => undefined);
        }
        onProgress({ phase: 'converting', doneByteLength, totalByteLength });
      },
      signal,
    );
    let doneByteLength = 0;
    const onBytes = ({ byteLength }: Uint8Array): void => {
      doneByteLength += byteLength;
      onProgress({ phase: 'hashing', doneByteLength, totalByteLength: source.byteLength });
    };
    // Reads the whole file a second time: the checksum tells whether it is a published one.
    const sha256 = await sha256OfSource(source, onBytes, signal);
    signal?.throwIfAborted();
    return await writer.commit({ ...description, source: { ...description.source, sha256 } });
  };
  return await installWith(store, work, signal);
}

/**
 * Copies a folder that `npm run convert` has made into the model store, and checks every file against its checksum. Only in
 * a Worker.
 * @param files of the folder, by name, without the folders above; other files than a model's are ignored
 * @throws DetectorError `model-invalid` that names the file which is missing or damaged; `storage-full`; `source-failed`;
 *   AbortError. Nothing is left behind then.
 */
export async function importModel(
  store: ModelStore,
  files: readonly File[],
  onProgress: (progress: Pick<InstallProgress, 'doneByteLength' | 'totalByteLength'>) => void = () =>
    undefined,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const description = await readDescription(store, byName.get(MODEL_DESCRIPTION_NAME));
  const totalByteLength = filesOf(description).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const work = async (writer: ModelWriter): Promise<InstalledModel> => {
    await store.backend.assertRoom(totalByteLength);
    let doneByteLength = 0;
    const onBytes = (byteLength: number): void => {
      doneByteLength += byteLength;
      onProgress({ doneByteLength, totalByteLength });
    };
    for (const file of filesOf(description)) {
      await copyFile(writer, file, byName.get(file.path), onBytes, signal);
    }
    signal?.throwIfAborted();
    return await writer.commit(description);
  };
  return await installWith(store, work, signal);
}

async function readDescription({ registry }: ModelStore, file: File | undefined): Promise<ModelDescription> {
  const fail = (message: string): never => {
    throw new DetectorError('model-invalid', message);
  };
  if (file === undefined) {
    return fail(
      `the folder holds no ${MODEL_DESCRIPTION_NAME}: choose the one that npm run convert has written`,
    );
  }
  if (file.size > MAX_DESCRIPTION_BYTE_LENGTH) {
    return fail(`${file.name} has ${String(file.size)} bytes and is none of ours`);
  }
  const text = await file.text().catch((cause: unknown) => {
    throw new DetectorError('source-failed', `${file.name}: the browser could not read the file`, { cause });
  });
  // Only the name and the length of the checkpoint are kept, since its bytes were not read here.
  const parsed = parseModelDescription(text, registry);
  // The folder's graph is not trusted: its file is copied only if it equals the graph that is built here from the same
  // shapes.
  await rebuildGraph(parsed, registry);
  const { source, ...description } = parsed;
  const foreign = filesOf(description).find(({ path }) => !OWN_NAME.test(path));
  if (foreign !== undefined) return fail(`${foreign.path} is no file of a model`);
  return { ...description, source: { name: source.name, byteLength: source.byteLength, sha256: null } };
}

async function copyFile(
  writer: ModelWriter,
  { path, byteLength, sha256 }: ModelFile,
  file: File | undefined,
  onBytes: (byteLength: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (file?.size !== byteLength) {
    const found = file === undefined ? 'is missing' : `has ${String(file.size)} bytes`;
    throw new DetectorError('model-invalid', `${path} ${found}, expected ${String(byteLength)} bytes`);
  }
  const out = await writer.openFile(path, byteLength);
  const write = async (bytes: Uint8Array): Promise<void> => {
    await out.write(bytes);
    onBytes(bytes.byteLength);
  };
  try {
    const found = await sha256OfSource(createBlobSource(file, path), write, signal);
    if (found !== sha256) {
      throw new DetectorError('model-invalid', `${path} is damaged: its SHA-256 is ${found}`);
    }
    await out.close();
  } catch (error) {
    await out.abort();
    throw error;
  }
}
