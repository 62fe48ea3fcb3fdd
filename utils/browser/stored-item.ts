import * as v from 'valibot';
import { storage } from 'wxt/utils/storage';

/** One value in the extension's storage. Every context sees the same value. */
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
  /** Version of the value's form. A value that was stored before there were versions has version 1. */
  readonly version?: number;
  /** By version: a function that turns the form of the version before into this version's form. */
  readonly migrations?: Readonly<Record<number, (former: unknown) => unknown>>;
  /** Validates the stored value, since storage outlives versions. null where nothing is stored. */
  readonly valid: (stored: unknown) => Value;
};

/**
 * A value in storage. It is defined at its first use: defining it reads the storage, and not every context that imports
 * this module has one.
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

/**
 * Accepts a value that is of the schema.
 * @param fallback replaces any other value
 */
export function validBySchema<Value>(
  schema: v.GenericSchema<unknown, Value>,
  fallback: Value,
): (stored: unknown) => Value {
  return (stored) => {
    const parsed = v.safeParse(schema, stored);
    return parsed.success ? parsed.output : fallback;
  };
}

/** Accepts those elements of an array that are of the schema. */
export function validElements<Element>(
  schema: v.GenericSchema<unknown, Element>,
): (stored: unknown) => readonly Element[] {
  return (stored) =>
    Array.isArray(stored) ? stored.filter((each): each is Element => v.is(schema, each)) : [];
}
