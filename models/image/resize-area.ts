import { resizeLinearArea, roundHalfToEven } from './resize-linear-area.ts';
import { assertRasterImage, assertSide, type RasterImage, type RgbImage } from './raster-image.ts';

/**
 * OpenCV's `cv::resize(…, INTER_AREA)` for 8-bit pixels, to the byte (OpenCV 4.6, modules/imgproc/src/resize.cpp).
 *
 * The name covers three algorithms: whole-number factors average integers, other reductions weigh pixels in float32, and
 * where a side grows OpenCV uses a linear interpolation of its own (resize-linear-area.ts). Every `fround` is at a place where
 * OpenCV rounds to float.
 *
 * @param image RGB or RGBA; alpha is ignored, not premultiplied.
 * @returns a new RGB image of the asked size.
 * @throws DetectorError `image-invalid` on sizes that do not fit the data or lie outside 1 to 16 384 pixels.
 */
export function resizeArea(image: RasterImage, outWidth: number, outHeight: number): RgbImage {
  assertRasterImage(image);
  assertSide('output width', outWidth);
  assertSide('output height', outHeight);

  const data = new Uint8Array(outWidth * outHeight * 3);
  const out: RgbImage = { data, width: outWidth, height: outHeight, channels: 3 };
  if (outWidth === image.width && outHeight === image.height) {
    copyRgb(image, data);
    return out;
  }

  // OpenCV inverts twice (1 / (out / in)). in / out can differ in the last bit, and so can the border of a cell.
  const scaleX = 1 / (outWidth / image.width);
  const scaleY = 1 / (outHeight / image.height);
  if (scaleX < 1 || scaleY < 1) {
    resizeLinearArea(image, data, outWidth, outHeight);
  } else if (isWhole(scaleX) && isWhole(scaleY)) {
    averageBlocks(image, data, outWidth, outHeight, Math.round(scaleX), Math.round(scaleY));
  } else {
    weighCells(image, data, outWidth, outHeight, scaleX, scaleY);
  }
  return out;
}

function isWhole(scale: number): boolean {
  return Math.abs(scale - Math.round(scale)) < Number.EPSILON;
}

function copyRgb({ data, channels }: RasterImage, out: Uint8Array): void {
  if (channels === 3) {
    out.set(data);
    return;
  }
  for (let from = 0, to = 0; to < out.length; from += 4, to += 3) {
    out[to] = data[from]!;
    out[to + 1] = data[from + 1]!;
    out[to + 2] = data[from + 2]!;
  }
}

/** `ResizeAreaFast_Invoker`: the sum of a block is an integer, multiplied by a float32 reciprocal. */
function averageBlocks(
  { data, width, channels }: RasterImage,
  out: Uint8Array,
  outWidth: number,
  outHeight: number,
  blockWidth: number,
  blockHeight: number,
): void {
  // Blocks of 2×2 go through `ResizeAreaFastVec`, which rounds halves up; all others go through `cvRound`.
  const isTwoByTwo = blockWidth === 2 && blockHeight === 2;
  const reciprocal = Math.fround(1 / (blockWidth * blockHeight));
  const rowStride = width * channels;
  let to = 0;
  for (let outY = 0; outY < outHeight; outY++) {
    for (let outX = 0; outX < outWidth; outX++) {
      const corner = outY * blockHeight * rowStride + outX * blockWidth * channels;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let y = 0; y < blockHeight; y++) {
          let from = corner + y * rowStride + channel;
          for (let x = 0; x < blockWidth; x++, from += channels) sum += data[from]!;
        }
        out[to++] = isTwoByTwo ? (sum + 2) >> 2 : roundHalfToEven(Math.fround(sum * reciprocal));
      }
    }
  }
}

/** The share of one input line in one output line: OpenCV's `DecimateAlpha`, as three parallel arrays. */
type AreaTable = {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly weight: Float32Array;
  readonly length: number;
};

/** Shares smaller than a thousandth of a pixel are dropped, as `computeResizeAreaTab` does. */
const SMALLEST_SHARE_PIXELS = 1e-3;

/** `computeResizeAreaTab`: the input lines that each output line covers, and their shares. */
function areaTable(inLength: number, outLength: number, scale: number): AreaTable {
  // Each output line shares at most its two border lines with its neighbours.
  const capacity = inLength + 2 * outLength;
  const from = new Int32Array(capacity);
  const to = new Int32Array(capacity);
  const weight = new Float32Array(capacity);
  let length = 0;
  const add = (input: number, output: number, share: number): void => {
    from[length] = input;
    to[length] = output;
    weight[length] = share;
    length++;
  };
  for (let output = 0; output < outLength; output++) {
    const start = output * scale;
    const end = start + scale;
    const cell = Math.min(scale, inLength - start);
    const lastWhole = Math.min(Math.floor(end), inLength - 1);
    const firstWhole = Math.min(Math.ceil(start), lastWhole);
    if (firstWhole - start > SMALLEST_SHARE_PIXELS) add(firstWhole - 1, output, (firstWhole - start) / cell);
    for (let input = firstWhole; input < lastWhole; input++) add(input, output, 1 / cell);
    if (end - lastWhole > SMALLEST_SHARE_PIXELS) {
      add(lastWhole, output, Math.min(end - lastWhole, 1, cell) / cell);
    }
  }
  return { from, to, weight, length };
}

/** `ResizeArea_Invoker<uchar, float>`: each input row is reduced in x, then added to its output row. */
function weighCells(
  { data, width, height, channels }: RasterImage,
  out: Uint8Array,
  outWidth: number,
  outHeight: number,
  scaleX: number,
  scaleY: number,
): void {
  const columns = areaTable(width, outWidth, scaleX);
  const rows = areaTable(height, outHeight, scaleY);
  const rowStride = width * channels;
  const outStride = outWidth * 3;
  const reduced = new Float32Array(outStride);
  const sum = new Float32Array(outStride);
  let reducedRow: number | undefined;
  let outRow = 0;

  for (let r = 0; r < rows.length; r++) {
    const inRow = rows.from[r]!;
    // The row on the border of two output rows comes twice. OpenCV reduces it again, with the same result.
    if (inRow !== reducedRow) {
      reduceRow(data, inRow * rowStride, channels, columns, reduced);
      reducedRow = inRow;
    }
    const weight = rows.weight[r]!;
    if (rows.to[r] === outRow && r > 0) {
      for (let i = 0; i < outStride; i++) {
        sum[i] = Math.fround(sum[i]! + Math.fround(reduced[i]! * weight));
      }
    } else {
      if (r > 0) storeRow(sum, out, outRow * outStride);
      outRow = rows.to[r]!;
      for (let i = 0; i < outStride; i++) sum[i] = Math.fround(reduced[i]! * weight);
    }
  }
  storeRow(sum, out, outRow * outStride);
}

function reduceRow(
  data: Uint8Array | Uint8ClampedArray,
  rowStart: number,
  channels: 3 | 4,
  columns: AreaTable,
  reduced: Float32Array,
): void {
  const { from, to, weight, length } = columns;
  let column = 0;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let c = 0; c < length; c++) {
    if (to[c] !== column) {
      reduced[column * 3] = red;
      reduced[column * 3 + 1] = green;
      reduced[column * 3 + 2] = blue;
      column = to[c]!;
      red = green = blue = 0;
    }
    const pixel = rowStart + from[c]! * channels;
    const share = weight[c]!;
    red = Math.fround(red + Math.fround(data[pixel]! * share));
    green = Math.fround(green + Math.fround(data[pixel + 1]! * share));
    blue = Math.fround(blue + Math.fround(data[pixel + 2]! * share));
  }
  reduced[column * 3] = red;
  reduced[column * 3 + 1] = green;
  reduced[column * 3 + 2] = blue;
}

function storeRow(sum: Float32Array, out: Uint8Array, start: number): void {
  // Weights add up to 1 within float32, so a sum can pass 255 by an ulp at most and still rounds to 255.
  for (let i = 0; i < sum.length; i++) out[start + i] = roundHalfToEven(sum[i]!);
}
