import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  continuousLevel,
  dlibBox,
  nearestLevel,
  snapCentre,
  squareFromKeypoints,
} from '../../../../models/face/crop-geometry.ts';
import { boxCentre, clipBox, intersectionOverUnion } from '../../../../models/face/geometry.ts';
import type { LatticeCell } from '../../../../models/face/crop-geometry.ts';
import type { Box } from '../../../../models/face/geometry.ts';
import { GOLDEN_VIDEOS, hasGoldenFaces, readGoldenClips, readGoldenVideo } from './golden-faces.ts';

test('gives boxes that dlib gave', () => {
  // Boxes of dlib 19.24 on the sample videos of the GenConViT repository, at levels 5, 6, 9 and 10.
  const known = [
    { left: 134, top: 174, right: 313, bottom: 353 },
    { left: 113, top: 161, right: 328, bottom: 376 },
    { left: 692, top: 197, right: 1064, bottom: 569 },
  ];
  for (const box of known) expect(dlibBox(latticeCellOf(box)!)).toEqual(box);
  expect(known.map((box) => latticeCellOf(box)!.level)).toEqual([5, 6, 9]);
});

test.skipIf(!hasGoldenFaces)("every reference box of dlib's lies on the lattice", () => {
  const videos = [...GOLDEN_VIDEOS.map(readGoldenVideo), ...readGoldenClips().values()];
  const boxes = videos.flat().flatMap((frame) => frame.boxes);
  expect(boxes.length).toBeGreaterThan(200);
  for (const box of boxes) expect(dlibBox(latticeCellOf(box)!)).toEqual(box);
});

test.skipIf(!hasGoldenFaces)("clips as the reference's crops are clipped", () => {
  for (const { boxes, crops, frame } of [...readGoldenClips().values()].flat()) {
    expect(boxes.map((box) => clipBox(box, frame))).toEqual(crops);
  }
});

test('finds every place of the lattice again from its box', () => {
  const cell = fc.record({
    level: fc.integer({ min: 0, max: 15 }),
    cellX: fc.integer({ min: 0, max: 400 }),
    cellY: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(cell, (place) => {
      const box = dlibBox(place);
      expect(dlibBox(latticeCellOf(box) ?? { level: -1, cellX: 0, cellY: 0 })).toEqual(box);
    }),
    { seed: 3, numRuns: 2000 },
  );
});

test('calls a box one pixel off the lattice none of dlib’s', () => {
  expect(latticeCellOf({ left: 135, top: 174, right: 314, bottom: 353 })).toBeNull();
  expect(latticeCellOf({ left: 134, top: 174, right: 314, bottom: 353 })).toBeNull();
});

test('snaps to the nearest of all places of the level', () => {
  const place = fc.record({
    level: fc.integer({ min: 0, max: 12 }),
    x: fc.double({ min: 0, max: 2000, noNaN: true }),
    y: fc.double({ min: 0, max: 2000, noNaN: true }),
  });
  fc.assert(
    fc.property(place, ({ level, x, y }) => {
      const found = snapCentre({ x, y }, level);
      const distanceX = Math.abs(boxCentre(dlibBox(found)).x - x);
      const distances = Array.from({ length: 300 }, (_, cell) =>
        Math.abs(boxCentre(dlibBox({ level, cellX: cell - 10, cellY: 0 })).x - x),
      );
      // Rounding to whole pixels moves a centre by half a pixel at most.
      expect(distanceX).toBeLessThanOrEqual(Math.min(...distances) + 1);
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('snapping a box of the lattice keeps it', () => {
  for (const level of [0, 1, 5, 9]) {
    for (const cell of [8, 9, 30]) {
      const box = dlibBox({ level, cellX: cell, cellY: cell + 1 });
      const snapped = snapCentre(boxCentre(box), nearestLevel(continuousLevel(box.right - box.left)));
      expect(dlibBox(snapped)).toEqual(box);
    }
  }
});

test('windows that begin at a negative cell are one cell wider', () => {
  const inner = dlibBox({ level: 0, cellX: 8, cellY: 8 });
  const edge = dlibBox({ level: 0, cellX: 7, cellY: 7 });
  expect([inner.right - inner.left, edge.right - edge.left]).toEqual([72, 80]);
});

test('levels grow by 1 for a factor of 1.2 and never fall below 0', () => {
  expect(continuousLevel(72)).toBe(0);
  expect(continuousLevel(72 * 1.2 ** 3)).toBeCloseTo(3, 12);
  expect([nearestLevel(-2), nearestLevel(0.4), nearestLevel(5.6)]).toEqual([0, 0, 6]);
});

test('maps keypoints to the square of mapping K2', () => {
  const square = squareFromKeypoints({
    leftEye: { x: 100, y: 100 },
    rightEye: { x: 160, y: 100 },
    noseTip: { x: 130, y: 130 },
    mouth: { x: 130, y: 180 },
  });
  expect(square.centre.x).toBeCloseTo(130, 10);
  expect(square.centre.y).toBeCloseTo(66.7 - 26.26 + 96.3, 10);
  expect(square.sidePixels).toBeCloseTo(154.3, 10);
});

test('overlap is 1 for equal boxes, 0 for those that touch, and a third for half shifted', () => {
  const box = { left: 0, top: 0, right: 10, bottom: 10 };
  expect(intersectionOverUnion(box, box)).toBe(1);
  expect(intersectionOverUnion(box, { left: 10, top: 0, right: 20, bottom: 10 })).toBe(0);
  expect(intersectionOverUnion(box, { left: 5, top: 0, right: 15, bottom: 10 })).toBeCloseTo(1 / 3, 12);
});

test('a box outside the frame has nothing left of it', () => {
  expect(clipBox({ left: -20, top: 0, right: 0, bottom: 10 }, { width: 50, height: 50 })).toBeNull();
  expect(clipBox({ left: -20, top: 45, right: 5, bottom: 60 }, { width: 50, height: 50 })).toEqual({
    left: 0,
    top: 45,
    right: 5,
    bottom: 50,
  });
});

/** The place in the lattice whose box is this one, or null where it is not one of dlib's. For a box that was not clipped. */
function latticeCellOf(box: Box): LatticeCell | null {
  const level = nearestLevel(continuousLevel(box.right - box.left));
  // The wider windows at the left and top edge are 80 pixels of their level: nearly half a level more.
  const places = [level, level - 1, level + 1].map((near) => snapCentre(boxCentre(box), near));
  return places.find((place) => JSON.stringify(dlibBox(place)) === JSON.stringify(box)) ?? null;
}
