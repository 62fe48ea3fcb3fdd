import { DetectorError } from '../../utils/domain/errors.ts';

/** 8-bit pixels in row-major order, interleaved: RGB (3 channels) or RGBA (4, as a canvas gives; alpha is ignored). */
export type RasterImage = {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
};

/** 8-bit RGB pixels, row-major, interleaved. */
export type RgbImage = RasterImage & { readonly channels: 3 };

/** An ImageData as a RasterImage; the pixels are not copied. */
export function toRaster({ data, width, height }: ImageData): RasterImage {
  return { data, width, height, channels: 4 };
}

/** The RGB channels of an image; an RGB image is not copied. */
export function toRgb({ data, width, height, channels }: RasterImage): RgbImage {
  if (channels === 3) return { data, width, height, channels };
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return { data: rgb, width, height, channels: 3 };
}

/** The image as a canvas takes it; RGB becomes opaque, and RGBA from a canvas is not copied. */
export function toImageData(image: RasterImage): ImageData {
  return new ImageData(toRgba(image), image.width, image.height);
}

/** The bytes of {@link toImageData}. */
export function toRgba({ data, width, height, channels }: RasterImage): Uint8ClampedArray<ArrayBuffer> {
  if (channels === 4) {
    const isCanvasData = data instanceof Uint8ClampedArray && data.buffer instanceof ArrayBuffer;
    return isCanvasData ? (data as Uint8ClampedArray<ArrayBuffer>) : new Uint8ClampedArray(data);
  }
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + 1]!;
    rgba[to + 2] = data[from + 2]!;
    rgba[to + 3] = 255;
  }
  return rgba;
}

/**
 * An opaque canvas on the CPU, black, for pixels that are read back: reading from a GPU canvas waits for everything that
 * the page has queued there.
 */
export function createReadableContext(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) throw new TypeError(`no 2D context of ${width} × ${height} pixels`);
  return context;
}

/**
 * The largest side of an image. WebCodecs and FFmpeg decode no longer side in practice, so a larger number is an error.
 */
const MAX_SIDE_PIXELS = 16_384;

/** Throws `image-invalid` unless the sides are whole numbers from 1 to 16 384 and the data has every pixel. */
export function assertRasterImage({ data, width, height, channels }: RasterImage): void {
  assertSide('width', width);
  assertSide('height', height);
  const expected = width * height * channels;
  if (data.length !== expected) {
    throw new DetectorError(
      'image-invalid',
      `${width}×${height} pixels of ${channels} channels are ${expected} bytes, found ${data.length}`,
    );
  }
}

export function assertSide(name: string, pixels: number): void {
  if (!Number.isInteger(pixels) || pixels < 1 || pixels > MAX_SIDE_PIXELS) {
    throw new DetectorError(
      'image-invalid',
      `${name} must be 1 to ${MAX_SIDE_PIXELS} pixels, found ${pixels}`,
    );
  }
}
