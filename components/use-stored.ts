import { useEffect, useState } from 'preact/hooks';

/**
 * Reads a stored value and keeps it up to date with the changes of every page. It is null until it is read.
 * @param read reads the value; the same function at each call
 * @param watch calls back with each change, and returns a function that stops it; the same function at each call
 * @returns the value, and a function that shows another value before it is stored
 */
export function useStored<Value>(
  read: () => Promise<Value>,
  watch: (onChange: (value: Value) => void) => () => void,
) {
  const [value, show] = useState<Value | null>(null);
  useEffect(() => {
    void read().then((stored) => show(() => stored));
    return watch((stored) => show(() => stored));
  }, [read, watch]);
  return [value, show] as const;
}
