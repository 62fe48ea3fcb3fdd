import { useEffect, useState } from 'preact/hooks';

/**
 * A stored value, kept up to date with the changes of every page; null until it is read.
 * @param read and `watch` are the same functions at each call
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
