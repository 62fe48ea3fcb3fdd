import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { CheckpointContainer, CheckpointRemark } from './container.ts';
import { showForeign } from './foreign-text.ts';
import { MAX_PICKLE_BYTES } from './limits.ts';
import { createPickleCursor } from './pickle-cursor.ts';
import { runPickle } from './pickle-machine.ts';
import { type StorageRecord, readChecked } from './storage-record.ts';
import { STORAGE_BYTES, type StorageInfo } from './tensor-info.ts';
import { type ZipEntry, readZipDirectory } from './zip-directory.ts';
import { createZipRecord } from './zip-record.ts';

const PICKLE_NAME = 'data.pkl';

/** "little" or "big"; the record exists since PyTorch 2.1. */
const MAX_BYTEORDER_BYTES = 16;

/**
 * Opens the format of torch.save since PyTorch 1.6 (caffe2/serialize/inline_container.h): a zip with `data.pkl`,
 * `data/<key>` for each storage and a few small records, all below one folder.
 * @throws DetectorError as {@link readZipDirectory} and {@link runPickle} do
 */
export async function openZipContainer(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<CheckpointContainer> {
  const { entries, hasChecksums, appendedByteLength } = await readZipDirectory(source, signal);
  const root = findRoot(entries, source.name);
  await checkByteOrder(source, entries.get(`${root}byteorder`), signal);

  const pickle = createZipRecord(source, getEntry(entries, `${root}${PICKLE_NAME}`, source.name));
  if (pickle.byteLength > MAX_PICKLE_BYTES) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${pickle.name}: ${pickle.byteLength} bytes, at most ${MAX_PICKLE_BYTES} are read`,
    );
  }
  const bytes = await readChecked(pickle, 0, pickle.byteLength, signal);
  const { value, storages } = runPickle(createPickleCursor(bytes, pickle.name));

  const records = new Map<string, StorageRecord>();
  for (const storage of storages.values()) {
    const entry = getEntry(entries, `${root}data/${storage.key}`, source.name);
    checkLength(storage, entry, source.name);
    records.set(storage.key, createZipRecord(source, entry));
  }
  const remarks: CheckpointRemark[] = [];
  if (!hasChecksums) remarks.push({ kind: 'no-checksums' });
  if (appendedByteLength > 0) remarks.push({ kind: 'bytes-after-end', byteLength: appendedByteLength });
  return { format: 'zip', root: value, records, remarks };
}

/** The folder, with its slash, that holds the one data.pkl. */
function findRoot(entries: ReadonlyMap<string, ZipEntry>, fileName: string): string {
  const names = [...entries.keys()].filter((name) => name.endsWith(`/${PICKLE_NAME}`));
  const [name] = names;
  if (name === undefined) throw nameOtherZip(entries, fileName);
  if (names.length > 1) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${fileName}: ${names.length} records are called ${PICKLE_NAME}`,
    );
  }
  const root = name.slice(0, -PICKLE_NAME.length);
  if (entries.has(`${root}constants.pkl`)) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${fileName}: this is a TorchScript program (torch.jit.save), not a checkpoint: save the model's state_dict with torch.save`,
    );
  }
  return root;
}

/** Describes a zip without a checkpoint's folder, by the names of its records. */
function nameOtherZip(entries: ReadonlyMap<string, ZipEntry>, fileName: string): DetectorError {
  const names = [...entries.keys()].filter((name) => !name.endsWith('/'));
  if (entries.has(PICKLE_NAME)) {
    return new DetectorError(
      'checkpoint-unsupported',
      `${fileName}: the checkpoint was unpacked and zipped again without its folder: ${PICKLE_NAME} has to lie in one, as in "archive/${PICKLE_NAME}"; zip the folder itself, or take the file as torch.save wrote it`,
    );
  }
  const inner = names.find((name) => /\.(pth|pt|ckpt|bin|safetensors|zip|tar|onnx)$/i.test(name));
  if (inner !== undefined) {
    return new DetectorError(
      'checkpoint-unsupported',
      `${fileName}: this is a zip around other files, among them "${showForeign(inner)}": unpack it and choose that file`,
    );
  }
  const kind = names.some((name) => name.endsWith('.npy'))
    ? 'arrays of numpy (.npz)'
    : names.some((name) => name.endsWith('model.weights.h5'))
      ? 'a Keras model'
      : undefined;
  if (kind !== undefined) {
    return new DetectorError(
      'checkpoint-unsupported',
      `${fileName}: this is ${kind}, not a PyTorch checkpoint`,
    );
  }
  return new DetectorError(
    'checkpoint-malformed',
    `${fileName}: a zip without ${PICKLE_NAME} is not a PyTorch checkpoint`,
  );
}

function getEntry(entries: ReadonlyMap<string, ZipEntry>, name: string, fileName: string): ZipEntry {
  const entry = entries.get(name);
  if (entry === undefined) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${fileName}: the record "${showForeign(name)}" is missing`,
    );
  }
  return entry;
}

async function checkByteOrder(
  source: ByteSource,
  entry: ZipEntry | undefined,
  signal?: AbortSignal,
): Promise<void> {
  if (entry === undefined) return;
  const record = createZipRecord(source, entry);
  if (record.byteLength > MAX_BYTEORDER_BYTES) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${record.name}: expected "little" or "big", found ${record.byteLength} bytes`,
    );
  }
  const order = new TextDecoder().decode(await readChecked(record, 0, record.byteLength, signal));
  if (order === 'little') return;
  if (order === 'big') {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${record.name}: the weights are big-endian; save them again on a little-endian machine`,
    );
  }
  throw new DetectorError(
    'checkpoint-malformed',
    `${record.name}: expected "little" or "big", found "${showForeign(order)}"`,
  );
}

function checkLength(storage: StorageInfo, entry: ZipEntry, fileName: string): void {
  const needed = storage.elementCount * STORAGE_BYTES[storage.dtype];
  if (needed > entry.byteLength) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${fileName}: record "${showForeign(entry.name)}": expected ${needed} bytes for ${storage.dtype}[${storage.elementCount}], found ${entry.byteLength}`,
    );
  }
}
