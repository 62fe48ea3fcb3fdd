import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import type { VideoKeys } from '../domain/memory-keys.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { UsedModel } from '../domain/report.ts';

const DATABASE_NAME = 'verdict-memory';
const DATABASE_VERSION = 1;
/** Weeks of scrolling; below 1 kB each. What was not met again for longest makes room. */
export const MAX_REMEMBERED_VERDICTS = 4000;

/** Every open page of the extension hears that what is remembered has changed. */
const CHANGES_CHANNEL = 'verdict-memory-changes';

export type RememberedVerdict = {
  /** Of the scan that gave it. */
  readonly scanId: string;
  readonly keys: VideoKeys;
  readonly verdict: Verdict;
  readonly model: UsedModel;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
  readonly usedAt: number;
};

/** IndexedDB does not index null: a key that is not there is left out. */
type Stored = Omit<RememberedVerdict, 'keys'> & {
  readonly post?: string;
  readonly file?: string;
  readonly modelId: string;
};

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

async function withDatabase<Result>(
  work: (database: IDBPDatabase<MemorySchema>) => Promise<Result>,
): Promise<Result> {
  // Opened for each call, as the history is: an open connection would block a later version's upgrade.
  const database = await openDB<MemorySchema>(DATABASE_NAME, DATABASE_VERSION, {
    upgrade: (upgraded) => {
      const verdicts = upgraded.createObjectStore('verdicts', { keyPath: 'scanId' });
      verdicts.createIndex('byPost', ['modelId', 'post']);
      verdicts.createIndex('byFile', ['modelId', 'file']);
      verdicts.createIndex('byUse', 'usedAt');
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/**
 * Remembers a verdict in place of older ones on the same video by the same model. Background only, as all that write.
 */
export async function rememberVerdict(remembered: RememberedVerdict): Promise<void> {
  await withDatabase(async (database) => {
    const transaction = database.transaction('verdicts', 'readwrite');
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
  announceChange();
}

/**
 * Puts back what was forgotten; of a video that has been judged anew meanwhile, the newer verdict stays. Background only.
 */
export async function restoreVerdicts(verdicts: readonly RememberedVerdict[]): Promise<void> {
  await withDatabase(async (database) => {
    const transaction = database.transaction('verdicts', 'readwrite');
    for (const verdict of verdicts) {
      const newer = await findByKeys(transaction.store, verdict.keys, verdict.model.modelId);
      if (newer.length === 0) await transaction.store.put(toStored(verdict));
    }
    await transaction.done;
  });
  announceChange();
}

/**
 * What this model said of this video; null where it was never asked, or not lately. Another model asks again.
 * @param usedAt milliseconds since the epoch: met again, it is kept longer; null to leave no trace
 */
export function recallVerdict(
  keys: VideoKeys,
  modelId: string,
  usedAt: number | null,
): Promise<RememberedVerdict | null> {
  return withDatabase(async (database) => {
    const transaction = database.transaction('verdicts', 'readwrite');
    const found = await findByKeys(transaction.store, keys, modelId);
    const latest = found.toSorted((one, other) => other.finishedAt - one.finishedAt)[0];
    if (latest !== undefined && usedAt !== null) await transaction.store.put({ ...latest, usedAt });
    await transaction.done;
    return latest === undefined ? null : fromStored(latest);
  });
}

export function countRememberedVerdicts(): Promise<number> {
  return withDatabase((database) => database.count('verdicts'));
}

/** All of them, in no order. */
export function listRememberedVerdicts(): Promise<readonly RememberedVerdict[]> {
  return withDatabase(async (database) => (await database.getAll('verdicts')).map(fromStored));
}

/** Of which scans verdicts are remembered. */
export function listRememberedScanIds(): Promise<readonly string[]> {
  return withDatabase((database) => database.getAllKeys('verdicts'));
}

/** Of one scan, whose entry in the history is deleted. Background only. */
export async function forgetVerdict(scanId: string): Promise<void> {
  await withDatabase((database) => database.delete('verdicts', scanId));
  announceChange();
}

/** Background only. */
export async function forgetVerdicts(): Promise<void> {
  await withDatabase((database) => database.clear('verdicts'));
  announceChange();
}

/** Calls back whenever another context has changed what is remembered. @returns stops watching */
export function watchRememberedVerdicts(onChange: () => void): () => void {
  const channel = new BroadcastChannel(CHANGES_CHANNEL);
  channel.addEventListener('message', () => onChange());
  return () => channel.close();
}

function announceChange(): void {
  const channel = new BroadcastChannel(CHANGES_CHANNEL);
  channel.postMessage(null);
  channel.close();
}

type Lookup = {
  readonly index: (name: 'byPost' | 'byFile') => {
    readonly getAll: (query: [string, string]) => Promise<Stored[]>;
  };
};

async function findByKeys(store: Lookup, { post, file }: VideoKeys, modelId: string): Promise<Stored[]> {
  // The file is the video itself; a post's address says less, so it is asked second.
  const byFile = file === null ? [] : await store.index('byFile').getAll([modelId, file]);
  if (byFile.length > 0) return byFile;
  return post === null ? [] : await store.index('byPost').getAll([modelId, post]);
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
