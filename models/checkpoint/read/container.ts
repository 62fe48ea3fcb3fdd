import type { StorageRecord } from './storage-record.ts';
import type { PickleValue } from './tensor-info.ts';

/** What both formats come down to: one pickle and the bytes of the storages it names. */
export type CheckpointContainer = {
  readonly format: 'zip' | 'legacy';
  readonly root: PickleValue;
  /** One record for every storage that the pickle mentions, each at least as long as the pickle says. */
  readonly records: ReadonlyMap<string, StorageRecord>;
};
