import * as v from 'valibot';
import { storage } from 'wxt/utils/storage';

/** One value in the extension's storage, of which every context sees the same. */
export type StoredItem<Value> = {
  readonly read: () => Promise<Value>;
  readonly write: (value: Value) => Promise<void>;
  /** Changes some fields of an object; the others stay. */
  readonly change: (change: Partial<Value>) => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Calls back whenever any context changes the value. @returns stops watching */
  readonly watch: (onChange: (value: Value) => void) => () => void;
};

export type StoredItemOptions<Value> = {
  readonly key: `local:${string}` | `session:${string}`;
  /** Of the value's form. What was written before there were numbers is version 1. */
  readonly version?: number;
  /** By version: makes its form of the form of the version before. */
  readonly migrations?: Readonly<Record<number, (former: unknown) => unknown>>;
  /** Storage outlives versions: what is read is validated. null where nothing is stored. */
  readonly valid: (stored: unknown) => Value;
};

/**
 * A value in storage. It is defined at its first use: defining reads the storage, which not every context has that imports
 * this.
 */
export function createStoredItem<Value>({
  key,
  version = 1,
  migrations,
  valid,
}: StoredItemOptions<Value>): StoredItem<Value> {
  const define = () =>
    storage.defineItem<unknown>(key, { version, ...(migrations !== undefined && { migrations }) });
  let defined: ReturnType<typeof define> | undefined;
  const item = () => (defined ??= define());
  const read = async (): Promise<Value> => valid(await item().getValue());
  return {
    read,
    change: async (change) => item().setValue({ ...(await read()), ...change }),
    write: (value) => item().setValue(value),
    remove: () => item().removeValue(),
    watch: (onChange) => item().watch((value) => onChange(valid(value))),
  };
}

/** Takes what is of a schema. @param fallback stands for everything else */
export function validBySchema<Value>(
  schema: v.GenericSchema<unknown, Value>,
  fallback: Value,
): (stored: unknown) => Value {
  return (stored) => {
    const parsed = v.safeParse(schema, stored);
    return parsed.success ? parsed.output : fallback;
  };
}

/** Takes those elements of an array that are of a schema. */
export function validElements<Element>(
  schema: v.GenericSchema<unknown, Element>,
): (stored: unknown) => readonly Element[] {
  return (stored) =>
    Array.isArray(stored) ? stored.filter((each): each is Element => v.is(schema, each)) : [];
}
