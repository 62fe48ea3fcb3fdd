/** A frame as an element shows it. */
export type ShownFrame = {
  readonly seconds: number;
  /** null where the file does not say how long it is shown. */
  readonly lengthSeconds: number | null;
};

/** Where a file's frames lie, taken as even. */
export type FrameTimes = {
  readonly count: number;
  readonly firstSeconds: number;
  readonly intervalSeconds: number;
};

/** Where no frame says how long it is shown. */
export const USUAL_FRAME_SECONDS = 1 / 30;
/** More than any file has: 24 hours at 120 a second. Bounds what a broken file can claim. */
const MAX_FRAME_COUNT = 24 * 3600 * 120;
/** No camera takes fewer than ten a second: where both ends of a file are longer, that may be said of its ends alone. */
const LONG_FRAME_SECONDS = 0.1;

/**
 * How many frames there are, from the shortest one's length and the time between first and last. Single frames may be shown
 * for long: a title, or where a recording began. Taken for all, such a length would leave too few frames to choose from;
 * too many only means that a place in time is chosen, and the frame that is shown there.
 * @param others frames from between them
 */
export function frameTimes(
  first: ShownFrame,
  last: ShownFrame,
  others: readonly ShownFrame[] = [],
): FrameTimes {
  const lengthSeconds = shortestSeconds([first, last, ...others]) ?? USUAL_FRAME_SECONDS;
  const span = Math.max(0, last.seconds - first.seconds);
  const count = Math.min(MAX_FRAME_COUNT, Math.round(span / lengthSeconds) + 1);
  return {
    count,
    firstSeconds: first.seconds,
    intervalSeconds: count > 1 ? span / (count - 1) : lengthSeconds,
  };
}

/** Whether the lengths of these two alone say too little about those between them. */
export function areBothLong(first: ShownFrame, last: ShownFrame): boolean {
  return last.seconds > first.seconds && (shortestSeconds([first, last]) ?? 0) > LONG_FRAME_SECONDS;
}

function shortestSeconds(frames: readonly ShownFrame[]): number | null {
  const known = frames.flatMap(({ lengthSeconds }) => (lengthSeconds === null ? [] : [lengthSeconds]));
  return known.length === 0 ? null : Math.min(...known);
}
