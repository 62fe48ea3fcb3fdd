import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framePositions, MAX_FRAMES_OF_FILE } from '../../../../models/frames/file-source.ts';

test('are those of numpy’s linspace(0, n - 1, count, dtype=int)', () => {
  // Printed by numpy 1.26.
  expect(framePositions(150, 15)).toEqual([0, 10, 21, 31, 42, 53, 63, 74, 85, 95, 106, 117, 127, 138, 149]);
  expect(framePositions(471, 15)).toEqual([
    0, 33, 67, 100, 134, 167, 201, 235, 268, 302, 335, 369, 402, 436, 470,
  ]);
  expect(framePositions(300, 4)).toEqual([0, 99, 199, 299]);
});

test('are each frame once where there are fewer than were asked for', () => {
  expect(framePositions(4, 15)).toEqual([0, 1, 2, 3]);
  expect(framePositions(1, 15)).toEqual([0]);
  expect(framePositions(0, 15)).toEqual([0]);
  expect(framePositions(100, 1)).toEqual([0]);
});

test('of a whole film end all the same', () => {
  expect(framePositions(200_000, null)).toHaveLength(MAX_FRAMES_OF_FILE);
  expect(framePositions(30, null)).toHaveLength(30);
});

test('rise from the first frame to the last, whatever the numbers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1e6 }), fc.integer({ min: 2, max: 60 }), (frameCount, asked) => {
      const positions = framePositions(frameCount, asked);
      expect(positions[0]).toBe(0);
      expect(positions.at(-1)).toBe(frameCount - 1);
      expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
      expect(positions).toHaveLength(Math.min(asked, frameCount));
    }),
  );
});

test('by steps are those of range(0, n, max(1, n // count)), up to twice as many as were asked for', () => {
  expect(framePositions(150, 15, 'step')).toEqual(Array.from({ length: 15 }, (_, index) => index * 10));
  expect(framePositions(29, 15, 'step')).toHaveLength(29);
  expect(framePositions(31, 15, 'step')).toEqual(Array.from({ length: 16 }, (_, index) => index * 2));
  expect(framePositions(30, null, 'step')).toHaveLength(30);
});
