/** Longer than a pause between two requests, and short enough to show a slower network soon. */
const WINDOW_MILLISECONDS = 5000;
/** A shorter measurement mostly measures the connection's start. */
const MIN_ELAPSED_MILLISECONDS = 1500;

/**
 * Measures the speed of a download.
 * @param now monotonic, in milliseconds
 * @returns a function that takes the number of bytes so far and returns bytes a second over the last seconds; null
 *   while the speed can't be known
 */
export function createSpeedometer(now: () => number): (doneByteLength: number) => number | null {
  /** Oldest first; at least one, and at most one before the window's beginning. */
  const readings: { readonly at: number; readonly doneByteLength: number }[] = [];
  return (doneByteLength) => {
    const at = now();
    // Damaged bytes are fetched again. Then the measurement begins anew.
    if (doneByteLength < (readings.at(-1)?.doneByteLength ?? 0)) readings.length = 0;
    readings.push({ at, doneByteLength });
    while (readings.length > 2 && at - readings[1]!.at >= WINDOW_MILLISECONDS) readings.shift();
    const first = readings[0]!;
    const elapsed = at - first.at;
    if (elapsed < MIN_ELAPSED_MILLISECONDS) return null;
    return ((doneByteLength - first.doneByteLength) / elapsed) * 1000;
  };
}
