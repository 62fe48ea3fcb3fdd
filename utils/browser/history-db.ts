import type { DBSchema } from 'idb';
import * as v from 'valibot';
import { reportOfVerdict, reportSchema, upgradeFrameScore, upgradeReport } from '../domain/report.ts';
import { historyEntrySchema } from '../domain/scan.ts';
import type { HistoryEntry } from '../domain/scan.ts';
import { VERDICT_BANDS, verdictSchema, withFramesScanned } from '../domain/verdict.ts';
import { createDatabase } from './database.ts';
import type { DatabaseUpgrade } from './database.ts';

/** Years of daily checks. With face pictures (about 10 kB each) that is 50 MB; the oldest make room. */
const MAX_HISTORY_ENTRIES = 5000;

type HistorySchema = DBSchema & {
  entries: {
    key: string;
    value: HistoryEntry;
    // The id makes two scans that ended in the same millisecond two places in the order.
    indexes: { byTime: [number, string] };
  };
};

/** The place of an entry in the history, after which the next page of entries begins. */
export type HistoryPosition = Pick<HistoryEntry, 'finishedAt' | 'scanId'>;

export type HistoryQuery = {
  readonly limit: number;
  /** Only entries older than this one; null from the newest on. */
  readonly before: HistoryPosition | null;
  /** Words that must all occur in title, site or address; empty for every entry. */
  readonly search: string;
};

/** Version 1 of the database kept a report's parts in the entry itself. */
const entryOfVersion1 = v.object({
  verdict: v.pipe(v.unknown(), v.transform(withFramesScanned), verdictSchema),
  frameScores: v.pipe(
    v.array(v.pipe(v.unknown(), v.transform(upgradeFrameScore))),
    reportSchema.entries.frameScores,
  ),
  model: reportSchema.entries.used.entries.model,
  way: v.optional(reportSchema.entries.used.entries.source, null),
  screenScale: v.optional(reportSchema.entries.used.entries.screenScale, null),
});

/** An entry of an earlier version with a report of this version; null for a value that is no entry. */
function upgradeEntry(stored: object): HistoryEntry | null {
  if ('report' in stored) return validEntry({ ...stored, report: upgradeReport(stored.report) });
  const former = v.safeParse(entryOfVersion1, stored);
  if (!former.success) return null;
  const { verdict, frameScores, model, way: source, screenScale } = former.output;
  const used = { source, screenScale, model };
  return validEntry({ ...stored, report: { ...reportOfVerdict(verdict, used, VERDICT_BANDS), frameScores } });
}

function validEntry(stored: unknown): HistoryEntry | null {
  const parsed = v.safeParse(historyEntrySchema, stored);
  return parsed.success ? parsed.output : null;
}

const upgradeEntries: DatabaseUpgrade<HistorySchema> = async (_upgraded, transaction) => {
  const entries = transaction.objectStore('entries');
  for (let cursor = await entries.openCursor(); cursor !== null; cursor = await cursor.continue()) {
    const upgraded = upgradeEntry(cursor.value);
    // The user's data are not deleted: an entry that can't be read stays, and no list shows it.
    if (upgraded !== null) await cursor.update(upgraded);
  }
};

const database = createDatabase<HistorySchema>('history', [
  (upgraded) => {
    const entries = upgraded.createObjectStore('entries', { keyPath: 'scanId' });
    entries.createIndex('byTime', ['finishedAt', 'scanId']);
  },
  // Version 2: the parts become one report. Versions 3 and 4: reports of earlier versions become those of version 2, and 3.
  upgradeEntries,
  upgradeEntries,
  upgradeEntries,
]);

/** Entries that match, newest first. */
export function listHistory({ limit, before, search }: HistoryQuery): Promise<readonly HistoryEntry[]> {
  return database.read(async (opened) => {
    const range = before === null ? null : IDBKeyRange.upperBound([before.finishedAt, before.scanId], true);
    const found: HistoryEntry[] = [];
    const index = opened.transaction('entries').store.index('byTime');
    for (
      let cursor = await index.openCursor(range, 'prev');
      cursor !== null && found.length < limit;
      cursor = await cursor.continue()
    ) {
      const valid = validEntry(cursor.value);
      if (valid !== null && matchesSearch(valid, search)) found.push(valid);
    }
    return found;
  });
}

/** How many entries there are, searched or not. */
export function countHistory(): Promise<number> {
  return database.read((opened) => opened.count('entries'));
}

/** The ids of all scans that have entries. */
export function listHistoryScanIds(): Promise<readonly string[]> {
  return database.read((opened) => opened.getAllKeys('entries'));
}

/** One entry; null where it was never kept or has been deleted. */
export function getHistoryEntry(scanId: string): Promise<HistoryEntry | null> {
  return database.read(async (opened) => validEntry(await opened.get('entries', scanId)));
}

/**
 * Keeps entries, each in place of one with the same id. Background only, as all that write: two writers could not
 * keep to {@link MAX_HISTORY_ENTRIES}.
 */
export async function putHistoryEntries(entries: readonly HistoryEntry[]): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction('entries', 'readwrite');
    for (const added of entries) await transaction.store.put(added);
    const surplus = (await transaction.store.count()) - MAX_HISTORY_ENTRIES;
    if (surplus > 0) {
      for (const key of await transaction.store.index('byTime').getAllKeys(null, surplus)) {
        await transaction.store.delete(key);
      }
    }
    await transaction.done;
  });
}

/** Background only. */
export async function deleteHistoryEntry(scanId: string): Promise<void> {
  await database.change((opened) => opened.delete('entries', scanId));
}

/** Background only. */
export async function clearHistory(): Promise<void> {
  await database.change((opened) => opened.clear('entries'));
}

/** Calls back whenever another context has changed the history. @returns stops watching */
export const watchHistory = database.watch;

/**
 * Whether every word of the search occurs somewhere in the entry's title or address, in any case. An empty search
 * matches everything.
 */
export function matchesSearch(entry: Pick<HistoryEntry, 'title' | 'pageUrl'>, search: string): boolean {
  const text = fold(`${entry.title}\n${entry.pageUrl}`);
  return fold(search)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Without case and without accents: "cafe" finds "Café". */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
