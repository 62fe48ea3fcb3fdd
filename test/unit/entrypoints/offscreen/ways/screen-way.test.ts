import { expect, test } from 'vitest';
import { isSamePlace } from '../../../../../entrypoints/offscreen/ways/screen-way.ts';
import type { ScreenPlace } from '../../../../../utils/frames-port.ts';

const BOX = { left: 100, top: 50, width: 640, height: 360 };
const PLACE: ScreenPlace = {
  viewportWidth: 1280,
  viewportHeight: 720,
  picture: BOX,
  visible: BOX,
  covered: [{ left: 100, top: 50, width: 20, height: 20 }],
};

test('a place that has moved by less than a pixel is the same', () => {
  const moved = { ...BOX, top: 50.7 };
  expect(isSamePlace(PLACE, { ...PLACE, picture: moved, visible: moved })).toBe(true);
});

test.each<[string, Partial<ScreenPlace>]>([
  ['a scrolled page', { picture: { ...BOX, top: 10 }, visible: { ...BOX, top: 10 } }],
  ['a narrower window', { viewportWidth: 1200 }],
  ['a video that is cut off', { visible: { ...BOX, height: 300 } }],
  ['a video that is out of sight', { visible: null }],
  ['something that was laid over it', { covered: [...PLACE.covered, { ...BOX, width: 30 }] }],
  ['something that moves over it', { covered: [{ left: 140, top: 50, width: 20, height: 20 }] }],
])('%s is another place', (_what, change) => {
  expect(isSamePlace(PLACE, { ...PLACE, ...change })).toBe(false);
  expect(isSamePlace({ ...PLACE, ...change }, PLACE)).toBe(false);
});
