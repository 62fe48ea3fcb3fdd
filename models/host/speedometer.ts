/** Long enough that a pause between two requests doesn't show, short enough that a slower network does. */
const WINDOW_MILLISECONDS = 5000;
/** Before that, the speed says more about the start than about the rest. */
const MIN_ELAPSED_MILLISECONDS = 1500;

export type Speedometer = {
  /** @param doneByteLength so far, in all @returns bytes a second over the last seconds; null while that is a guess */
  readonly measure: (doneByteLength: number) => number | null;
};

/** @param now monotonic, in milliseconds */
export function createSpeedometer(now: () => number): Speedometer {
  /** Oldest first; at least one, and at most one before the window's beginning. */
  const readings: { readonly at: number; readonly doneByteLength: number }[] = [];
  return {
    measure: (doneByteLength) => {
      const at = now();
      // What was damaged on its way is fetched again, and counts from there.
      if (doneByteLength < (readings.at(-1)?.doneByteLength ?? 0)) readings.length = 0;
      readings.push({ at, doneByteLength });
      while (readings.length > 2 && at - readings[1]!.at >= WINDOW_MILLISECONDS) readings.shift();
      const first = readings[0]!;
      const elapsed = at - first.at;
      if (elapsed < MIN_ELAPSED_MILLISECONDS) return null;
      return ((doneByteLength - first.doneByteLength) / elapsed) * 1000;
    },
  };
}
