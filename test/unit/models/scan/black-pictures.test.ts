import { expect, test } from 'vitest';
import { createBlackGauge } from '../../../../models/scan/black-pictures.ts';

const WIDTH = 64;
const HEIGHT = 36;

/** All of one grey, but for what `paint` does. */
function picture(grey: number, paint: (data: Uint8ClampedArray) => void = () => undefined) {
  const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT).map((_, at) => (at % 4 === 3 ? 255 : grey));
  paint(data);
  return { width: WIDTH, height: HEIGHT, data, channels: 4 } as const;
}

test('pictures that are all black are said to be, whatever rounding has made of black', () => {
  const gauge = createBlackGauge();
  expect(gauge.isAllBlack()).toBe(false);
  gauge.sawPicture(picture(0));
  gauge.sawPicture(picture(2));
  expect(gauge.isAllBlack()).toBe(true);
});

test('one picture with something in it is enough, before or after black ones', () => {
  const before = createBlackGauge();
  before.sawPicture(picture(30));
  before.sawPicture(picture(0));
  expect(before.isAllBlack()).toBe(false);
  const after = createBlackGauge();
  after.sawPicture(picture(0));
  after.sawPicture(picture(0, (data) => data.fill(40, 4 * WIDTH * 5, 4 * WIDTH * 15)));
  expect(after.isAllBlack()).toBe(false);
});
