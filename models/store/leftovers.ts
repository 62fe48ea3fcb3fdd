import { DetectorError } from '../../utils/domain/errors.ts';
import type { StoreFolder } from './backend.ts';
import { readUnfinished } from './download/partial-download.ts';
import { INSTALL_LOCK, readStoredModel, removeModelFolder } from './model-store.ts';
import type { ModelStore } from './model-store.ts';

/**
 * Bytes of what is neither a model nor a download that can be continued: what an interrupted installation or removal, or
 * an earlier version, has left. 0 while something is being installed, whose folder would look like one.
 */
export async function measureLeftovers(store: ModelStore): Promise<number> {
  // Shared: of two pages that look at the same time, neither is an installation to the other.
  const options = { ifAvailable: true, mode: 'shared' } as const;
  return await navigator.locks.request(INSTALL_LOCK, options, async (lock) => {
    if (lock === null) return 0;
    let byteLength = 0;
    for (const folder of await listLeftovers(store)) byteLength += await folder.measure();
    return byteLength;
  });
}

/**
 * Gives their room back.
 * @returns bytes freed
 * @throws DetectorError `options-invalid` while something is being installed
 */
export async function freeLeftovers(store: ModelStore): Promise<number> {
  return await navigator.locks.request(INSTALL_LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) throw new DetectorError('options-invalid', 'a network is being installed');
    return await removeLeftovers(store);
  });
}

/**
 * Removes them. The caller must hold {@link INSTALL_LOCK}, so that none of them is being written.
 * @returns bytes freed
 */
export async function removeLeftovers(store: ModelStore): Promise<number> {
  let byteLength = 0;
  for (const folder of await listLeftovers(store)) {
    byteLength += await folder.measure();
    await removeModelFolder(store, folder);
  }
  return byteLength;
}

async function listLeftovers(store: ModelStore): Promise<readonly StoreFolder[]> {
  const leftovers: StoreFolder[] = [];
  for (const folder of await store.backend.listFolders()) {
    if ((await readStoredModel(store, folder)) !== null) continue;
    if ((await readUnfinished(store, folder)) === null) leftovers.push(folder);
  }
  return leftovers;
}
