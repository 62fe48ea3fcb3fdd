import { DetectorError } from '../../utils/domain/errors.ts';
import { assertRasterImage, type RasterImage, type RgbImage } from './raster-image.ts';

type Box = Readonly<Record<'left' | 'top' | 'right' | 'bottom', number>>;

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
