/** More keys than this are not told apart from a flood: the oldest makes room. */
const MAX_KEYS = 1000;

/**
 * Lets something happen a number of times in a span of time, for each key by itself.
 * @returns whether it may happen once more, which is counted where it may
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
