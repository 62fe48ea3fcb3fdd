import type { RasterImage } from './raster-image.ts';

/** `INTER_RESIZE_COEF_SCALE`: interpolation weights are 11-bit fixed point, 2048 = 1. */
const ONE = 2048;

/** For each output line: the first input line, and the fixed-point weights of that line and the next. */
type LinearTable = {
  readonly from: Int32Array;
  readonly weight: Int32Array;
  readonly nextWeight: Int32Array;
};

/**
 * OpenCV's INTER_AREA where a side grows: linear interpolation whose weights follow the covered area (`area_mode` in
 * `cv::hal::resize`), in fixed point (`HResizeLinear`, `VResizeLinear<uchar, int, short>`). Writes RGB to `out`
 * (outWidth × outHeight × 3 bytes). The caller has checked the sizes.
 */
export function resizeLinearArea(
  image: RasterImage,
  out: Uint8Array,
  outWidth: number,
  outHeight: number,
): void {
  const { width, height } = image;
  const columns = linearTable(width, outWidth);
  clampAtEnd(columns, width);
  const rows = linearTable(height, outHeight);

  const stride = outWidth * 3;
  let upper = new Int32Array(stride);
  let lower = new Int32Array(stride);
  let upperRow: number | undefined;
  let lowerRow: number | undefined;
  for (let outY = 0; outY < outHeight; outY++) {
    const inY = rows.from[outY]!;
    // Rows are clamped without touching their weights, unlike columns; the truncations below tell the two apart.
    const nextY = Math.min(inY + 1, height - 1);
    if (inY === lowerRow && inY !== upperRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (inY !== upperRow) {
      interpolateRow(image, inY, columns, upper);
      upperRow = inY;
    }
    if (nextY !== lowerRow) {
      interpolateRow(image, nextY, columns, lower);
      lowerRow = nextY;
    }
    const weight = rows.weight[outY]!;
    const nextWeight = rows.nextWeight[outY]!;
    const start = outY * stride;
    for (let i = 0; i < stride; i++) {
      const above = (weight * (upper[i]! >> 4)) >> 16;
      const below = (nextWeight * (lower[i]! >> 4)) >> 16;
      out[start + i] = (above + below + 2) >> 2;
    }
  }
}

function linearTable(inLength: number, outLength: number): LinearTable {
  const inverseScale = outLength / inLength;
  const scale = 1 / inverseScale;
  const from = new Int32Array(outLength);
  const weight = new Int32Array(outLength);
  const nextWeight = new Int32Array(outLength);
  for (let output = 0; output < outLength; output++) {
    const input = Math.floor(output * scale);
    const past = Math.fround(output + 1 - (input + 1) * inverseScale);
    const share = past <= 0 ? 0 : Math.fround(past - Math.floor(past));
    from[output] = input;
    weight[output] = roundHalfToEven(Math.fround(Math.fround(1 - share) * ONE));
    nextWeight[output] = roundHalfToEven(Math.fround(share * ONE));
  }
  return { from, weight, nextWeight };
}

/** The last column has no next one: its whole weight stays on it. */
function clampAtEnd({ from, weight, nextWeight }: LinearTable, inLength: number): void {
  for (let output = 0; output < from.length; output++) {
    if (from[output]! < inLength - 1) continue;
    from[output] = inLength - 1;
    weight[output] = ONE;
    nextWeight[output] = 0;
  }
}

function interpolateRow(
  { data, width, channels }: RasterImage,
  row: number,
  { from, weight, nextWeight }: LinearTable,
  out: Int32Array,
): void {
  const rowStart = row * width * channels;
  const lastPixel = rowStart + (width - 1) * channels;
  for (let column = 0, to = 0; column < from.length; column++, to += 3) {
    const pixel = rowStart + from[column]! * channels;
    const next = Math.min(pixel + channels, lastPixel);
    const share = weight[column]!;
    const nextShare = nextWeight[column]!;
    out[to] = data[pixel]! * share + data[next]! * nextShare;
    out[to + 1] = data[pixel + 1]! * share + data[next + 1]! * nextShare;
    out[to + 2] = data[pixel + 2]! * share + data[next + 2]! * nextShare;
  }
}

/**
 * OpenCV's `cvRound`: to the nearest whole number, halves to the even one (the FPU's default mode), where
 * `Math.round` takes halves up. Exact for finite values of magnitude below 2^31.
 */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor + (floor & 1);
}
