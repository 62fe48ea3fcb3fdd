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

/** null before the first bundle. */
export function readSigningKey(): Promise<StoredKey | null> {
  return database.read(async (opened) => (await opened.get('keys', 'own')) ?? null);
}

/**
 * The profile's key; the first call keeps a new one. Of two pages that ask at once, both get the one that was kept first.
 * @param create makes a key pair
 */
export async function getSigningKey(create: () => Promise<CryptoKeyPair>): Promise<StoredKey> {
  const former = await readSigningKey();
  if (former !== null) return former;
  // Before the transaction: one that waits for anything else than the database ends.
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

/** Puts a new key in the place of the former one, which is gone for good. */
export async function replaceSigningKey(create: () => Promise<CryptoKeyPair>): Promise<void> {
  const pair = await create();
  await database.change((opened) => opened.put('keys', { id: 'own', pair, madeAt: Date.now() }));
}

/** Calls back whenever another page has changed the key. @returns stops watching */
export const watchSigningKey = database.watch;
