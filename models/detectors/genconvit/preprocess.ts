import type { Box } from '../../face/geometry.ts';
import { DetectorError } from '../../../utils/domain/errors.ts';
import { resizeArea } from '../../image/resize-area.ts';
import { assertRasterImage, type RasterImage, type RgbImage } from '../../image/raster-image.ts';

/** The side of the published networks' input image in pixels; a model's own is in its description. */
export const INPUT_SIDE_PIXELS = 224;

/** ImageNet's statistics, `torchvision.transforms.Normalize` in GenConViT's `preprocess_frame`. */
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;

/**
 * Normalised float32 value of each 8-bit level: one table of 256 a channel, RGB order. PyTorch rounds to
 * float32 after each of the three steps; rounding once at the end gives other bits.
 */
const NORMALISED_LEVELS: readonly Float32Array[] = MEAN.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, level) => {
    const centred = Math.fround(Math.fround(level / 255) - Math.fround(mean));
    return centred / Math.fround(STD[channel]!);
  }),
);

/** The normalised value of one 8-bit level of channel 0 (R), 1 (G) or 2 (B). */
export function normalisedLevel(channel: 0 | 1 | 2, level: number): number {
  return NORMALISED_LEVELS[channel]![level]!;
}

/**
 * Cuts `image[top:bottom, left:right]` as a new RGB image.
 *
 * @param box whole pixels inside the image, right and bottom exclusive.
 * @throws DetectorError `image-invalid` where the box is empty, not whole, or reaches outside.
 */
export function cropRgb(image: RasterImage, { left, top, right, bottom }: Box): RgbImage {
  assertRasterImage(image);
  const isWhole = [left, top, right, bottom].every(Number.isInteger);
  const isInside = left >= 0 && top >= 0 && right <= image.width && bottom <= image.height;
  if (!isWhole || !isInside || left >= right || top >= bottom) {
    throw new DetectorError(
      'image-invalid',
      `box [${top}:${bottom}, ${left}:${right}] is not a part of ${image.width}×${image.height} pixels`,
    );
  }
  const width = right - left;
  const height = bottom - top;
  const data = new Uint8Array(width * height * 3);
  const { channels } = image;
  let to = 0;
  for (let y = top; y < bottom; y++) {
    let from = (y * image.width + left) * channels;
    for (let x = 0; x < width; x++, from += channels, to += 3) {
      data[to] = image.data[from]!;
      data[to + 1] = image.data[from + 1]!;
      data[to + 2] = image.data[from + 2]!;
    }
  }
  return { data, width, height, channels: 3 };
}

/** A face crop of any size as the network sees it: side × side RGB by OpenCV's INTER_AREA, aspect not kept. */
export function resizeToInput(crop: RasterImage, side = INPUT_SIDE_PIXELS): RgbImage {
  return resizeArea(crop, side, side);
}

/**
 * Writes one side × side image into its place of a batch, normalised, as NCHW float32.
 *
 * @param batch dims [N, 3, side, side], at least (index + 1) × 3 · side² values.
 * @throws DetectorError `image-invalid` where the image has another size or the batch is too short.
 */
export function writeNormalised(image: RgbImage, side: number, batch: Float32Array, index: number): void {
  const plane = side * side;
  assertRasterImage(image);
  if (image.width !== side || image.height !== side) {
    throw new DetectorError(
      'image-invalid',
      `the network takes ${side}×${side} pixels, found ${image.width}×${image.height}`,
    );
  }
  if (!Number.isInteger(index) || index < 0 || (index + 1) * 3 * plane > batch.length) {
    throw new DetectorError('image-invalid', `no place ${index} in a batch of ${batch.length} values`);
  }
  const { data } = image;
  for (let channel = 0; channel < 3; channel++) {
    const levels = NORMALISED_LEVELS[channel]!;
    let to = (index * 3 + channel) * plane;
    for (let from = channel; from < data.length; from += 3) batch[to++] = levels[data[from]!]!;
  }
}

/** The input tensor's data for some side × side images: dims [N, 3, side, side]. */
export function normalisedBatch(
  images: readonly RgbImage[],
  side = INPUT_SIDE_PIXELS,
): Float32Array<ArrayBuffer> {
  const batch = new Float32Array(images.length * 3 * side * side);
  images.forEach((image, index) => {
    writeNormalised(image, side, batch, index);
  });
  return batch;
}
