import { createSHA256 } from 'hash-wasm';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { InstallProgress } from '../../utils/domain/installation.ts';
import { createBlobSource } from '../checkpoint/read/blob-source.ts';
import { READ_BLOCK_BYTES } from '../checkpoint/read/limits.ts';
import { MODEL_DESCRIPTION_NAME, parseModelDescription } from '../detectors/model-description.ts';
import type { ModelDescription, ModelFile } from '../detectors/model-description.ts';
import { rebuildGraph } from '../detectors/model-graph.ts';
import { removeLeftovers } from './leftovers.ts';
import { createModelWriter, filesOf, INSTALL_LOCK, MAX_DESCRIPTION_BYTE_LENGTH } from './model-store.ts';
import type { ModelStore, ModelWriter } from './model-store.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

/** What `npm run convert` calls its files. */
const OWN_NAME = /^model\.(onnx|data\d{1,4})$/;

/**
 * Copies a folder that `npm run convert` has made into the model store, checking every file against its checksum on the
 * way. Only in a Worker.
 *
 * @param files of the folder, whatever else lies there; by name, without the folders above
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
  return await navigator.locks.request(INSTALL_LOCK, signal === undefined ? {} : { signal }, async () => {
    await removeLeftovers(store);
    await store.backend.assertRoom(totalByteLength);
    const writer = await createModelWriter(store);
    let doneByteLength = 0;
    const onBytes = (byteLength: number): void => {
      doneByteLength += byteLength;
      onProgress({ doneByteLength, totalByteLength });
    };
    try {
      for (const file of filesOf(description)) {
        await copyFile(writer, file, byName.get(file.path), onBytes, signal);
      }
      signal?.throwIfAborted();
      return await writer.commit(description);
    } finally {
      await writer.discard();
    }
  });
}

async function readDescription({ registry }: ModelStore, file: File | undefined): Promise<ModelDescription> {
  if (file === undefined) {
    throw new DetectorError(
      'model-invalid',
      `the folder holds no ${MODEL_DESCRIPTION_NAME}: choose the one that npm run convert has written`,
    );
  }
  if (file.size > MAX_DESCRIPTION_BYTE_LENGTH) {
    throw new DetectorError(
      'model-invalid',
      `${file.name} has ${String(file.size)} bytes and is none of ours`,
    );
  }
  const text = await file.text().catch((cause: unknown) => {
    throw new DetectorError('source-failed', `${file.name}: the browser could not read the file`, { cause });
  });
  // A stand-in says so itself. What the folder says of its checkpoint is a name; nobody here has seen its bytes.
  const { source, ...description } = parseModelDescription(text, registry);
  // The graph is not believed: its file is copied where it is the one that is built here of the same shapes.
  await rebuildGraph({ ...description, source }, registry);
  for (const { path } of filesOf(description)) {
    if (!OWN_NAME.test(path)) throw new DetectorError('model-invalid', `${path} is no file of a model`);
  }
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
  const source = createBlobSource(file, path);
  const hash = await createSHA256();
  const out = await writer.openFile(path, byteLength);
  try {
    for (let offset = 0; offset < byteLength; offset += READ_BLOCK_BYTES) {
      const bytes = await source.read(offset, Math.min(READ_BLOCK_BYTES, byteLength - offset), signal);
      hash.update(bytes);
      await out.write(bytes);
      onBytes(bytes.byteLength);
    }
    const found = hash.digest('hex');
    if (found !== sha256) {
      throw new DetectorError('model-invalid', `${path} is damaged: its SHA-256 is ${found}`);
    }
    await out.close();
  } catch (error) {
    await out.abort();
    throw error;
  }
}
