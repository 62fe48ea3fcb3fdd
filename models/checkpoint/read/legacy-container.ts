import { DetectorError, isDetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { CheckpointContainer, CheckpointRemark } from './container.ts';
import { MAX_LEGACY_HEADER_OPCODES, MAX_LEGACY_KEYS_OPCODES, MAX_PICKLE_BYTES } from './limits.ts';
import { readU64Le, viewOf } from './little-endian.ts';
import { type PickleCursor, createPickleCursor } from './pickle-cursor.ts';
import { runPickle } from './pickle-machine.ts';
import { describe } from './pickle-rebuild.ts';
import { createPlainRecord } from './plain-record.ts';
import type { StorageRecord } from './storage-record.ts';
import { STORAGE_BYTES, type PickleValue, type StorageInfo, isDict } from './tensor-info.ts';

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;

/** Length of the file's beginning that is read first, and its growth while the pickles turn out to be longer. */
const FIRST_HEAD_BYTES = 256 * 1024;
const HEAD_GROWTH = 4;

/** Each storage's bytes follow its element count. */
const COUNT_BYTES = 8;

const OTHER_PICKLE =
  "a pickle, but not PyTorch's: it was not written by torch.save; load it in Python and save its weights with torch.save";

type Head = {
  readonly root: PickleValue;
  readonly storages: ReadonlyMap<string, StorageInfo>;
  readonly keys: readonly PickleValue[];
  /** Where the storages begin. */
  readonly endOffset: number;
};

/**
 * Opens the format of torch.save before PyTorch 1.6 (torch/serialization.py, `_legacy_save`): five pickles (magic
 * number, protocol, system, the object, keys of the storages), then for each key an int64 count and the raw elements.
 * The format has no checksum; the reader can only check that every byte is there.
 * @throws DetectorError as {@link runPickle} does; `checkpoint-malformed` when the file ends early
 */
export async function openLegacyContainer(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<CheckpointContainer> {
  const head = await readHead(source, signal);
  const records = new Map<string, StorageRecord>();
  let offset = head.endOffset;
  for (const key of head.keys) {
    const storage = typeof key === 'string' ? head.storages.get(key) : undefined;
    if (storage === undefined || records.has(storage.key)) {
      throw new DetectorError(
        'checkpoint-malformed',
        `${source.name}: the list of storages has ${describe(key)}, which the object does not mention or which came before`,
      );
    }
    const record = await openRecord(source, storage, offset, signal);
    records.set(storage.key, record);
    offset += COUNT_BYTES + record.byteLength;
  }
  for (const key of head.storages.keys()) {
    if (!records.has(key)) {
      throw new DetectorError('checkpoint-malformed', `${source.name}: storage ${key} is missing`);
    }
  }
  const remarks: CheckpointRemark[] = [{ kind: 'no-checksums' }];
  if (offset < source.byteLength) {
    remarks.push({ kind: 'bytes-after-end', byteLength: source.byteLength - offset });
  }
  return { format: 'legacy', root: head.root, records, remarks };
}

/**
 * The file does not state the length of the pickles. If they go beyond the bytes that were read, a longer beginning is
 * read.
 */
async function readHead(source: ByteSource, signal?: AbortSignal): Promise<Head> {
  // This ends: the length grows fourfold, up to the file's length or the limit.
  for (let wanted = FIRST_HEAD_BYTES; ; wanted *= HEAD_GROWTH) {
    const length = Math.min(wanted, source.byteLength, MAX_PICKLE_BYTES);
    const cursor = createPickleCursor(await source.read(0, length, signal), source.name);
    try {
      const magic = readMagic(cursor, source.name);
      if (magic !== MAGIC_NUMBER) {
        throw new DetectorError(
          'checkpoint-malformed',
          `${source.name}: ${OTHER_PICKLE}; expected the magic number, found ${describe(magic)}`,
        );
      }
      const protocol = runPickle(cursor, MAX_LEGACY_HEADER_OPCODES).value;
      if (protocol !== PROTOCOL_VERSION) {
        throw new DetectorError(
          'checkpoint-unsupported',
          `${source.name}: expected protocol ${PROTOCOL_VERSION}, found ${describe(protocol)}`,
        );
      }
      checkSystem(runPickle(cursor, MAX_LEGACY_HEADER_OPCODES).value, source.name);
      const { value: root, storages } = runPickle(cursor);
      const keys = runPickle(cursor, MAX_LEGACY_KEYS_OPCODES).value;
      if (!Array.isArray(keys)) {
        throw new DetectorError(
          'checkpoint-malformed',
          `${source.name}: expected a list of storages, found ${describe(keys)}`,
        );
      }
      return { root, storages, keys: keys as readonly PickleValue[], endOffset: cursor.offset };
    } catch (error) {
      if (!cursor.isExhausted || length === source.byteLength) throw error;
      if (length === MAX_PICKLE_BYTES) {
        throw new DetectorError(
          'checkpoint-too-large',
          `${source.name}: its pickles are longer than ${MAX_PICKLE_BYTES} bytes`,
          { cause: error },
        );
      }
    }
  }
}

/** The first pickle is a number of ten bytes. Anything longer is a pickle of something else. */
function readMagic(cursor: PickleCursor, fileName: string): PickleValue {
  try {
    return runPickle(cursor, MAX_LEGACY_HEADER_OPCODES).value;
  } catch (error) {
    if (!isDetectorError(error) || error.code === 'checkpoint-refused' || cursor.isExhausted) throw error;
    throw new DetectorError(error.code, `${fileName}: ${OTHER_PICKLE} (${error.message})`, { cause: error });
  }
}

function checkSystem(system: PickleValue, fileName: string): void {
  if (!isDict(system)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${fileName}: expected a description of the system, found ${describe(system)}`,
    );
  }
  if (system.get('little_endian') !== true) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${fileName}: the weights are big-endian; save them again on a little-endian machine`,
    );
  }
}

async function openRecord(
  source: ByteSource,
  storage: StorageInfo,
  offset: number,
  signal?: AbortSignal,
): Promise<StorageRecord> {
  const name = `${source.name}: storage ${storage.key} at ${offset}`;
  const left = source.byteLength - offset - COUNT_BYTES;
  const byteLength = storage.elementCount * STORAGE_BYTES[storage.dtype];
  if (left < byteLength) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${name}: expected ${byteLength} bytes, found ${Math.max(left, 0)}; the file is cut off: download it again`,
    );
  }
  const count = readU64Le(viewOf(await source.read(offset, COUNT_BYTES, signal)), 0, name);
  if (count !== storage.elementCount) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${name}: expected ${storage.elementCount} elements, found ${count}`,
    );
  }
  return createPlainRecord(source, name, offset + COUNT_BYTES, {
    byteLength,
    fileExtent: { offset, byteLength: COUNT_BYTES + byteLength, tailByteLength: 0 },
  });
}
