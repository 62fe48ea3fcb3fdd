import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { createNormaliser } from '../../../../models/image/normalise.ts';
import { resizeArea } from '../../../../models/image/resize-area.ts';
import type { RgbImage } from '../../../../models/image/raster-image.ts';
import { sharedFolder } from '../../../support/shared-folder.ts';

const SIDE = GENCONVIT.input.sidePixels;
const INPUT_LENGTH = 3 * SIDE * SIDE;
const normaliser = createNormaliser(GENCONVIT.input);
const normalisedLevel = (channel: 0 | 1 | 2, level: number): number => normaliser.levels[channel]![level]!;

const ops = sharedFolder('golden/ops', 'normalisation golden');
const network = sharedFolder('golden/network', 'network input golden');

test.skipIf(ops === undefined)("normalises all 256 × 3 levels to the original's bits", () => {
  const golden = readFileSync(new URL('normalize_lut_f32le_3x256.bin', ops));
  const found = Buffer.alloc(golden.length);
  for (const channel of [0, 1, 2] as const) {
    for (let level = 0; level < 256; level++) {
      found.writeFloatLE(normalisedLevel(channel, level), (channel * 256 + level) * 4);
    }
  }
  expect(found.equals(golden)).toBe(true);
});

test.skipIf(network === undefined)(
  "turns the original's seven crops into its input tensors, bit for bit",
  () => {
    const { images } = JSON.parse(readFileSync(new URL('inputs.json', network), 'utf8')) as {
      images: { file: string; sha256_rgb: string; normalised_nchw_sha256_f32le: string }[];
    };
    expect(images.length).toBe(7);
    const crops = images.map(({ file }): RgbImage => {
      const { data, width, height, channels } = decode(readFileSync(new URL(`inputs/${file}`, network)));
      expect(channels).toBe(3);
      return { data: Uint8Array.from(data), width, height, channels: 3 };
    });
    const batch = new Float32Array(crops.length * INPUT_LENGTH);
    crops.forEach((crop, index) => normaliser.write(crop, batch, index));
    images.forEach((image, index) => {
      expect(sha256(crops[index]!.data)).toBe(image.sha256_rgb);
      const values = batch.subarray(index * INPUT_LENGTH, (index + 1) * INPUT_LENGTH);
      expect(sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))).toBe(
        image.normalised_nchw_sha256_f32le,
      );
    });
  },
);

test('rounds to float32 after each step', () => {
  // Level 1 of R and level 255 of B, from torchvision's own arithmetic in float32.
  expect(normalisedLevel(0, 0)).toBe(Math.fround(-Math.fround(0.485) / Math.fround(0.229)));
  expect(normalisedLevel(2, 255)).toBe(Math.fround(Math.fround(1 - Math.fround(0.406)) / Math.fround(0.225)));
});

test('writes planes of R, G, B into its own place of the batch only', () => {
  const data = new Uint8Array(INPUT_LENGTH);
  data.set([10, 20, 30, 40, 50, 60]);
  const batch = new Float32Array(3 * INPUT_LENGTH).fill(7);
  normaliser.write({ data, width: 224, height: 224, channels: 3 }, batch, 1);
  const plane = 224 * 224;
  const start = INPUT_LENGTH;
  expect([batch[start], batch[start + 1]]).toEqual([normalisedLevel(0, 10), normalisedLevel(0, 40)]);
  expect([batch[start + plane], batch[start + plane + 1]]).toEqual([
    normalisedLevel(1, 20),
    normalisedLevel(1, 50),
  ]);
  expect([batch[start + 2 * plane], batch[start + 2 * plane + 1]]).toEqual([
    normalisedLevel(2, 30),
    normalisedLevel(2, 60),
  ]);
  expect(batch[start - 1]).toBe(7);
  expect(batch[2 * INPUT_LENGTH]).toBe(7);
});

test('refuses what is not square and a place outside the batch', () => {
  const image: RgbImage = { data: new Uint8Array(INPUT_LENGTH), width: 224, height: 224, channels: 3 };
  const batch = new Float32Array(INPUT_LENGTH);
  expect(() => normaliser.write(image, batch, 1)).toThrow(/no place 1/);
  expect(() => normaliser.write(image, batch, 0.5)).toThrow(/no place/);
  const oblong: RgbImage = { data: new Uint8Array(18), width: 2, height: 3, channels: 3 };
  expect(() => normaliser.write(oblong, batch, 0)).toThrow(/found 2×3/);
});

test('squeezes a crop to 224 × 224 without keeping its aspect', () => {
  const crop: RgbImage = {
    data: new Uint8Array(448 * 112 * 3).fill(77),
    width: 448,
    height: 112,
    channels: 3,
  };
  const input = resizeArea(crop, SIDE, SIDE);
  expect([input.width, input.height, new Set(input.data).size]).toEqual([224, 224, 1]);
});

function sha256(bytes: Uint8Array | Uint8ClampedArray): string {
  return createHash('sha256').update(bytes).digest('hex');
}
