/** The browser's storage in memory, with the functions that WXT's storage items and our own readers need. */

type Changes = Record<string, { readonly newValue?: unknown; readonly oldValue?: unknown }>;
type Listener = (changes: Changes) => void;

export function createFakeArea() {
  const values = new Map<string, unknown>();
  const listeners = new Set<Listener>();
  const tell = (changes: Changes): void => listeners.forEach((listener) => listener(changes));
  return {
    values,
    get: (keys?: string | readonly string[] | null) => {
      const asked = keys === undefined || keys === null ? [...values.keys()] : [keys].flat();
      return Promise.resolve(
        Object.fromEntries(asked.filter((key) => values.has(key)).map((key) => [key, values.get(key)])),
      );
    },
    set: (changed: Record<string, unknown>) => {
      for (const [key, newValue] of Object.entries(changed)) {
        const oldValue = values.get(key);
        values.set(key, newValue);
        tell({ [key]: { newValue, oldValue } });
      }
      return Promise.resolve();
    },
    remove: (keys: string | readonly string[]) => {
      for (const key of [keys].flat()) {
        const oldValue = values.get(key);
        if (values.delete(key)) tell({ [key]: { oldValue } });
      }
      return Promise.resolve();
    },
    onChanged: {
      addListener: (listener: Listener) => void listeners.add(listener),
      removeListener: (listener: Listener) => void listeners.delete(listener),
    },
  };
}

/** To be called in `vi.hoisted`: WXT's storage takes the browser of the global scope when it is loaded. */
export function installFakeStorage() {
  const storage = { local: createFakeArea(), session: createFakeArea() };
  Object.assign(globalThis, { chrome: { runtime: { id: 'own' }, storage } });
  return storage;
}
