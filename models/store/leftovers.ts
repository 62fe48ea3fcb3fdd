import { DetectorError } from '../../utils/domain/errors.ts';
import { INSTALL_LOCK } from './install-lock.ts';
import {
  MAX_LISTED_FOLDERS,
  openStoreDirectory,
  readStoredModel,
  removeModelFolder,
} from './model-directory.ts';
import { ignoreMissing, listFolders, measureFolder } from './backends/opfs.ts';
import { readUnfinished } from './download/partial-download.ts';

/**
 * Bytes of what is neither a model nor a download that can be continued: what an interrupted installation or removal, or
 * an earlier version, has left. 0 while something is being installed, whose folder would look like one.
 */
export async function measureLeftovers(root: FileSystemDirectoryHandle | null = null): Promise<number> {
  // Shared: of two pages that look at the same time, neither is an installation to the other.
  const options = { ifAvailable: true, mode: 'shared' } as const;
  return await navigator.locks.request(INSTALL_LOCK, options, async (lock) => {
    if (lock === null) return 0;
    let byteLength = 0;
    for (const directory of await listLeftovers(root)) byteLength += await measureFolder(directory);
    return byteLength;
  });
}

/**
 * Gives their room back.
 * @returns bytes freed
 * @throws DetectorError `options-invalid` while something is being installed
 */
export async function freeLeftovers(root: FileSystemDirectoryHandle | null = null): Promise<number> {
  return await navigator.locks.request(INSTALL_LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) throw new DetectorError('options-invalid', 'a network is being installed');
    return await removeLeftovers(root);
  });
}

/**
 * Removes them. The caller must hold {@link INSTALL_LOCK}, so that none of them is being written.
 * @returns bytes freed
 */
export async function removeLeftovers(root: FileSystemDirectoryHandle | null = null): Promise<number> {
  const store = await openStoreDirectory(root);
  let byteLength = 0;
  for (const directory of await listLeftovers(root)) {
    byteLength += await measureFolder(directory);
    // Another page may have deleted it meanwhile.
    await removeModelFolder(store, directory.name).catch(ignoreMissing);
  }
  return byteLength;
}

async function listLeftovers(
  root: FileSystemDirectoryHandle | null,
): Promise<readonly FileSystemDirectoryHandle[]> {
  const store = await openStoreDirectory(root);
  const leftovers: FileSystemDirectoryHandle[] = [];
  for (const directory of await listFolders(store, MAX_LISTED_FOLDERS)) {
    if ((await readStoredModel(directory)) !== null) continue;
    if ((await readUnfinished(directory)) === null) leftovers.push(directory);
  }
  return leftovers;
}
