import type { RasterImage } from './raster-image.ts';

/** Right angles, clockwise, by which a picture is turned. */
export type QuarterTurns = 0 | 1 | 2 | 3;

/** Any number of quarter turns as the equal number from 0 to 3. */
export function quarterTurns(count: number): QuarterTurns {
  return (((count % 4) + 4) % 4) as QuarterTurns;
}

/** The turned image; the image itself for no turn. */
export function turnImage(image: RasterImage, turns: QuarterTurns): RasterImage {
  if (turns === 0) return image;
  const { data, width, height, channels } = image;
  const turned = new Uint8ClampedArray(data.length);
  const [outWidth, outHeight] = turns === 2 ? [width, height] : [height, width];
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const [fromX, fromY] =
        turns === 1
          ? [y, height - 1 - x]
          : turns === 2
            ? [width - 1 - x, height - 1 - y]
            : [width - 1 - y, x];
      const from = (fromY * width + fromX) * channels;
      const to = (y * outWidth + x) * channels;
      for (let channel = 0; channel < channels; channel++) turned[to + channel] = data[from + channel]!;
    }
  }
  return { data: turned, width: outWidth, height: outHeight, channels };
}
