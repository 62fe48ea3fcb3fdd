import { resizeArea } from '../image/resize-area.ts';
import type { RasterImage } from '../image/raster-image.ts';

/** The side at which detail is measured for every network: the detectors' limits were found at it. */
export const DETAIL_SIDE_PIXELS = 224;
const SIDE = DETAIL_SIDE_PIXELS;
/** Blocks of 4 × 4: a face of 56 pixels has no detail finer than that. */
const BLOCK_PIXELS = 4;
const BLOCKS = SIDE / BLOCK_PIXELS;

/**
 * How much of a face's contrast is fine detail: the energy that is lost when the face is drawn with 56 pixels a side
 * and enlarged again, as a share of all its energy, 0 to 1. A face that is out of focus or blurred by movement has lost
 * this detail already, at every size. Brightness and contrast do not change the share. It does not find strong compression
 * (compression.ts does): the patterns that an encoder puts in place of detail have edges, which count as detail.
 */
export function fineDetail(face: RasterImage): number {
  const light = lightAtInputSize(face);
  const mean = light.reduce((sum, value) => sum + value, 0) / light.length;
  const total = light.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const lost = finePart(light).reduce((sum, value) => sum + value ** 2, 0);
  // One flat colour has no contrast, and so no detail.
  return total === 0 ? 0 : lost / total;
}

/** A face's brightness row by row, {@link DETAIL_SIDE_PIXELS} a side. */
export function lightAtInputSize(face: RasterImage): Float64Array {
  return lightOf(face.width === SIDE && face.height === SIDE ? face : resizeArea(face, SIDE, SIDE));
}

/** The part of the brightness that a face of 56 pixels can't hold: the difference for each pixel. */
export function finePart(light: Float64Array): Float64Array {
  const coarse = blockMeans(light);
  return light.map((value, pixel) => value - blownUp(coarse, pixel % SIDE, Math.floor(pixel / SIDE)));
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

/** For each pixel along a side: the two blocks between whose middles it lies, and how far it is towards the second. */
const AXIS = Array.from({ length: SIDE }, (_, pixel) => {
  const at = Math.min(BLOCKS - 1, Math.max(0, (pixel + 0.5) / BLOCK_PIXELS - 0.5));
  const low = Math.floor(at);
  return { low, high: Math.min(BLOCKS - 1, low + 1), share: at - low };
});

/** Interpolates between the middles of blocks, linearly in both directions. */
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
