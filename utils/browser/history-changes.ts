import { countHistory, listHistory, listHistoryScanIds } from './history-db.ts';
import { ask } from './messages.ts';
import type { HistoryEntry } from '../domain/scan.ts';
import { listRememberedScanIds, listRememberedVerdicts } from './verdict-memory-db.ts';

/** Restores the deleted entries. */
export type Undo = () => Promise<void>;

/** One message holds at most this many entries: with pictures that stays far below the browser's 64 MiB. */
const ENTRIES_A_MESSAGE = 200;

/** Deletes one entry at once. Only the calling page keeps a copy, as long as it offers "Undo". */
export async function deleteEntry(entry: HistoryEntry): Promise<Undo> {
  await ask('background', 'deleteHistoryEntry', { scanId: entry.scanId });
  return () => restore([entry]);
}

/** Deletes all entries and all remembered verdicts, which are all that is kept of quiet scans. */
export async function deleteAllEntries(): Promise<Undo> {
  const entries = await listHistory({ limit: await countHistory(), before: null, search: '' });
  const verdicts = await listRememberedVerdicts();
  await ask('background', 'clearHistory', null);
  return async () => {
    await restore(entries);
    // Below 1 kB each, some thousands at most: one message holds them.
    await ask('background', 'restoreVerdicts', { verdicts });
  };
}

/** The number of remembered verdicts that the history does not list: those of quiet automatic scans. */
export async function countQuietVerdicts(): Promise<number> {
  const [remembered, listed] = await Promise.all([listRememberedScanIds(), listHistoryScanIds()]);
  const isListed = new Set(listed);
  return remembered.filter((scanId) => !isListed.has(scanId)).length;
}

async function restore(entries: readonly HistoryEntry[]): Promise<void> {
  for (let first = 0; first < entries.length; first += ENTRIES_A_MESSAGE) {
    await ask('background', 'restoreHistoryEntries', {
      entries: entries.slice(first, first + ENTRIES_A_MESSAGE),
    });
  }
}
