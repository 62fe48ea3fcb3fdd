import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { resizeArea } from '../../../../models/image/resize-area.ts';
import type { RgbImage } from '../../../../models/image/raster-image.ts';
import { roundHalfToEven } from '../../../../models/image/resize-linear-area.ts';
import { sharedFolder } from '../../../support/shared-folder.ts';

type GoldenCase = {
  width: number;
  height: number;
  seed: number;
  output: string;
  inputFirst: number[][];
  inputLast: number[][];
};

const golden = sharedFolder('golden/resize', 'resize golden');

test.skipIf(golden === undefined)("gives OpenCV's bytes for every golden size, up and down", () => {
  const { cases } = JSON.parse(readFileSync(new URL('cases.json', golden), 'utf8')) as {
    cases: GoldenCase[];
  };
  const differences = cases.map((goldenCase) => {
    const image = noise(goldenCase.width, goldenCase.height, goldenCase.seed);
    expect([...image.data.slice(0, 3)]).toEqual(goldenCase.inputFirst[0]);
    expect([...image.data.slice(-3)]).toEqual(goldenCase.inputLast.at(-1));
    const expected = Uint8Array.from(decode(readFileSync(new URL(goldenCase.output, golden))).data);
    const found = resizeArea(image, 224, 224).data;
    expect(found.length).toBe(expected.length);
    return {
      size: `${goldenCase.width}×${goldenCase.height}`,
      differing: expected.filter((value, i) => value !== found[i]).length,
    };
  });
  console.table(differences);
  expect(differences.filter(({ differing }) => differing > 0)).toEqual([]);
  expect(differences.length).toBeGreaterThanOrEqual(10);
});

test('averages blocks of 2×2 with halves rounded up', () => {
  const image = grey([0, 1, 1, 0], 2, 2);
  expect([...resizeArea(image, 1, 1).data]).toEqual([1, 1, 1]);
});

test('averages other whole blocks with halves rounded to even', () => {
  const quarter = grey([0, 0, 0, 2, 0, 0, 0, 2], 4, 2);
  // 4 / 8 = 0.5: cvRound gives 0 where Math.round would give 1.
  expect([...resizeArea(quarter, 1, 1).data]).toEqual([0, 0, 0]);
  const threeHalves = grey([2, 2, 2, 2, 2, 2, 0, 0], 4, 2);
  expect([...resizeArea(threeHalves, 1, 1).data]).toEqual([2, 2, 2]);
});

test('weighs the pixels on the border of two cells by their share', () => {
  // 3 → 2: the middle pixel belongs to both halves, (0·1 + 90·0.5) / 1.5 and (90·0.5 + 30·1) / 1.5.
  expect([...resizeArea(grey([0, 90, 30], 3, 1), 2, 1).data]).toEqual([30, 30, 30, 50, 50, 50]);
});

test('repeats pixels where a side grows by a whole factor', () => {
  expect([...resizeArea(grey([10, 200], 2, 1), 4, 1).data].filter((_, i) => i % 3 === 0)).toEqual([
    10, 10, 200, 200,
  ]);
});

test('reads RGBA as the same RGB and ignores alpha', () => {
  for (const [width, height] of [
    [60, 41],
    [448, 448],
    [224, 224],
    [300, 672],
    [672, 672],
  ] as const) {
    const rgb = noise(width, height, 3);
    const rgba = new Uint8ClampedArray(width * height * 4);
    for (let pixel = 0; pixel < width * height; pixel++) {
      rgba.set([...rgb.data.subarray(pixel * 3, pixel * 3 + 3), pixel % 256], pixel * 4);
    }
    const found = resizeArea({ data: rgba, width, height, channels: 4 }, 224, 224);
    expect(found.data).toEqual(resizeArea(rgb, 224, 224).data);
  }
});

test('keeps a flat image flat at every size', () => {
  for (const value of [0, 1, 127, 254, 255]) {
    for (const side of [1, 2, 71, 111, 223, 225, 347, 500]) {
      const found = resizeArea(grey(new Array<number>(side * side).fill(value), side, side), 224, 224).data;
      expect(found.every((level) => level === value)).toBe(true);
    }
  }
});

test('refuses sizes that do not fit the data', () => {
  expect(() => resizeArea({ data: new Uint8Array(11), width: 2, height: 2, channels: 3 }, 1, 1)).toThrow(
    /12 bytes/,
  );
  expect(() => resizeArea(grey([1], 1, 1), 0, 1)).toThrow(/output width/);
  expect(() => resizeArea({ data: new Uint8Array(0), width: 0, height: 2, channels: 3 }, 1, 1)).toThrow(
    /width/,
  );
});

test('rounds halves to the even neighbour', () => {
  expect([0.5, 1.5, 2.5, 2.4999, 254.5, 255.2].map(roundHalfToEven)).toEqual([0, 2, 2, 2, 254, 255]);
});

function grey(values: readonly number[], width: number, height: number): RgbImage {
  return { data: Uint8Array.from(values.flatMap((v) => [v, v, v])), width, height, channels: 3 };
}

/** The golden cases' input as cases.json defines it: a gradient with a quarter of mulberry32 noise. */
function noise(width: number, height: number, seed: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const nextByte = mulberry32Bytes(seed);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bases = [
        (255 * x) / (width - 1),
        (255 * y) / (height - 1),
        (255 * (x + y)) / (width + height - 2),
      ];
      for (const base of bases) data[i++] = Math.floor((3 * Math.floor(base) + nextByte()) / 4);
    }
  }
  return { data, width, height, channels: 3 };
}

function mulberry32Bytes(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) >>> 24;
  };
}
