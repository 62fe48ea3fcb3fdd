import type { Annotation } from '../domain/history.ts';
import type { HistoryEntry } from '../domain/scan.ts';
import {
  countHistory,
  getHistoryEntry,
  getKeptScans,
  importHistoryEntries,
  listHistoryScanIds,
  listScanIdsUpTo,
  listWholeHistory,
  watchHistory,
} from './history-db.ts';
import type { KeptScan } from './history-db.ts';
import { ask } from './messages.ts';
import {
  listRememberedScanIds,
  listRememberedVerdicts,
  watchRememberedVerdicts,
} from './verdict-memory-db.ts';

/** Takes back the last action. Popup, options and history page change the history through this module. */
export type Undo = () => Promise<void>;

/** The most entries of one message: with pictures, this stays far below the browser's 64 MiB. */
const ENTRIES_A_MESSAGE = 200;

/** The numbers of kept checks and verdicts. */
export type Kept = {
  /** Checks in the history. */
  readonly checks: number;
  /** Remembered verdicts of quiet automatic scans, which the history does not list. */
  readonly quietVerdicts: number;
};

export async function readKept(): Promise<Kept> {
  const [checks, remembered] = await Promise.all([countHistory(), listRememberedScanIds()]);
  if (remembered.length === 0) return { checks, quietVerdicts: 0 };
  const isListed = new Set(await listHistoryScanIds());
  return { checks, quietVerdicts: remembered.filter((scanId) => !isListed.has(scanId)).length };
}

/** Calls back with each change. @returns stops watching */
export function watchKept(onChange: (kept: Kept) => void): () => void {
  const read = (): void => void readKept().then(onChange);
  const stops = [watchHistory(read), watchRememberedVerdicts(read)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Deletes entries at once. Only the calling page keeps a copy, as long as it offers "Undo". */
export async function deleteEntries(scanIds: readonly string[]): Promise<Undo> {
  const kept = await getKeptScans(scanIds);
  await ask('background', 'deleteHistoryEntries', { scanIds });
  return () => restore(kept);
}

/**
 * Deletes the entries of scans that ended up to a time, in milliseconds since the epoch. The background may have
 * forgotten some of them by itself. Undo brings those back too, once the settings let it keep them.
 */
export async function deleteEntriesUpTo(
  time: number,
): Promise<{ readonly count: number; readonly undo: Undo }> {
  const scanIds = await listScanIdsUpTo(time);
  const verdicts = (await listRememberedVerdicts()).filter(({ finishedAt }) => finishedAt <= time);
  const restoreEntries = await deleteEntries(scanIds);
  return {
    count: scanIds.length,
    undo: async () => {
      await restoreEntries();
      await ask('background', 'restoreVerdicts', { verdicts });
    },
  };
}

/** Deletes the faces of all scans, and no entry. */
export async function deleteFaces(): Promise<Undo> {
  const withFaces = (await listWholeHistory()).filter(({ cropByteLength }) => cropByteLength !== undefined);
  const kept = await getKeptScans(withFaces.map(({ scanId }) => scanId));
  await ask('background', 'dropCrops', null);
  return () => restore(kept);
}

async function restore(kept: readonly KeptScan[]): Promise<void> {
  for (let first = 0; first < kept.length; first += ENTRIES_A_MESSAGE) {
    const some = kept.slice(first, first + ENTRIES_A_MESSAGE);
    await ask('background', 'restoreHistoryEntries', {
      entries: some.map(({ entry }) => entry),
      crops: some.flatMap(({ crops }) => crops ?? []),
    });
  }
}

/** Deletes all entries and all remembered verdicts. Of quiet scans nothing else is kept. */
export async function deleteAllEntries(): Promise<Undo> {
  const verdicts = await listRememberedVerdicts();
  const restoreEntries = await deleteEntries(await listHistoryScanIds());
  // This also deletes the verdicts, and entries that no list shows because they can't be read.
  await ask('background', 'clearHistory', null);
  return async () => {
    await restoreEntries();
    // They have less than 1 kB each and are some thousands at most, so one message holds them.
    await ask('background', 'restoreVerdicts', { verdicts });
  };
}

/** Writes the user's own label and note. */
export async function annotateEntry(scanId: string, annotation: Annotation): Promise<Undo> {
  const former = await getHistoryEntry(scanId);
  const write = async (written: Annotation): Promise<void> => {
    await ask('background', 'annotateHistoryEntry', { scanId, annotation: written });
  };
  await write(annotation);
  return () => write({ ownLabel: former?.ownLabel ?? null, note: former?.note ?? '' });
}

/**
 * Adds entries of a file.
 * @returns null where there is no room for all of them; then nothing has changed
 */
export async function importEntries(
  entries: readonly HistoryEntry[],
): Promise<{ readonly added: number; readonly undo: Undo } | null> {
  const imported = await importHistoryEntries(entries);
  if (imported === null) return null;
  const { added, changed } = imported;
  return {
    added: added.length,
    undo: async () => {
      await ask('background', 'deleteHistoryEntries', { scanIds: added });
      await ask('background', 'restoreHistoryEntries', { entries: changed });
    },
  };
}
