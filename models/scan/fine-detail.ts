import { resizeArea } from '../genconvit/resize-area.ts';
import { INPUT_SIDE_PIXELS } from '../genconvit/preprocess.ts';
import type { RasterImage } from '../genconvit/rgb-image.ts';

const SIDE = INPUT_SIDE_PIXELS;
/** Blocks of 4 × 4: what is finer than they are is finer than a face of 56 pixels can hold. */
const BLOCK_PIXELS = 4;
const BLOCKS = SIDE / BLOCK_PIXELS;

/**
 * Of less detail a face is called blurred. The six faces of the original's own sample videos have .0059 to .019; blurred
 * with a Gaussian of 3 pixels at 224 all of them have less than this (.0011 to .0024), with one of 1 pixel none (.0034
 * and more). What a network makes of such faces was not measured: so it is a doubt, and never changes a score.
 */
export const MIN_FINE_DETAIL = 0.0025;

/**
 * How much of a face's contrast is fine detail: the energy that is lost when the face is drawn with 56 pixels a side
 * and blown up again, as a share of all its energy, 0 to 1. A face out of focus or smeared by movement has lost it
 * already, whatever its size in pixels. Independent of brightness and contrast.
 *
 * It does not find strong compression: a video of 30 kbit/s has edges of its own, which count as detail. Nor would a
 * measure of the 8 × 8 grid: H.264, VP9 and AV1 smooth their blocks' edges while decoding, and a picture that was scaled
 * has no grid any more.
 */
export function fineDetail(face: RasterImage): number {
  const light = lightOf(face.width === SIDE && face.height === SIDE ? face : resizeArea(face, SIDE, SIDE));
  const coarse = blockMeans(light);
  const mean = light.reduce((sum, value) => sum + value, 0) / light.length;
  let total = 0;
  let lost = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const value = light[y * SIDE + x]!;
      total += (value - mean) ** 2;
      lost += (value - blownUp(coarse, x, y)) ** 2;
    }
  }
  // One flat colour has no contrast, and so no detail.
  return total === 0 ? 0 : lost / total;
}

/** Rec. 601 luma. */
function lightOf({ data, channels }: RasterImage): Float64Array {
  return Float64Array.from({ length: SIDE * SIDE }, (_, pixel) => {
    const at = pixel * channels;
    return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  });
}

function blockMeans(light: Float64Array): Float64Array {
  const means = new Float64Array(BLOCKS * BLOCKS);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const block = Math.floor(y / BLOCK_PIXELS) * BLOCKS + Math.floor(x / BLOCK_PIXELS);
      means[block]! += light[y * SIDE + x]! / BLOCK_PIXELS ** 2;
    }
  }
  return means;
}

/** For each pixel of a side: between which two blocks' middles it lies, and how far towards the second. */
const AXIS = Array.from({ length: SIDE }, (_, pixel) => {
  const at = Math.min(BLOCKS - 1, Math.max(0, (pixel + 0.5) / BLOCK_PIXELS - 0.5));
  const low = Math.floor(at);
  return { low, high: Math.min(BLOCKS - 1, low + 1), share: at - low };
});

/** Between the middles of blocks, straight in both directions. */
function blownUp(coarse: Float64Array, x: number, y: number): number {
  const across = AXIS[x]!;
  const down = AXIS[y]!;
  const between = (row: number): number => {
    const left = coarse[row * BLOCKS + across.low]!;
    return left + (coarse[row * BLOCKS + across.high]! - left) * across.share;
  };
  const upper = between(down.low);
  return upper + (between(down.high) - upper) * down.share;
}
