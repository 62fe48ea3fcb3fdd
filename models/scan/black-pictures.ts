import type { RasterImage } from '../image/raster-image.ts';

/** Video black, once more rounded in the conversion to RGB. Grain in a dark scene is lighter somewhere. */
const MAX_BLACK = 2;
/** One pixel of so many is read; no divisor of a usual width, so that the columns differ from row to row. */
const STEP_PIXELS = 61;

/**
 * Whether all pictures of a scan were black. Browsers show extensions black pictures of copy-protected video. Many other
 * videos begin with black pictures: the scan decides after how many the answer means something.
 */
export type BlackGauge = {
  /** @param picture RGBA, of any size */
  readonly sawPicture: (picture: RasterImage) => void;
  /** false before the first. */
  readonly isAllBlack: () => boolean;
};

export function createBlackGauge(): BlackGauge {
  let isAllBlack: boolean | null = null;
  return {
    sawPicture: ({ data }) => {
      if (isAllBlack !== false) isAllBlack = isBlack(data);
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
