import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import { matchesSearch } from '../domain/history-search.ts';
import type { HistoryEntry } from '../domain/scan.ts';

const DATABASE_NAME = 'history';
const DATABASE_VERSION = 1;
/** Years of daily checks. With face pictures (about 10 kB each) that is 50 MB; the oldest make room. */
export const MAX_HISTORY_ENTRIES = 5000;

/** Every open page of the extension hears that the history has changed. */
const CHANGES_CHANNEL = 'history-changes';

type HistorySchema = DBSchema & {
  entries: {
    key: string;
    value: HistoryEntry;
    // The id makes two scans that ended in the same millisecond two places in the order.
    indexes: { byTime: [number, string] };
  };
};

/** A place in the history: that of the last entry of a page of entries. */
export type HistoryPosition = Pick<HistoryEntry, 'finishedAt' | 'scanId'>;

export type HistoryQuery = {
  readonly limit: number;
  /** Only entries older than this one; null from the newest on. */
  readonly before: HistoryPosition | null;
  /** Words that must all occur in title, site or address; empty for every entry. */
  readonly search: string;
};

async function withDatabase<Result>(
  work: (database: IDBPDatabase<HistorySchema>) => Promise<Result>,
): Promise<Result> {
  // Opened for each call: an open connection in a page would block a later version's upgrade.
  const database = await openDB<HistorySchema>(DATABASE_NAME, DATABASE_VERSION, {
    upgrade: (upgraded) => {
      const entries = upgraded.createObjectStore('entries', { keyPath: 'scanId' });
      entries.createIndex('byTime', ['finishedAt', 'scanId']);
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/** Entries that match, newest first. */
export function listHistory({ limit, before, search }: HistoryQuery): Promise<readonly HistoryEntry[]> {
  return withDatabase(async (database) => {
    const range = before === null ? null : IDBKeyRange.upperBound([before.finishedAt, before.scanId], true);
    const found: HistoryEntry[] = [];
    const index = database.transaction('entries').store.index('byTime');
    for (
      let cursor = await index.openCursor(range, 'prev');
      cursor !== null && found.length < limit;
      cursor = await cursor.continue()
    ) {
      if (matchesSearch(cursor.value, search)) found.push(cursor.value);
    }
    return found;
  });
}

/** How many entries there are, searched or not. */
export function countHistory(): Promise<number> {
  return withDatabase((database) => database.count('entries'));
}

/** Of which scans there are entries. */
export function listHistoryScanIds(): Promise<readonly string[]> {
  return withDatabase((database) => database.getAllKeys('entries'));
}

/** One entry; null where it was never kept or has been deleted. */
export function getHistoryEntry(scanId: string): Promise<HistoryEntry | null> {
  return withDatabase(async (database) => (await database.get('entries', scanId)) ?? null);
}

/**
 * Keeps entries, each in place of one with the same id. Background only, as all that write: two writers could not
 * keep to {@link MAX_HISTORY_ENTRIES}.
 */
export async function putHistoryEntries(entries: readonly HistoryEntry[]): Promise<void> {
  await withDatabase(async (database) => {
    const transaction = database.transaction('entries', 'readwrite');
    for (const entry of entries) await transaction.store.put(entry);
    const surplus = (await transaction.store.count()) - MAX_HISTORY_ENTRIES;
    if (surplus > 0) {
      for (const key of await transaction.store.index('byTime').getAllKeys(null, surplus)) {
        await transaction.store.delete(key);
      }
    }
    await transaction.done;
  });
  announceChange();
}

/** Background only. */
export async function deleteHistoryEntry(scanId: string): Promise<void> {
  await withDatabase((database) => database.delete('entries', scanId));
  announceChange();
}

/** Background only. */
export async function clearHistory(): Promise<void> {
  await withDatabase((database) => database.clear('entries'));
  announceChange();
}

/** Calls back whenever another context has changed the history. @returns stops watching */
export function watchHistory(onChange: () => void): () => void {
  const channel = new BroadcastChannel(CHANGES_CHANNEL);
  channel.addEventListener('message', () => onChange());
  return () => channel.close();
}

function announceChange(): void {
  const channel = new BroadcastChannel(CHANGES_CHANNEL);
  channel.postMessage(null);
  channel.close();
}
