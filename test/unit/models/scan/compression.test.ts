import { expect, test } from 'vitest';
import { createCompressionGauge, MIN_BITS_PER_PIXEL } from '../../../../models/scan/compression.ts';
import type { DecodedSoFar } from '../../../../utils/domain/content-messages.ts';

const WIDTH = 640;
const HEIGHT = 360;
/** Bytes of a frame that is just not called strongly compressed. */
const FRAME_BYTES = (MIN_BITS_PER_PIXEL * WIDTH * HEIGHT) / 8;

function isStrong(...seen: readonly (DecodedSoFar | undefined)[]): boolean {
  const gauge = createCompressionGauge();
  for (const decoded of seen) gauge.sawFrame({ size: { width: WIDTH, height: HEIGHT }, decoded });
  return (gauge.bitsPerPixel() ?? Infinity) < MIN_BITS_PER_PIXEL;
}

test('few bits for each pixel are strong compression, and more are not', () => {
  const start = { byteLength: 1000, frames: 10 };
  const after = (frames: number, bytesOfEach: number) => ({
    byteLength: start.byteLength + frames * bytesOfEach,
    frames: start.frames + frames,
  });
  expect(isStrong(start, after(100, 0.9 * FRAME_BYTES))).toBe(true);
  expect(isStrong(start, after(100, 1.1 * FRAME_BYTES))).toBe(false);
});

test('what was decoded before the check does not count where there is enough of it', () => {
  // An adaptive player began poorly, and is at its full quality now.
  const start = { byteLength: 1000 * 0.1 * FRAME_BYTES, frames: 1000 };
  const end = { byteLength: start.byteLength + 100 * 3 * FRAME_BYTES, frames: 1100 };
  expect(isStrong(start, end)).toBe(false);
});

test('a paused video is known by what was played of it, if it was', () => {
  expect(isStrong({ byteLength: 300 * 0.5 * FRAME_BYTES, frames: 300 })).toBe(true);
  expect(isStrong({ byteLength: 0.5 * FRAME_BYTES, frames: 1 })).toBe(false);
});

test('where the browser does not count, nothing is said', () => {
  expect(isStrong()).toBe(false);
  expect(isStrong(undefined, undefined)).toBe(false);
  expect(isStrong(undefined, { byteLength: 1000, frames: 1000 })).toBe(false);
});
