/**
 * The most keys that are counted. A further key replaces the oldest, so that a flood of keys does not fill the memory.
 */
const MAX_KEYS = 1000;

/**
 * Limits how many times something may happen in a span of time, for each key by itself.
 * @returns for a key: whether it may happen once more. If so, the call is counted
 */
export function createRateLimit({
  times,
  perMilliseconds,
}: {
  readonly times: number;
  readonly perMilliseconds: number;
}): (key: string | number, now?: number) => boolean {
  const counted = new Map<string | number, readonly number[]>();
  return (key, now = Date.now()) => {
    const recent = (counted.get(key) ?? []).filter((at) => now - at < perMilliseconds);
    const may = recent.length < times;
    counted.delete(key);
    counted.set(key, may ? [...recent, now] : recent);
    const [oldest] = counted.keys();
    if (counted.size > MAX_KEYS && oldest !== undefined) counted.delete(oldest);
    return may;
  };
}
