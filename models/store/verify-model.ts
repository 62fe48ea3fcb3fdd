import { createSHA256 } from 'hash-wasm';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { createBlobSource } from '../checkpoint/read/blob-source.ts';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { READ_BLOCK_BYTES } from '../checkpoint/read/limits.ts';
import type { ModelFile } from '../detectors/model-description.ts';
import { writeFileCheck } from './file-check.ts';
import { filesOf, findStoredModel, openModelFile } from './model-directory.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

/**
 * Computes the SHA-256 of every file of an installed model and keeps the answer with it: a model that was found damaged
 * is `invalid` from then on, one that was repaired (by installing it again) or is whole after all is `ready`.
 *
 * @param onProgress bytes so far, of how many
 * @returns the model as it is afterwards
 * @throws DetectorError `model-invalid` where it is not installed; AbortError, and nothing is changed
 */
export async function verifyModel(
  modelId: string,
  onProgress: (doneByteLength: number, totalByteLength: number) => void = () => undefined,
  signal?: AbortSignal,
  root: FileSystemDirectoryHandle | null = null,
): Promise<InstalledModel> {
  const { description, directory, installed } = await findStoredModel(modelId, root);
  let problem: string | null = null;
  let done = 0;
  for (const file of filesOf(description)) {
    problem = await findDamage(
      directory,
      file,
      (byteLength) => onProgress((done += byteLength), installed.byteLength),
      signal,
    );
    if (problem !== null) break;
  }
  await writeFileCheck(directory, { checkedAt: Date.now(), problem });
  return (await findStoredModel(modelId, root)).installed;
}

/** What is wrong with one file; null where it is as it was written. @param onBytes lengths as they are read */
export async function findDamage(
  directory: FileSystemDirectoryHandle,
  file: ModelFile,
  onBytes: (byteLength: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const opened = await openModelFile(directory, file);
    const found = await sha256OfSource(createBlobSource(opened, file.path), onBytes, signal);
    return found === file.sha256 ? null : `${file.path} is damaged: its SHA-256 is ${found}`;
  } catch (error) {
    if (isDetectorError(error, 'model-invalid') || isDetectorError(error, 'source-failed')) {
      return error.message;
    }
    throw error;
  }
}

/** Lower-case hexadecimal, of a source of any size. @throws DetectorError `source-failed`; AbortError */
export async function sha256OfSource(
  source: ByteSource,
  onBytes: (byteLength: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<string> {
  const hash = await createSHA256();
  for (let offset = 0; offset < source.byteLength; offset += READ_BLOCK_BYTES) {
    const byteLength = Math.min(READ_BLOCK_BYTES, source.byteLength - offset);
    hash.update(await source.read(offset, byteLength, signal));
    onBytes(byteLength);
  }
  return hash.digest('hex');
}
