import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { DetectorError } from '../domain/errors.ts';
import { createAnnouncements } from './announcements.ts';

/** The change from one version of a database to the next; the first makes the stores. */
export type DatabaseUpgrade<Schema extends DBSchema> = (
  database: IDBPDatabase<Schema>,
  transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
) => void | Promise<void>;

export type Database<Schema extends DBSchema> = {
  /** Opens the database for one piece of work: an open connection in a page would block a later version's upgrade. */
  readonly read: <Result>(work: (database: IDBPDatabase<Schema>) => Promise<Result>) => Promise<Result>;
  /** As `read`, and announces to other contexts that something has changed. */
  readonly change: (work: (database: IDBPDatabase<Schema>) => Promise<unknown>) => Promise<void>;
  /**
   * Calls back when another context has changed something.
   * @returns stops watching
   */
  readonly watch: (onChange: () => void) => () => void;
};

/**
 * Creates the access to a database.
 * @param upgrades one for each version, from 1 on
 * @throws (from its functions) DetectorError `database-newer` where a later version of the extension has written the
 *   database
 */
export function createDatabase<Schema extends DBSchema>(
  name: string,
  upgrades: readonly DatabaseUpgrade<Schema>[],
): Database<Schema> {
  const changes = createAnnouncements<null>(`${name}-changes`);

  const open = async (): Promise<IDBPDatabase<Schema>> => {
    try {
      return await openDB<Schema>(name, upgrades.length, {
        upgrade: (database, oldVersion, _newVersion, transaction) => {
          const run = async (): Promise<void> => {
            for (const upgrade of upgrades.slice(oldVersion)) await upgrade(database, transaction);
          };
          // An upgrade that fails leaves the database in its former version.
          run().catch(() => transaction.abort());
        },
      });
    } catch (cause) {
      // IndexedDB 3.0, "opening a database": the version asked for is lower than the one that is there.
      if (cause instanceof DOMException && cause.name === 'VersionError') {
        throw new DetectorError('database-newer', `the database ${name} is of a later version`, { cause });
      }
      throw cause;
    }
  };
  const read: Database<Schema>['read'] = async (work) => {
    const database = await open();
    try {
      return await work(database);
    } finally {
      database.close();
    }
  };
  return {
    read,
    change: async (work) => {
      await read(work);
      changes.announce(null);
    },
    watch: changes.watch,
  };
}
