import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import type { VideoKeys } from './memory-keys.ts';
import type { UsedModel } from './scan.ts';
import type { Verdict } from './verdict.ts';

const DATABASE_NAME = 'verdict-memory';
const DATABASE_VERSION = 1;
/** Weeks of scrolling; about 1 kB each. What was not met again for longest makes room. */
export const MAX_REMEMBERED_VERDICTS = 4000;
/** Videos with faces as like as these are looked through for one that is the same: see findByFaces. */
const MAX_FACE_CANDIDATES = 200;

/** One sampled face, as a perceptual hash: see models/face/perceptual-hash.ts. */
export type FaceHash = {
  readonly mediaTimeSeconds: number;
  /** 256 bits as hexadecimal digits. */
  readonly bits: string;
};

export type RememberedVerdict = {
  /** Of the scan that gave it. */
  readonly scanId: string;
  readonly keys: VideoKeys;
  readonly durationSeconds: number | null;
  readonly faceHashes: readonly FaceHash[];
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
  /** In tenths of a second, for the search by faces. */
  readonly tenths?: number;
};

type MemorySchema = DBSchema & {
  verdicts: {
    key: string;
    value: Stored;
    indexes: {
      byPost: [string, string];
      byFile: [string, string];
      byLength: [string, number];
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
      verdicts.createIndex('byLength', ['modelId', 'tenths']);
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

/** Verdicts of this model on videos of the same length that had faces in them, the latest used first. */
export function verdictsOfLength(
  durationSeconds: number,
  modelId: string,
): Promise<readonly RememberedVerdict[]> {
  return withDatabase(async (database) => {
    const tenths = toTenths(durationSeconds);
    const range = IDBKeyRange.bound([modelId, tenths - 1], [modelId, tenths + 1]);
    const found = await database.getAllFromIndex('verdicts', 'byLength', range, MAX_FACE_CANDIDATES);
    return found
      .filter(({ faceHashes }) => faceHashes.length > 0)
      .toSorted((one, other) => other.usedAt - one.usedAt)
      .map(fromStored);
  });
}

export function countRememberedVerdicts(): Promise<number> {
  return withDatabase((database) => database.count('verdicts'));
}

/** Background only. */
export function forgetVerdicts(): Promise<void> {
  return withDatabase((database) => database.clear('verdicts'));
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
  const { durationSeconds, model } = rest;
  return {
    ...rest,
    modelId: model.modelId,
    ...(post !== null && { post }),
    ...(file !== null && { file }),
    ...(durationSeconds !== null && { tenths: toTenths(durationSeconds) }),
  };
}

function fromStored({ post, file, tenths: _tenths, modelId: _modelId, ...rest }: Stored): RememberedVerdict {
  return { ...rest, keys: { post: post ?? null, file: file ?? null } };
}

function toTenths(seconds: number): number {
  return Math.round(seconds * 10);
}
