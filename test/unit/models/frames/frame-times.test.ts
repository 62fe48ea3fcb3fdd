import { expect, test } from 'vitest';
import { areBothLong, frameTimes } from '../../../../models/frames/frame-times.ts';
import type { ShownFrame } from '../../../../models/frames/frame-times.ts';

const at = (seconds: number, lengthSeconds: number | null = 0.04): ShownFrame => ({ seconds, lengthSeconds });

test('even frames are counted exactly', () => {
  expect(frameTimes(at(0), at(3.96))).toEqual({ count: 100, firstSeconds: 0, intervalSeconds: 0.04 });
  expect(frameTimes(at(0.5), at(4.46)).firstSeconds).toBe(0.5);
});

test('a title that is shown for long at the beginning or the end does not stand for the others', () => {
  // A file of five seconds: 1.2 of them are one frame.
  expect(frameTimes(at(0, 1.2), at(4.96)).count).toBe(125);
  expect(frameTimes(at(0), at(3.8, 1.2)).count).toBe(96);
});

test('where both ends are long a frame from the middle is asked', () => {
  expect(areBothLong(at(0, 1.2), at(4, 1))).toBe(true);
  expect(frameTimes(at(0, 1.2), at(4, 1), [at(2)]).count).toBe(101);
  expect(areBothLong(at(0), at(4, 1))).toBe(false);
  expect(areBothLong(at(0, null), at(4, null))).toBe(false);
});

test('a file of one frame has one, and nothing between its ends', () => {
  expect(frameTimes(at(0, 5), at(0, 5))).toEqual({ count: 1, firstSeconds: 0, intervalSeconds: 5 });
  expect(areBothLong(at(0, 5), at(0, 5))).toBe(false);
});

test('frames that do not say how long they are shown are taken for usual ones', () => {
  expect(frameTimes(at(0, null), at(3, null)).count).toBe(91);
  expect(frameTimes(at(0, null), at(3.96)).count).toBe(100);
});

test('what a broken file claims is bounded', () => {
  expect(frameTimes(at(0, 1e-6), at(1e9)).count).toBe(24 * 3600 * 120);
});
