import { DetectorError } from '../../../utils/domain/errors.ts';
import { toFloat32 } from './float32-conversion.ts';
import { MAX_GATHERED_BYTES } from './limits.ts';
import {
  type FileExtent,
  type RecordPosition,
  type StorageRecord,
  readChecked,
  skipTo,
  visitBlocks,
} from './storage-record.ts';
import { gatherBlock } from './strided-gather.ts';
import { DTYPE_BYTES, type TensorInfo, isContiguous } from './tensor-info.ts';

/** Consecutive rows (indices of the first dimension) of a tensor as float32. */
export type RowBlock = {
  readonly rowStart: number;
  readonly rowCount: number;
  /** `rowCount` times the product of the other dimensions, row-major. */
  readonly values: Float32Array<ArrayBuffer>;
  /**
   * The place behind this block from which a reader can go on, later or in another run; null where it must begin anew.
   */
  readonly next: RowPosition | null;
};

/**
 * A place between two rows of a tensor, and the place of that row in the record. It consists of plain numbers, so that
 * it can be stored.
 */
export type RowPosition = RecordPosition & { readonly row: number };

/** The tensor's elements in row-major order, little-endian, in its own dtype. The record's checksum has been checked. */
export async function readTensorBytes(
  record: StorageRecord,
  info: TensorInfo,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (info.elementCount === 0) return new Uint8Array(0);
  const itemBytes = DTYPE_BYTES[info.dtype];
  const start = info.storageOffset * itemBytes;
  if (isContiguous(info)) {
    return negated(info, await readChecked(record, start, start + info.byteLength, signal));
  }
  const output = new Uint8Array(info.byteLength);
  const end = start + (reachOf(info) + 1) * itemBytes;
  await visitBlocks(
    record,
    start,
    end,
    (block, offset) => {
      // A record may be longer than its storage by less than an element.
      const whole = block.subarray(0, block.byteLength - (block.byteLength % itemBytes));
      gatherBlock(info, whole, offset / itemBytes, output);
    },
    signal,
  );
  return negated(info, output);
}

/** The bytes of a tensor, with the sign of every number turned over if the tensor's negation flag is set. */
function negated(info: TensorInfo, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (!info.isNegated) return bytes;
  const itemBytes = DTYPE_BYTES[info.dtype];
  // IEEE 754: the sign is the highest bit, which is in the last byte of a little-endian number.
  for (let last = itemBytes - 1; last < bytes.byteLength; last += itemBytes) bytes[last]! ^= 0x80;
  return bytes;
}

/**
 * Reads the tensor in blocks of rows, in memory of about one block. A contiguous tensor is read in one pass over its
 * record, and the last block comes only when the checksum of the whole record was right. Any other tensor is gathered,
 * with one pass for every {@link MAX_GATHERED_BYTES}.
 * @param rowsPerBlock at least 1; the last block may have fewer
 * @param from where an earlier reader of the same tensor stopped; null for the beginning
 * @throws DetectorError `options-invalid` for a tensor without dimensions, `rowsPerBlock` below 1, or a place that is
 *   not of this tensor
 */
export async function* streamRows(
  record: StorageRecord,
  info: TensorInfo,
  rowsPerBlock: number,
  signal?: AbortSignal,
  from: RowPosition | null = null,
): AsyncGenerator<RowBlock, void, undefined> {
  const [rowCount] = info.shape;
  if (rowCount === undefined || !Number.isSafeInteger(rowsPerBlock) || rowsPerBlock < 1) {
    throw new DetectorError(
      'options-invalid',
      `${record.name}: rows of [${info.shape.join(', ')}] in blocks of ${rowsPerBlock}`,
    );
  }
  if (info.elementCount === 0) return;
  if (isContiguous(info)) {
    yield* streamContiguous(record, info, rowsPerBlock, signal, from);
    return;
  }
  if (from !== null) throw notOfTensor(record, from);
  yield* streamGathered(record, info, rowsPerBlock, signal);
}

function notOfTensor(record: StorageRecord, { row, offset }: RowPosition): DetectorError {
  return new DetectorError('options-invalid', `${record.name}: row ${row} does not begin at byte ${offset}`);
}

async function* streamContiguous(
  record: StorageRecord,
  info: TensorInfo,
  rowsPerBlock: number,
  signal: AbortSignal | undefined,
  from: RowPosition | null,
): AsyncGenerator<RowBlock, void, undefined> {
  const totalRows = info.shape[0]!;
  const rowBytes = info.byteLength / totalRows;
  const start = info.storageOffset * DTYPE_BYTES[info.dtype];
  const firstRow = from?.row ?? 0;
  if (from !== null && (firstRow >= totalRows || from.offset !== start + firstRow * rowBytes)) {
    throw notOfTensor(record, from);
  }
  const reader = await record.openSequential(signal, from);
  try {
    await skipTo(reader, start, signal);
    for (let rowStart = firstRow; rowStart < totalRows; rowStart += rowsPerBlock) {
      const rowCount = Math.min(rowsPerBlock, totalRows - rowStart);
      const bytes = await reader.read(rowCount * rowBytes, signal);
      const mark = reader.mark();
      if (rowStart + rowCount === totalRows) await skipTo(reader, record.byteLength, signal);
      const next = mark === null ? null : { row: rowStart + rowCount, ...mark };
      yield { rowStart, rowCount, values: toFloat32(negated(info, bytes), info.dtype), next };
    }
  } finally {
    await reader.close();
  }
}

async function* streamGathered(
  record: StorageRecord,
  info: TensorInfo,
  rowsPerBlock: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RowBlock, void, undefined> {
  const totalRows = info.shape[0]!;
  const rowElements = info.elementCount / totalRows;
  const blocksPerPass = Math.max(
    1,
    Math.floor(MAX_GATHERED_BYTES / (rowsPerBlock * rowElements * DTYPE_BYTES[info.dtype])),
  );
  const rowsPerPass = Math.min(totalRows, blocksPerPass * rowsPerBlock);
  for (let passStart = 0; passStart < totalRows; passStart += rowsPerPass) {
    const passRows = Math.min(rowsPerPass, totalRows - passStart);
    const gathered = toFloat32(
      await readTensorBytes(record, rowsOf(info, passStart, passRows), signal),
      info.dtype,
    );
    for (let row = 0; row < passRows; row += rowsPerBlock) {
      const rowCount = Math.min(rowsPerBlock, passRows - row);
      const values = gathered.slice(row * rowElements, (row + rowCount) * rowElements);
      yield { rowStart: passStart + row, rowCount, values, next: null };
    }
  }
}

/**
 * The part of the file that is read for a tensor, or for its rows from `fromRow` on, and at most one header more. A
 * caller can fetch it beforehand.
 */
export function extentOf(record: StorageRecord, info: TensorInfo, fromRow = 0): FileExtent {
  const { offset, byteLength, tailByteLength } = record.fileExtent;
  const rowCount = info.shape[0] ?? 1;
  // The header's own length is known only when it is read, so this begins by that much before the row.
  const skipped =
    fromRow > 0 && isContiguous(info)
      ? info.storageOffset * DTYPE_BYTES[info.dtype] + fromRow * (info.byteLength / rowCount)
      : 0;
  return { offset: offset + skipped, byteLength: byteLength - skipped, tailByteLength };
}

/** `tensor[rowStart : rowStart + rowCount]`, a view of the same storage. */
function rowsOf(info: TensorInfo, rowStart: number, rowCount: number): TensorInfo {
  const elementCount = (info.elementCount / info.shape[0]!) * rowCount;
  return {
    ...info,
    shape: [rowCount, ...info.shape.slice(1)],
    storageOffset: info.storageOffset + rowStart * info.strides[0]!,
    elementCount,
    byteLength: elementCount * DTYPE_BYTES[info.dtype],
  };
}

/** Storage elements from the tensor's first one to its last one. */
function reachOf(info: TensorInfo): number {
  return info.shape.reduce((reach, size, axis) => reach + (size - 1) * info.strides[axis]!, 0);
}
