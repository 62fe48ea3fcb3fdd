import type { DBSchema, IDBPTransaction } from 'idb';
import * as v from 'valibot';
import { reportOfVerdict, reportSchema, upgradeFrameScore, upgradeReport } from '../domain/report.ts';
import { historyEntrySchema } from '../domain/scan.ts';
import { summaryOf } from '../domain/history.ts';
import type { Annotation, HistorySummary } from '../domain/history.ts';
import type { HistoryEntry, ScanDetails } from '../domain/scan.ts';
import { VERDICT_BANDS, verdictSchema, withFramesScanned } from '../domain/verdict.ts';
import { createDatabase } from './database.ts';
import type { DatabaseUpgrade } from './database.ts';

/**
 * Three checks a day for eighteen years. A report of fifteen frames is 3 to 10 kB long, so these are 200 MB at most.
 * The search's summaries, which the history page holds in memory, are 12 MB. The oldest entries are dropped first.
 */
export const MAX_HISTORY_ENTRIES = 20_000;

/**
 * The most bytes of kept faces: about 250 checks of 15 faces at 224². The faces of the oldest checks are dropped first;
 * their entries stay. It is a tenth of the room that the networks may take, and less than any disk lacks.
 */
export const MAX_CROP_BYTES = 500_000_000;

/** The networks' input of one scan. */
export type StoredCrops = {
  readonly scanId: string;
  readonly faces: readonly (Omit<ScanCrop, 'picture'> & {
    readonly width: number;
    readonly height: number;
  })[];
  /**
   * Every face's RGBA, one after the other, gzipped. A page that only passes a Blob on does not have its bytes in
   * memory.
   */
  readonly pixels: Blob;
};
type ScanCrop = ScanDetails['crops'][number];

/** An entry with its faces, so that a deletion can be undone. */
export type KeptScan = { readonly entry: HistoryEntry; readonly crops: StoredCrops | null };

type HistorySchema = DBSchema & {
  entries: {
    key: string;
    value: HistoryEntry;
    /** The index of versions 1 to 4. */
    indexes: { byTime: [number, string] };
  };
  summaries: {
    key: string;
    value: HistorySummary;
    // The id gives two scans that ended in the same millisecond two places in the order. The last index leaves out
    // entries without faces.
    indexes: { byTime: [number, string]; byNewness: [number, string]; byCrops: [number, number] };
  };
  crops: { key: string; value: StoredCrops };
};
type StoreName = 'entries' | 'summaries' | 'crops';
const ALL_STORES: readonly StoreName[] = ['entries', 'summaries', 'crops'];

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
    // An entry that can't be read stays stored, since it is the user's; no list shows it.
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
  // Version 5: each entry's summary in a store of its own, and a store for faces.
  async (upgraded, transaction) => {
    const summaries = upgraded.createObjectStore('summaries', { keyPath: 'scanId' });
    summaries.createIndex('byTime', ['finishedAt', 'scanId']);
    summaries.createIndex('byNewness', ['newness', 'scanId']);
    summaries.createIndex('byCrops', ['finishedAt', 'cropByteLength']);
    upgraded.createObjectStore('crops', { keyPath: 'scanId' });
    const entries = transaction.objectStore('entries');
    entries.deleteIndex('byTime');
    for (let cursor = await entries.openCursor(); cursor !== null; cursor = await cursor.continue()) {
      const entry = validEntry(cursor.value);
      if (entry !== null) await summaries.put(summaryOf(entry));
    }
  },
]);

/** The newest entries, newest first. */
export function listHistory(limit: number): Promise<readonly HistorySummary[]> {
  return database.read((opened) => opened.getAllFromIndex('summaries', 'byNewness', null, limit));
}

/** All entries, newest first. For pages that search: twenty thousand take a fifth of a second and 12 MB. */
export function listWholeHistory(): Promise<readonly HistorySummary[]> {
  return database.read((opened) => opened.getAllFromIndex('summaries', 'byNewness'));
}

/** How many entries the lists show. */
export function countHistory(): Promise<number> {
  return database.read((opened) => opened.count('summaries'));
}

/** The ids of all scans that have entries. */
export function listHistoryScanIds(): Promise<readonly string[]> {
  return database.read((opened) => opened.getAllKeys('summaries'));
}

/** Ids of the entries of scans that ended up to a time, in milliseconds since the epoch. */
export function listScanIdsUpTo(time: number): Promise<readonly string[]> {
  return database.read((opened) => opened.getAllKeysFromIndex('summaries', 'byTime', upTo(time)));
}

/** One entry; null where it was never kept or has been deleted. */
export function getHistoryEntry(scanId: string): Promise<HistoryEntry | null> {
  return database.read(async (opened) => validEntry(await opened.get('entries', scanId)));
}

/** The entries with these ids, as far as they exist, in the order of the ids. */
export function getHistoryEntries(scanIds: readonly string[]): Promise<readonly HistoryEntry[]> {
  return database.read(async (opened) => {
    const { store } = opened.transaction('entries');
    const stored = await Promise.all(scanIds.map((scanId) => store.get(scanId)));
    return stored.flatMap((each) => validEntry(each) ?? []);
  });
}

/** The entries with these ids and their faces, for a deletion that can be undone. */
export function getKeptScans(scanIds: readonly string[]): Promise<readonly KeptScan[]> {
  return database.read(async (opened) => {
    const transaction = opened.transaction(['entries', 'crops']);
    const kept = await Promise.all(
      scanIds.map(async (scanId) => ({
        entry: validEntry(await transaction.objectStore('entries').get(scanId)),
        crops: (await transaction.objectStore('crops').get(scanId)) ?? null,
      })),
    );
    return kept.flatMap(({ entry, crops }) => (entry === null ? [] : { entry, crops }));
  });
}

/** The face pictures of the scans that have one. */
export async function getFacePictures(scanIds: readonly string[]): Promise<ReadonlyMap<string, Blob>> {
  const entries = await getHistoryEntries(scanIds);
  return new Map(
    entries.flatMap(({ scanId, facePicture }) =>
      facePicture === null ? [] : [[scanId, facePicture] as const],
    ),
  );
}

/** The faces of one scan as the networks got them; null where none were kept. */
export async function getKeptCrops(scanId: string): Promise<readonly ScanCrop[] | null> {
  const stored = await database.read((opened) => opened.get('crops', scanId));
  if (stored === undefined) return null;
  const bytes = await new Response(
    stored.pixels.stream().pipeThrough(new DecompressionStream('gzip')),
  ).arrayBuffer();
  let offset = 0;
  return stored.faces.map(({ width, height, ...face }) => {
    const data = new Uint8ClampedArray(bytes, offset, width * height * 4);
    offset += data.byteLength;
    return { ...face, picture: new ImageData(data, width, height) };
  });
}

/**
 * Stores entries with their faces. An entry replaces one with the same id, whose faces stay. Background only, as are
 * all functions that write, except for {@link importHistoryEntries}.
 */
export async function putHistoryEntries(
  entries: readonly HistoryEntry[],
  crops: readonly StoredCrops[] = [],
): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction(ALL_STORES, 'readwrite');
    await Promise.all(entries.map((entry) => putEntry(transaction, entry)));
    await Promise.all(crops.map((each) => putCrops(transaction, each)));
    const surplus = (await transaction.objectStore('summaries').count()) - MAX_HISTORY_ENTRIES;
    if (surplus > 0) {
      const oldest = await transaction.objectStore('summaries').index('byTime').getAllKeys(null, surplus);
      await deleteScans(transaction, oldest);
    }
    await transaction.done;
  });
}

/**
 * Stores entries, all or none. They go into one transaction, since no message to the background can hold them. Existing
 * entries stay as they are; only a missing note or label is filled in.
 * @returns ids of the added entries, and the former content of the changed ones; null where there would be more than
 *   {@link MAX_HISTORY_ENTRIES}, and then nothing is changed
 */
export async function importHistoryEntries(entries: readonly HistoryEntry[]): Promise<Imported | null> {
  const changed: HistoryEntry[] = [];
  const answer: { imported: Imported | null } = { imported: null };
  await database.change(async (opened) => {
    const transaction = opened.transaction(ALL_STORES, 'readwrite');
    const known = new Set(await transaction.objectStore('summaries').getAllKeys());
    const added = entries.flatMap(({ scanId }) => (known.has(scanId) ? [] : scanId));
    if (known.size + added.length > MAX_HISTORY_ENTRIES) return;
    const put = async (entry: HistoryEntry): Promise<void> => {
      const former = known.has(entry.scanId)
        ? validEntry(await transaction.objectStore('entries').get(entry.scanId))
        : null;
      const merged = former === null ? entry : withMissingAnnotation(former, entry);
      if (former !== null && merged !== former) changed.push(former);
      if (merged !== former) await putEntry(transaction, merged);
    };
    await Promise.all(entries.map(put));
    await transaction.done;
    answer.imported = { added, changed };
  });
  return answer.imported;
}

export type Imported = { readonly added: readonly string[]; readonly changed: readonly HistoryEntry[] };

function withMissingAnnotation(own: HistoryEntry, other: HistoryEntry): HistoryEntry {
  const ownLabel = own.ownLabel ?? other.ownLabel;
  const note = own.note === '' ? other.note : own.note;
  return ownLabel === own.ownLabel && note === own.note ? own : { ...own, ownLabel, note };
}

/** Stores the user's own label and note. Background only. */
export async function annotateHistoryEntry(scanId: string, annotation: Annotation): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction(ALL_STORES, 'readwrite');
    const entry = validEntry(await transaction.objectStore('entries').get(scanId));
    if (entry !== null) await putEntry(transaction, { ...entry, ...annotation });
    await transaction.done;
  });
}

/** Stores the faces of a scan that has an entry. The faces of the oldest scans are dropped first. Background only. */
export async function keepCrops(scanId: string, crops: ScanDetails['crops']): Promise<void> {
  const raw = new Blob(crops.map(({ picture }) => picture.data));
  // The bytes are made before the transaction: a transaction ends when it waits for anything other than the database.
  const pixels = await new Response(raw.stream().pipeThrough(new CompressionStream('gzip'))).blob();
  const faces = crops.map(({ picture, ...face }) => ({
    ...face,
    width: picture.width,
    height: picture.height,
  }));
  await database.change(async (opened) => {
    const transaction = opened.transaction(ALL_STORES, 'readwrite');
    await putCrops(transaction, { scanId, faces, pixels });
    const kept: { readonly scanId: string; readonly byteLength: number }[] = [];
    const index = transaction.objectStore('summaries').index('byCrops');
    for (let cursor = await index.openKeyCursor(); cursor !== null; cursor = await cursor.continue()) {
      kept.push({ scanId: cursor.primaryKey, byteLength: cursor.key[1] });
    }
    let total = kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
    for (const oldest of kept) {
      if (total <= MAX_CROP_BYTES) break;
      await deleteCrops(transaction, oldest.scanId);
      total -= oldest.byteLength;
    }
    await transaction.done;
  });
}

/** Deletes entries with their faces. Background only. */
export async function deleteHistoryEntries(scanIds: readonly string[]): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction(ALL_STORES, 'readwrite');
    await deleteScans(transaction, scanIds);
    await transaction.done;
  });
}

/** Deletes all entries and faces. Background only. */
export async function clearHistory(): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction(ALL_STORES, 'readwrite');
    await Promise.all(ALL_STORES.map((name) => transaction.objectStore(name).clear()));
    await transaction.done;
  });
}

/** Deletes all kept faces, and no entry. Background only. */
export async function dropCrops(): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction(ALL_STORES, 'readwrite');
    for (const scanId of await transaction.objectStore('crops').getAllKeys()) {
      await deleteCrops(transaction, scanId);
    }
    await transaction.done;
  });
}

/**
 * Calls back when another context has changed the history.
 * @returns stops watching
 */
export const watchHistory = database.watch;

type WritingTransaction = IDBPTransaction<HistorySchema, readonly StoreName[], 'readwrite'>;

async function putEntry(transaction: WritingTransaction, entry: HistoryEntry): Promise<void> {
  const former = await transaction.objectStore('summaries').get(entry.scanId);
  await Promise.all([
    transaction.objectStore('entries').put(entry),
    transaction.objectStore('summaries').put(summaryOf(entry, former?.cropByteLength)),
  ]);
}

async function putCrops(transaction: WritingTransaction, crops: StoredCrops): Promise<void> {
  const summary = await transaction.objectStore('summaries').get(crops.scanId);
  // The entry may have been deleted meanwhile.
  if (summary === undefined) return;
  await transaction.objectStore('crops').put(crops);
  await transaction.objectStore('summaries').put({ ...summary, cropByteLength: crops.pixels.size });
}

async function deleteCrops(transaction: WritingTransaction, scanId: string): Promise<void> {
  await transaction.objectStore('crops').delete(scanId);
  const summary = await transaction.objectStore('summaries').get(scanId);
  if (summary === undefined) return;
  const { cropByteLength: _, ...rest } = summary;
  await transaction.objectStore('summaries').put(rest);
}

async function deleteScans(transaction: WritingTransaction, scanIds: readonly string[]): Promise<void> {
  await Promise.all(
    ALL_STORES.flatMap((name) => scanIds.map((scanId) => transaction.objectStore(name).delete(scanId))),
  );
}

/** In the order of keys, an array comes after every id. */
function upTo(time: number): IDBKeyRange {
  return IDBKeyRange.upperBound([time, []]);
}
