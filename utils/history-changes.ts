import { countHistory, listHistory } from './history-db.ts';
import { sendMessage } from './messages.ts';
import type { HistoryEntry } from './scan.ts';

/** Puts back what was taken away, as it was. */
export type Undo = () => Promise<void>;

/** One message holds at most this many entries: with pictures that stays far below the browser's 64 MiB. */
const ENTRIES_A_MESSAGE = 200;

/** Deletes one entry. It is gone at once; only the page that asked still has it, for as long as it offers "Undo". */
export async function deleteEntry(entry: HistoryEntry): Promise<Undo> {
  await sendMessage('deleteHistoryEntry', { scanId: entry.scanId });
  return () => restore([entry]);
}

/** Deletes every entry, likewise. */
export async function deleteAllEntries(): Promise<Undo> {
  const entries = await listHistory({ limit: await countHistory(), before: null, search: '' });
  await sendMessage('clearHistory', null);
  return () => restore(entries);
}

async function restore(entries: readonly HistoryEntry[]): Promise<void> {
  for (let first = 0; first < entries.length; first += ENTRIES_A_MESSAGE) {
    await sendMessage('restoreHistoryEntries', { entries: entries.slice(first, first + ENTRIES_A_MESSAGE) });
  }
}
