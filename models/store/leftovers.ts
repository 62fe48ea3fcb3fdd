import { DetectorError } from '../../utils/domain/errors.ts';
import type { StoreFolder } from './backend.ts';
import { readUnfinished } from './download/partial-download.ts';
import { INSTALL_LOCK, readStoredModel, removeModelFolder } from './model-store.ts';
import type { ModelStore } from './model-store.ts';

/**
 * Bytes of leftovers: folders of interrupted installations and removals, and of earlier versions. They are neither models
 * nor downloads that can be continued. 0 during an installation, whose own folder would count.
 */
export async function measureLeftovers(store: ModelStore): Promise<number> {
  // Two pages may measure at the same time, so they share one result.
  const options = { ifAvailable: true, mode: 'shared' } as const;
  return await navigator.locks.request(INSTALL_LOCK, options, async (lock) => {
    if (lock === null) return 0;
    let byteLength = 0;
    for (const folder of await listLeftovers(store)) byteLength += await folder.measure();
    return byteLength;
  });
}

/**
 * Removes the leftovers.
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
 * Removes the leftovers. The caller must hold {@link INSTALL_LOCK}, so that none of them is being written.
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
