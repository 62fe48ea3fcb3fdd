import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { fineDetail } from '../../../../models/scan/fine-detail.ts';
import type { RasterImage } from '../../../../models/image/raster-image.ts';

const SIDE = 224;

function picture(light: (x: number, y: number) => number, side = SIDE): RasterImage {
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let at = 0; at < side * side; at++) {
    data.fill(light(at % side, Math.floor(at / side)), at * 4, at * 4 + 3);
  }
  return { data, width: side, height: side, channels: 4 };
}

/** A wave of so many pixels, in both directions. */
const wave = (pixels: number, contrast = 100, brightness = 128): RasterImage =>
  picture(
    (x, y) =>
      brightness +
      (contrast / 2) * (Math.sin((2 * Math.PI * x) / pixels) + Math.cos((2 * Math.PI * y) / pixels)),
  );

test('waves shorter than a 56-pixel face can hold are fine detail, longer ones are not', () => {
  expect(fineDetail(wave(4))).toBeGreaterThan(0.9);
  expect(fineDetail(wave(64))).toBeLessThan(0.001);
  const byLength = [4, 6, 8, 12, 16, 32].map((pixels) => fineDetail(wave(pixels)));
  expect(byLength).toEqual(byLength.toSorted((a, b) => b - a));
});

test('brightness and contrast make no difference', () => {
  const plain = fineDetail(wave(12));
  expect(fineDetail(wave(12, 50))).toBeCloseTo(plain, 2);
  expect(fineDetail(wave(12, 60, 80))).toBeCloseTo(plain, 2);
});

test('one flat colour has none', () => {
  expect(fineDetail(picture(() => 90))).toBe(0);
});

test('a face crop of any size is measured as at 224', () => {
  const large = picture((x) => 128 + 100 * Math.sin((2 * Math.PI * x) / 24), 2 * SIDE);
  const same = picture((x) => 128 + 100 * Math.sin((2 * Math.PI * x) / 12));
  expect(fineDetail(large)).toBeCloseTo(fineDetail(same), 1);
});

test('the golden picture has detail, and with every blur less, until it counts as blurred', async () => {
  const path = resolve(import.meta.dirname, '../../../fixtures/golden/6_synthetic.png');
  const { data, width, height, channels } = decode(await readFile(path));
  if (!(data instanceof Uint8Array) || channels !== 3) throw new Error('another golden picture');
  const sharp: RasterImage = { data, width, height, channels };
  const blurred = [0, 1, 2, 4].map((radius) => fineDetail(boxBlur(sharp, radius)));
  expect(blurred[0]).toBeGreaterThan(GENCONVIT.trainedOn.minFineDetail);
  expect(blurred).toEqual(blurred.toSorted((a, b) => b - a));
  expect(blurred.at(-1)).toBeLessThan(GENCONVIT.trainedOn.minFineDetail);
});

/** Two means over a square: nearly the blur of a lens out of focus. */
function boxBlur(image: RasterImage, radius: number): RasterImage {
  const once = ({ data, width, height, channels }: RasterImage): RasterImage => {
    const out = new Uint8ClampedArray(data.length);
    for (let at = 0; at < data.length; at++) {
      const channel = at % channels;
      const x = Math.floor(at / channels) % width;
      const y = Math.floor(at / channels / width);
      let sum = 0;
      let count = 0;
      for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++) {
        for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++) {
          sum += data[(row * width + column) * channels + channel]!;
          count++;
        }
      }
      out[at] = sum / count;
    }
    return { data: out, width, height, channels };
  };
  return radius === 0 ? image : once(once(image));
}
