import { expect, test } from 'vitest';
import { createBlackGauge } from '../../../../models/scan/black-pictures.ts';

const WIDTH = 64;
const HEIGHT = 36;

/** All of one grey, but for what `paint` does. */
function frame(grey: number, paint: (data: Uint8ClampedArray) => void = () => undefined) {
  const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT).map((_, at) => (at % 4 === 3 ? 255 : grey));
  paint(data);
  return {
    type: 'frame',
    frameIndex: 0,
    mediaTimeSeconds: 0,
    widthPixels: WIDTH,
    heightPixels: HEIGHT,
    thumbnail: { width: WIDTH, height: HEIGHT, data, colorSpace: 'srgb' } as ImageData,
  } as const;
}

test('pictures that are all black are said to be, whatever rounding has made of black', () => {
  const gauge = createBlackGauge();
  expect(gauge.isAllBlack()).toBe(false);
  gauge.sawFrame(frame(0));
  gauge.sawFrame(frame(2));
  expect(gauge.isAllBlack()).toBe(true);
});

test('one picture with something in it is enough, before or after black ones', () => {
  const before = createBlackGauge();
  before.sawFrame(frame(30));
  before.sawFrame(frame(0));
  expect(before.isAllBlack()).toBe(false);
  const after = createBlackGauge();
  after.sawFrame(frame(0));
  after.sawFrame(frame(0, (data) => data.fill(40, 4 * WIDTH * 5, 4 * WIDTH * 15)));
  expect(after.isAllBlack()).toBe(false);
});
