/** A frame as an element shows it. */
export type ShownFrame = {
  readonly seconds: number;
  /** null where the file does not state how long the frame is shown. */
  readonly lengthSeconds: number | null;
};

/** Where a file's frames lie, if they lie at even intervals. */
export type FrameTimes = {
  readonly count: number;
  readonly firstSeconds: number;
  readonly intervalSeconds: number;
};

/** The interval, where no frame states how long it is shown. */
export const USUAL_FRAME_SECONDS = 1 / 30;
/** More than any file has: 24 hours at 120 a second. It limits what a broken file can claim. */
const MAX_FRAME_COUNT = 24 * 3600 * 120;
/**
 * No camera takes fewer than ten frames a second. If the frames at both ends of a file are shown for longer, frames
 * from the middle are needed.
 */
const LONG_FRAME_SECONDS = 0.1;

/**
 * The number of frames, from the shortest frame's length and the time between the first and the last frame. Single
 * frames may be shown for long, such as a title, or the first one of a recording. If such a length stood for all
 * frames, too few frames could be chosen. Too many do no harm: a place in time is chosen, and the frame that is shown
 * there.
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

/** Whether these two lengths alone say too little about the frames in between. */
export function areBothLong(first: ShownFrame, last: ShownFrame): boolean {
  return last.seconds > first.seconds && (shortestSeconds([first, last]) ?? 0) > LONG_FRAME_SECONDS;
}

function shortestSeconds(frames: readonly ShownFrame[]): number | null {
  const known = frames.flatMap(({ lengthSeconds }) => (lengthSeconds === null ? [] : [lengthSeconds]));
  return known.length === 0 ? null : Math.min(...known);
}
