import type { RasterImage } from '../image/raster-image.ts';

/**
 * The largest level of black after the rounding of a conversion to RGB. A dark scene has brighter grain in some pixels.
 */
const MAX_BLACK = 2;
/** Every 61st pixel is read: 61 divides no usual width, so the columns differ from row to row. */
const STEP_PIXELS = 61;

/**
 * Tells whether all pictures of a scan were black. Browsers give extensions black pictures of copy-protected video.
 * Many other videos begin with black pictures, so the scan asks only after several.
 */
export function createBlackGauge() {
  let isAllBlack: boolean | null = null;
  return {
    /** Takes the next picture, RGBA, of any size. */
    sawPicture: ({ data }: RasterImage) => {
      isAllBlack = isAllBlack !== false && isBlack(data);
    },
    /** false before the first picture. */
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
