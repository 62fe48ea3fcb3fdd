import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { CheckpointContainer } from './container.ts';
import { showForeign } from './foreign-text.ts';
import { MAX_SAFETENSORS_HEADER_BYTES, MAX_TENSOR_DIMS, MAX_TENSORS } from './limits.ts';
import { viewOf } from './little-endian.ts';
import { createPlainRecord } from './plain-record.ts';
import type { StorageRecord } from './storage-record.ts';
import type { Dtype, PickleValue, TensorInfo, UnreadTensor } from './tensor-info.ts';

/** The header's length as an unsigned 64-bit number. */
const LENGTH_BYTES = 8;
/** The limit of the format itself (huggingface/safetensors, MAX_HEADER_SIZE). */
const FORMAT_MAX_HEADER_BYTES = 100_000_000;

const DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F64', 'float64'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);

/** Bits of one element of every dtype that the format has. */
const DTYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
  ['C64', 64],
  ['F32', 32],
  ['I32', 32],
  ['U32', 32],
  ['F16', 16],
  ['BF16', 16],
  ['I16', 16],
  ['U16', 16],
  ['I8', 8],
  ['U8', 8],
  ['BOOL', 8],
  ['F8_E4M3', 8],
  ['F8_E5M2', 8],
  ['F8_E8M0', 8],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['F4', 4],
]);

type Entry = {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

/**
 * Opens a file of huggingface/safetensors (safetensors/src/tensor.rs): the header's length, the header as JSON, and the
 * tensors one after another without gaps. The format has no checksum.
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-too-large`
 */
export async function openSafetensors(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<CheckpointContainer> {
  const headerByteLength = await readHeaderLength(source, signal);
  const bytes = await source.read(LENGTH_BYTES, headerByteLength, signal);
  const dataStart = LENGTH_BYTES + headerByteLength;
  const entries = readEntries(parseHeader(bytes, source.name), source.name);
  checkPlaces(entries, source.byteLength - dataStart, source.name);

  const root = new Map<string, PickleValue>();
  const records = new Map<string, StorageRecord>();
  for (const entry of entries) {
    const tensor = toTensor(entry);
    root.set(entry.name, tensor);
    if (tensor.kind === 'unread-tensor') continue;
    const start = dataStart + entry.begin;
    const byteLength = entry.end - entry.begin;
    const name = `${source.name}: "${showForeign(entry.name)}" at ${start}`;
    const fileExtent = { offset: start, byteLength, tailByteLength: 0 };
    records.set(entry.name, createPlainRecord(source, name, start, { byteLength, fileExtent }));
  }
  return { format: 'safetensors', root, records, remarks: [{ kind: 'no-checksums' }] };
}

async function readHeaderLength(source: ByteSource, signal?: AbortSignal): Promise<number> {
  if (source.byteLength < LENGTH_BYTES) {
    throw malformed(source.name, `expected the header's length, found ${source.byteLength} bytes`);
  }
  const view = viewOf(await source.read(0, LENGTH_BYTES, signal));
  const length = Number(view.getBigUint64(0, true));
  if (length > FORMAT_MAX_HEADER_BYTES || length > MAX_SAFETENSORS_HEADER_BYTES) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${source.name}: a header of ${length} bytes, at most ${MAX_SAFETENSORS_HEADER_BYTES} are read`,
    );
  }
  const left = source.byteLength - LENGTH_BYTES;
  if (length > left) {
    throw malformed(
      source.name,
      `expected a header of ${length} bytes, found ${left}; the file is cut off: download it again`,
    );
  }
  return length;
}

function parseHeader(bytes: Uint8Array, fileName: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed(fileName, 'the header is not UTF-8', cause);
  }
  // The format demands the brace, so that the header can't be taken for another kind of file.
  if (!text.startsWith('{')) throw malformed(fileName, 'the header does not begin with {');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw malformed(fileName, 'the header is not JSON', cause);
  }
  if (!isRecord(header)) throw malformed(fileName, 'the header is no object');
  return header;
}

function readEntries(header: Readonly<Record<string, unknown>>, fileName: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isRecord(value) || Object.values(value).some((item) => typeof item !== 'string')) {
        throw malformed(fileName, '__metadata__ is no object of texts');
      }
      continue;
    }
    if (entries.length >= MAX_TENSORS) {
      throw new DetectorError('checkpoint-too-large', `${fileName}: more than ${MAX_TENSORS} tensors`);
    }
    entries.push(readEntry(name, value, fileName));
  }
  return entries;
}

function readEntry(name: string, value: unknown, fileName: string): Entry {
  const where = `"${showForeign(name)}"`;
  if (!isRecord(value)) throw malformed(fileName, `${where} is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !DTYPE_BITS.has(dtype)) {
    const found = typeof dtype === 'string' ? `"${showForeign(dtype, 40)}"` : typeof dtype;
    throw malformed(fileName, `${where}: expected a dtype of the format, found ${found}`);
  }
  if (!isCounts(shape)) throw malformed(fileName, `${where}: the shape is no list of counts`);
  if (shape.length > MAX_TENSOR_DIMS) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${fileName}: ${where}: ${shape.length} dimensions, at most ${MAX_TENSOR_DIMS} are read`,
    );
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw malformed(fileName, `${where}: data_offsets are no two counts`);
  }
  const [begin, end] = offsets as readonly [number, number];
  const bits = shape.reduce((product, dim) => product * dim, DTYPE_BITS.get(dtype)!);
  if (!Number.isSafeInteger(bits)) {
    throw malformed(fileName, `${where}: [${shape.join(', ')}] has more elements than can be counted`);
  }
  if (end < begin || bits !== (end - begin) * 8) {
    throw malformed(
      fileName,
      `${where}: expected ${bits / 8} bytes for ${dtype} [${shape.join(', ')}], found data_offsets [${begin}, ${end}]`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The tensors fill the rest of the file, in any order, without gaps: no two share bytes, and nothing is hidden between. */
function checkPlaces(entries: readonly Entry[], dataByteLength: number, fileName: string): void {
  let end = 0;
  for (const entry of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== end) {
      throw malformed(
        fileName,
        `"${showForeign(entry.name)}": expected it to begin at ${end} of the data, found ${entry.begin}`,
      );
    }
    end = entry.end;
  }
  if (end > dataByteLength) {
    throw malformed(
      fileName,
      `expected ${end} bytes of tensors, found ${dataByteLength}; the file is cut off: download it again`,
    );
  }
  if (end < dataByteLength) {
    throw malformed(fileName, `${dataByteLength - end} bytes follow the last tensor: something was appended`);
  }
}

function toTensor({ name, dtype, shape, begin, end }: Entry): TensorInfo | UnreadTensor {
  const known = DTYPES.get(dtype);
  if (known === undefined) return { kind: 'unread-tensor', reason: `a tensor of ${dtype}` };
  const elementCount = shape.reduce((product, dim) => product * dim, 1);
  return {
    kind: 'tensor',
    dtype: known,
    shape,
    strides: shape.map((_dim, axis) => shape.slice(axis + 1).reduce((product, dim) => product * dim, 1)),
    storageOffset: 0,
    storageKey: name,
    storageElementCount: elementCount,
    elementCount,
    byteLength: end - begin,
    isNegated: false,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.every((item) => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)
  );
}

function malformed(fileName: string, what: string, cause?: unknown): DetectorError {
  return new DetectorError('checkpoint-malformed', `${fileName}: ${what}`, { cause });
}
