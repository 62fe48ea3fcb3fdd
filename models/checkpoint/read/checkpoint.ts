import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { CheckpointContainer, CheckpointRemark } from './container.ts';
import { toFloat32 } from './float32-conversion.ts';
import { openLegacyContainer } from './legacy-container.ts';
import { sniffFile } from './sniff.ts';
import { openSafetensors } from './safetensors-container.ts';
import { type StateDict, findStateDict, listStateDicts } from './state-dict.ts';
import type { FileExtent, StorageRecord } from './storage-record.ts';
import type { PickleValue, TensorInfo } from './tensor-info.ts';
import { type RowBlock, type RowPosition, extentOf, readTensorBytes, streamRows } from './tensor-reader.ts';
import { collectTensors } from './tensor-walk.ts';
import { openZipContainer } from './zip-container.ts';

export type { PickleValue, TensorInfo } from './tensor-info.ts';
export type { StateDict } from './state-dict.ts';
export type { CheckpointRemark } from './container.ts';
export type { FileExtent } from './storage-record.ts';
export type { RowBlock, RowPosition } from './tensor-reader.ts';

/** An opened `.pth` or `.safetensors` file: everything except the weights is in memory, the weights are read on demand. */
export type Checkpoint = {
  readonly format: CheckpointContainer['format'];
  /** Remarks on the file, which is read in spite of them. */
  readonly remarks: readonly CheckpointRemark[];
  /**
   * The value that torch.load would return, as plain data; tensors and storages are descriptions. For safetensors, a
   * dict of tensors.
   */
  readonly root: PickleValue;
  /** Every tensor, by the keys and indices that lead to it joined with `/`. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Every dict of named tensors, anywhere in the file. */
  readonly stateDicts: () => readonly StateDict[];
  /**
   * The weights by PyTorch's names, in the file's order, whether the file is a state_dict or wraps one.
   * @throws DetectorError `checkpoint-unsupported`
   */
  readonly stateDict: () => ReadonlyMap<string, TensorInfo>;
  /** The tensor's elements in row-major order, little-endian, in its own dtype. */
  readonly readTensor: (info: TensorInfo, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;
  /** The tensor's elements in row-major order as float32: exact for float16 and bfloat16, else rounded to nearest. */
  readonly readFloat32: (info: TensorInfo, signal?: AbortSignal) => Promise<Float32Array<ArrayBuffer>>;
  /**
   * The tensor as float32 in blocks of `rowsPerBlock` rows of its first dimension, in memory of about one block. The
   * last block is withheld until the checksum of the whole record was right.
   * @param from the `next` of a block that an earlier reader of the same file has given
   */
  readonly streamFloat32: (
    info: TensorInfo,
    rowsPerBlock: number,
    signal?: AbortSignal,
    from?: RowPosition | null,
  ) => AsyncGenerator<RowBlock, void, undefined>;
  /** The part of the file that holds the tensor, or its rows from `fromRow` on. It contains at most one header more. */
  readonly extentOf: (info: TensorInfo, fromRow?: number) => FileExtent;
  /**
   * The file's statements about a tensor, and the CRC-32 of its bytes. Two files with the same statements hold the same
   * tensor.
   */
  readonly identityOf: (info: TensorInfo) => string;
};

const CONTAINERS = {
  zip: openZipContainer,
  legacy: openLegacyContainer,
  safetensors: openSafetensors,
} as const;

/**
 * Opens a PyTorch checkpoint, in the zip format, the legacy one or as safetensors, without loading it: the directory and
 * the pickle are read and checked, so that every tensor of the result is known to lie within the file. Nothing in the file is executed.
 * The CRC-32 of every record that is read later is checked as well.
 *
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-unsupported`, `checkpoint-refused`, `checkpoint-too-large`;
 *   `source-failed` and `source-refused` from the source. AbortError when aborted.
 */
export async function openCheckpoint(source: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const kind = await sniffFile(source, signal);
  const container = await CONTAINERS[kind](source, signal);
  const tensors = collectTensors(container.root, source.name);

  function recordOf(info: TensorInfo): StorageRecord {
    const record = container.records.get(info.storageKey);
    if (record === undefined) {
      throw new DetectorError(
        'options-invalid',
        `${source.name}: the tensor's storage ${info.storageKey} is not of this file`,
      );
    }
    return record;
  }

  return {
    format: container.format,
    remarks: container.remarks,
    root: container.root,
    tensors,
    stateDicts: () => listStateDicts(container.root),
    stateDict: () => findStateDict(container.root, source.name),
    readTensor: async (info, readSignal) => await readTensorBytes(recordOf(info), info, readSignal),
    readFloat32: async (info, readSignal) =>
      toFloat32(await readTensorBytes(recordOf(info), info, readSignal), info.dtype),
    streamFloat32: (info, rowsPerBlock, readSignal, from) =>
      streamRows(recordOf(info), info, rowsPerBlock, readSignal, from),
    extentOf: (info, fromRow) => extentOf(recordOf(info), info, fromRow),
    identityOf: (info) => {
      const { dtype, shape, strides, storageOffset, isNegated } = info;
      const { crc32, byteLength } = recordOf(info);
      // A download that was begun before the flag existed goes on.
      const flags = isNegated ? [isNegated] : [];
      return JSON.stringify([dtype, shape, strides, storageOffset, crc32, byteLength, ...flags]);
    },
  };
}
