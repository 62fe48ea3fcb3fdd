import type { FrameMessage } from './frame-look.ts';

/** Video black, once more rounded in the conversion to RGB. Grain in a dark scene is lighter somewhere. */
const MAX_BLACK = 2;
/** Every so manieth pixel of a picture is looked at; no divisor of a usual width, so that the columns differ from row to row. */
const STEP_PIXELS = 61;

/**
 * Whether all pictures of a scan were black: what browsers show of copy-protected video to everybody but the screen. So are
 * the first pictures of many other videos: of how many it says something is the scan's to know.
 */
export type BlackGauge = {
  readonly sawFrame: (frame: FrameMessage) => void;
  /** false before the first. */
  readonly isAllBlack: () => boolean;
};

export function createBlackGauge(): BlackGauge {
  let isAllBlack: boolean | null = null;
  return {
    sawFrame: ({ thumbnail }) => {
      if (isAllBlack !== false) isAllBlack = isBlack(thumbnail.data);
    },
    isAllBlack: () => isAllBlack === true,
  };
}

/** @param data RGBA */
function isBlack(data: ArrayLike<number>): boolean {
  for (let at = 0; at < data.length; at += 4 * STEP_PIXELS) {
    if (Math.max(data[at]!, data[at + 1]!, data[at + 2]!) > MAX_BLACK) return false;
  }
  return true;
}
