import { expect, test } from 'vitest';
import { turnedFrame } from '../../../../models/frames/turned-frame.ts';
import { quarterTurns, turnImage } from '../../../../models/image/turn-image.ts';
import type { RasterImage } from '../../../../models/image/raster-image.ts';
import type { CutRegion } from '../../../../utils/domain/frames-port.ts';

/** 4 × 3 pixels, each with its number as red. */
const PICTURE: RasterImage = {
  width: 4,
  height: 3,
  channels: 3,
  data: Uint8ClampedArray.from({ length: 36 }, (_, at) => (at % 3 === 0 ? at / 3 : 9)),
};

function cutOf(picture: RasterImage, { left, top, width, height }: CutRegion): RasterImage {
  const data = Array.from({ length: height * width }, (_, at) => {
    const from = 3 * ((top + Math.floor(at / width)) * picture.width + left + (at % width));
    return [...picture.data.slice(from, from + 3)];
  }).flat();
  return { width, height, channels: 3, data: Uint8ClampedArray.from(data) };
}

const numbersOf = ({ data, width, height }: RasterImage): number[][] =>
  Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => data[3 * (row * width + column)]!),
  );

test('a quarter turn is clockwise, and four are none', () => {
  expect(numbersOf(turnImage(PICTURE, 1))).toEqual([
    [8, 4, 0],
    [9, 5, 1],
    [10, 6, 2],
    [11, 7, 3],
  ]);
  for (const turns of [0, 1, 2, 3] as const) {
    expect(turnImage(turnImage(PICTURE, turns), quarterTurns(4 - turns))).toEqual(PICTURE);
  }
});

test.each([0, 1, 2, 3] as const)(
  '%i quarter turns: a cut is the same part of the turned picture',
  async (turns) => {
    const size = { width: PICTURE.width, height: PICTURE.height };
    const frame = turnedFrame(
      { size, cut: (regions) => Promise.resolve(regions.map((each) => cutOf(PICTURE, each))) },
      turns,
    );
    const turned = turnImage(PICTURE, turns);
    expect(frame.size).toEqual({ width: turned.width, height: turned.height });
    const region = { left: 1, top: 0, width: 2, height: 3, outWidth: 2, outHeight: 3 };
    expect(await frame.cut([region])).toEqual([cutOf(turned, region)]);
  },
);

test('boxes of a turned frame are told as the video has them', () => {
  const size = { width: 400, height: 300 };
  const sharesOf = (turns: 0 | 1 | 2 | 3) =>
    turnedFrame({ size, cut: () => Promise.resolve(null) }, turns).sharesOf({
      left: 30,
      top: 100,
      width: 60,
      height: 200,
    });
  expect(sharesOf(0)).toEqual({ left: 0.075, top: 1 / 3, width: 0.15, height: 2 / 3 });
  expect(sharesOf(1)).toEqual({ left: 0.25, top: 0.7, width: 0.5, height: 0.2 });
  expect(sharesOf(2)).toEqual({ left: 0.775, top: 0, width: 0.15, height: 2 / 3 });
  expect(sharesOf(3)).toEqual({ left: 0.25, top: 0.1, width: 0.5, height: 0.2 });
});
