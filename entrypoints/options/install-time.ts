/** Before that, the speed says more about the start than about the rest. */
const MIN_ELAPSED_MILLISECONDS = 1500;

/** What can be said of a running piece of work. */
export type Pace = { readonly bytesPerSecond: number; readonly secondsLeft: number };

/**
 * Speed and time left, from the mean since the start of the work; null as long as that would be a guess.
 * @param doneByteLength of `totalByteLength`
 */
export function paceOf(
  doneByteLength: number,
  totalByteLength: number,
  elapsedMilliseconds: number,
): Pace | null {
  if (elapsedMilliseconds < MIN_ELAPSED_MILLISECONDS || doneByteLength <= 0) return null;
  const bytesPerSecond = (doneByteLength / elapsedMilliseconds) * 1000;
  return { bytesPerSecond, secondsLeft: Math.max(0, totalByteLength - doneByteLength) / bytesPerSecond };
}
