import { useEffect, useState } from 'preact/hooks';

/**
 * The latest value of something that changes by itself; null until the first one is known.
 * @param follow calls back with the present value and each later one, and returns what stops that; the same function
 *   each time
 */
export function useFollowed<Value>(follow: (onValue: (value: Value) => void) => () => void): Value | null {
  const [value, setValue] = useState<Value | null>(null);
  useEffect(() => follow((next) => setValue(() => next)), [follow]);
  return value;
}
