import type { DBSchema } from 'idb';
import * as v from 'valibot';
import type { VideoKeys } from '../domain/memory-keys.ts';
import { usedModelSchema } from '../domain/model.ts';
import { scoreBands } from '../domain/report.ts';
import { verdictSchema, withFramesScanned } from '../domain/verdict.ts';
import type { DeepReadonly } from '../domain/verdict.ts';
import { createDatabase } from './database.ts';

/**
 * The most remembered verdicts: weeks of scrolling, below 1 kB each. The one that was not used for the longest time is
 * dropped first.
 */
export const MAX_REMEMBERED_VERDICTS = 4000;

/** IndexedDB does not index null, so an absent key is left out. */
const storedVerdict = v.object({
  /** Id of the scan that gave the verdict. */
  scanId: v.string(),
  post: v.exactOptional(v.string()),
  file: v.exactOptional(v.string()),
  modelId: v.string(),
  verdict: verdictSchema,
  /** The bands of the verdict. Missing where an older version remembered it, which had the detector's own only. */
  bands: v.exactOptional(scoreBands),
  model: usedModelSchema,
  /** Milliseconds since the epoch. */
  finishedAt: v.number(),
  usedAt: v.number(),
});
type Stored = DeepReadonly<v.InferOutput<typeof storedVerdict>>;

export type RememberedVerdict = Omit<Stored, 'post' | 'file' | 'modelId'> & { readonly keys: VideoKeys };

type MemorySchema = DBSchema & {
  verdicts: {
    key: string;
    value: Stored;
    indexes: {
      byPost: [string, string];
      byFile: [string, string];
      byUse: number;
    };
  };
};

const database = createDatabase<MemorySchema>('verdict-memory', [
  (upgraded) => {
    const verdicts = upgraded.createObjectStore('verdicts', { keyPath: 'scanId' });
    verdicts.createIndex('byPost', ['modelId', 'post']);
    verdicts.createIndex('byFile', ['modelId', 'file']);
    verdicts.createIndex('byUse', 'usedAt');
  },
  // Version 2: verdicts as in reports of version 2.
  async (_upgraded, transaction) => {
    const verdicts = transaction.objectStore('verdicts');
    for (let cursor = await verdicts.openCursor(); cursor !== null; cursor = await cursor.continue()) {
      const upgraded: unknown = { ...cursor.value, verdict: withFramesScanned(cursor.value.verdict) };
      if (isValid(upgraded)) await cursor.update(upgraded);
    }
  },
  // Version 3: keys contain the page's origin. Entries with former keys would never be found.
  (_upgraded, transaction) => transaction.objectStore('verdicts').clear(),
]);

/**
 * Remembers a verdict in place of older ones on the same video by the same model. Background only, as all functions
 * that write.
 */
export async function rememberVerdict(remembered: RememberedVerdict): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction('verdicts', 'readwrite');
    const { store } = transaction;
    for (const former of await findByKeys(store, remembered.keys, remembered.model.modelId)) {
      await store.delete(former.scanId);
    }
    await store.put(toStored(remembered));
    const surplus = (await store.count()) - MAX_REMEMBERED_VERDICTS;
    if (surplus > 0) {
      for (const key of await store.index('byUse').getAllKeys(null, surplus)) await store.delete(key);
    }
    await transaction.done;
  });
}

/**
 * Stores forgotten verdicts again. If a video has been judged anew meanwhile, the newer verdict stays. Background only.
 */
export async function restoreVerdicts(verdicts: readonly RememberedVerdict[]): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction('verdicts', 'readwrite');
    for (const verdict of verdicts) {
      const newer = await findByKeys(transaction.store, verdict.keys, verdict.model.modelId);
      if (newer.length === 0) await transaction.store.put(toStored(verdict));
    }
    await transaction.done;
  });
}

/**
 * The verdict of this model on this video; null where the model never judged it, or not lately. Another model has its
 * own verdict.
 * @param usedAt milliseconds since the epoch: a verdict that is used again is kept longer; null to leave no trace
 */
export function recallVerdict(
  keys: VideoKeys,
  modelId: string,
  usedAt: number | null,
): Promise<RememberedVerdict | null> {
  return database.read(async (opened) => {
    const transaction = opened.transaction('verdicts', 'readwrite');
    const found = await findByKeys(transaction.store, keys, modelId);
    const latest = found.filter(isValid).toSorted((one, other) => other.finishedAt - one.finishedAt)[0];
    if (latest !== undefined && usedAt !== null) await transaction.store.put({ ...latest, usedAt });
    await transaction.done;
    return latest === undefined ? null : fromStored(latest);
  });
}

/** All remembered verdicts, in no order. */
export function listRememberedVerdicts(): Promise<readonly RememberedVerdict[]> {
  return database.read(async (opened) => (await opened.getAll('verdicts')).filter(isValid).map(fromStored));
}

/** Ids of the scans whose verdicts are remembered. */
export function listRememberedScanIds(): Promise<readonly string[]> {
  return database.read((opened) => opened.getAllKeys('verdicts'));
}

/** Forgets the verdicts of scans whose entries in the history are deleted. Background only. */
export async function forgetVerdictsOf(scanIds: readonly string[]): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction('verdicts', 'readwrite');
    await Promise.all(scanIds.map((scanId) => transaction.store.delete(scanId)));
    await transaction.done;
  });
}

/** Forgets the verdicts of scans that ended up to a time, in milliseconds since the epoch. Background only. */
export async function forgetVerdictsUpTo(time: number): Promise<void> {
  const expired = (await listRememberedVerdicts()).filter(({ finishedAt }) => finishedAt <= time);
  if (expired.length > 0) await forgetVerdictsOf(expired.map(({ scanId }) => scanId));
}

/** Forgets all verdicts. Background only. */
export async function forgetVerdicts(): Promise<void> {
  await database.change((opened) => opened.clear('verdicts'));
}

/**
 * Calls back when another context has changed the remembered verdicts.
 * @returns stops watching
 */
export const watchRememberedVerdicts = database.watch;

type Lookup = {
  readonly index: (name: 'byPost' | 'byFile') => {
    readonly getAll: (query: [string, string]) => Promise<Stored[]>;
  };
};

async function findByKeys(store: Lookup, { post, file }: VideoKeys, modelId: string): Promise<Stored[]> {
  // The file is the video itself. A post's address is less exact, so its key is used second.
  const byFile = file === null ? [] : await store.index('byFile').getAll([modelId, file]);
  if (byFile.length > 0 || post === null) return byFile;
  const byPost = await store.index('byPost').getAll([modelId, post]);
  // The same post may now contain another video, which is another file.
  return byPost.filter((stored) => file === null || stored.file === undefined || stored.file === file);
}

function isValid(stored: unknown): stored is Stored {
  return v.is(storedVerdict, stored);
}

function toStored({ keys: { post, file }, ...rest }: RememberedVerdict): Stored {
  return {
    ...rest,
    modelId: rest.model.modelId,
    ...(post !== null && { post }),
    ...(file !== null && { file }),
  };
}

function fromStored({ post, file, modelId: _modelId, ...rest }: Stored): RememberedVerdict {
  return { ...rest, keys: { post: post ?? null, file: file ?? null } };
}
