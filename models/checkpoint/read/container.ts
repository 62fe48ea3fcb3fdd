import type { StorageRecord } from './storage-record.ts';
import type { PickleValue } from './tensor-info.ts';

/** What is worth saying of a file that is read all the same. */
export type CheckpointRemark =
  /** A byte that was changed on the way is not noticed. */
  | { readonly kind: 'no-checksums' }
  /** Something was appended, which is left out. */
  | { readonly kind: 'bytes-after-end'; readonly byteLength: number };

/** What all formats come down to: one value and the bytes of the storages it names. */
export type CheckpointContainer = {
  readonly format: 'zip' | 'legacy' | 'safetensors';
  readonly root: PickleValue;
  /** One record for every storage that the value mentions, each at least as long as it says. */
  readonly records: ReadonlyMap<string, StorageRecord>;
  readonly remarks: readonly CheckpointRemark[];
};
