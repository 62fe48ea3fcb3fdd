import type { DBSchema } from 'idb';
import { createDatabase } from './database.ts';

/** The key pair of this profile, whose private half no code can read: IndexedDB holds it as the browser made it. */
type StoredKey = {
  readonly id: 'own';
  readonly pair: CryptoKeyPair;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
};

type SigningKeySchema = DBSchema & { keys: { key: string; value: StoredKey } };

const database = createDatabase<SigningKeySchema>('signing-key', [
  (upgraded) => void upgraded.createObjectStore('keys', { keyPath: 'id' }),
]);

/** The profile's key; null before the first bundle. */
export function readSigningKey(): Promise<StoredKey | null> {
  return database.read(async (opened) => (await opened.get('keys', 'own')) ?? null);
}

/**
 * The profile's key. The first call makes one and keeps it. If two pages ask at once, both get the key that was kept
 * first.
 * @param create makes a key pair
 */
export async function getSigningKey(create: () => Promise<CryptoKeyPair>): Promise<StoredKey> {
  const former = await readSigningKey();
  if (former !== null) return former;
  // The key is made before the transaction: a transaction ends when it waits for anything other than the database.
  const pair = await create();
  let kept: StoredKey = { id: 'own', pair, madeAt: Date.now() };
  await database.change(async (opened) => {
    const transaction = opened.transaction('keys', 'readwrite');
    const other = await transaction.store.get('own');
    if (other === undefined) await transaction.store.put(kept);
    else kept = other;
    await transaction.done;
  });
  return kept;
}

/** Puts a new key in the place of the former one, which is lost for good. */
export async function replaceSigningKey(create: () => Promise<CryptoKeyPair>): Promise<void> {
  const pair = await create();
  await database.change((opened) => opened.put('keys', { id: 'own', pair, madeAt: Date.now() }));
}

/** Calls back whenever another page has changed the key. @returns stops watching */
export const watchSigningKey = database.watch;
