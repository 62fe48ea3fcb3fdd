import type { StorageRecord } from './storage-record.ts';
import type { PickleValue } from './tensor-info.ts';

/** A remark on a file that is read in spite of it. */
export type CheckpointRemark =
  /** The file has no checksums, so the reader does not notice a byte that was changed on the way. */
  | { readonly kind: 'no-checksums' }
  /** The file has bytes after its end, which are left out. */
  | { readonly kind: 'bytes-after-end'; readonly byteLength: number };

/** The content of a file in any of the formats: one value, and the bytes of the storages that it names. */
export type CheckpointContainer = {
  readonly format: 'zip' | 'legacy' | 'safetensors';
  readonly root: PickleValue;
  /** One record for each storage that the value mentions. Each record is at least as long as the value says. */
  readonly records: ReadonlyMap<string, StorageRecord>;
  readonly remarks: readonly CheckpointRemark[];
};
