import { expect, test } from 'vitest';
import {
  drawArguments,
  faceToFrame,
  refineFace,
  scaleFace,
  secondPassSquare,
} from '../../../../models/face/second-pass.ts';
import { mergeFaces, needsTiles, tilesOf } from '../../../../models/face/tiles.ts';
import { frontalFace } from './faces.ts';
import { GOLDEN_VIDEOS, hasGoldenFaces, readGoldenVideo } from './golden-faces.ts';

const FRAME = { width: 1920, height: 1080 };

test.skipIf(!hasGoldenFaces)('maps a point of the drawn square to where the reference found it', () => {
  // The reference's detector gives boxes in whole pixels of the drawn square, so each of its boxes must come
  // from whole pixels of ours. A square shifted by half a pixel or scaled by one in 512 shows here.
  let boxes = 0;
  for (const { firstPass, secondPass } of GOLDEN_VIDEOS.flatMap(readGoldenVideo)) {
    firstPass.forEach((first, index) => {
      const square = secondPassSquare(first.box);
      const scale = square.drawnSidePixels / square.sidePixels;
      const { left, top } = secondPass[index]!.box;
      for (const drawn of [(left - square.left) * scale, (top - square.top) * scale]) {
        // The reference numbers are written with two decimals.
        expect(Math.abs(drawn - Math.round(drawn))).toBeLessThanOrEqual(0.0051);
      }
      boxes++;
    });
  }
  expect(boxes).toBe(59);
});

test('the square has 2.5 times the side of the box, round its centre, drawn to 512 pixels at most', () => {
  expect(secondPassSquare({ left: 100, top: 200, right: 200, bottom: 300 })).toEqual({
    left: 25,
    top: 125,
    sidePixels: 250,
    drawnSidePixels: 250,
  });
  expect(secondPassSquare({ left: 0, top: 0, right: 410, bottom: 400 })).toEqual({
    left: -307,
    top: -312,
    sidePixels: 1025,
    drawnSidePixels: 512,
  });
});

test('draws only what lies inside the frame, at its place in the square', () => {
  const square = { left: -50, top: 980, sidePixels: 200, drawnSidePixels: 100 };
  expect(drawArguments(square, FRAME)).toEqual([0, 980, 150, 100, 25, 0, 75, 50]);
  expect(drawArguments({ ...square, left: 1920 }, FRAME)).toBeNull();
});

test('a face found in the drawn square comes back to its place in the frame', () => {
  const square = { left: -50, top: 980, sidePixels: 200, drawnSidePixels: 100 };
  const face = faceToFrame(frontalFace(50, 40, 20, 0.7), square);
  expect(face.box).toEqual({ left: 30, top: 1040, right: 70, bottom: 1080 });
  expect(face.keypoints.noseTip.x).toBe(50);
  expect(face.score).toBe(0.7);
});

test('a face found in a thumbnail is scaled to the frame', () => {
  const face = scaleFace(frontalFace(320, 180, 100), { width: 640, height: 360 }, FRAME);
  expect(face.box).toEqual({ left: 810, top: 390, right: 1110, bottom: 690 });
});

test('the second pass replaces a face by the one at its place, never by a neighbour', () => {
  const first = frontalFace(500, 500, 200);
  const neighbour = frontalFace(700, 500, 220, 0.99);
  const same = frontalFace(510, 495, 190, 0.6);
  expect(refineFace(first, [neighbour, same])).toBe(same);
  expect(refineFace(first, [neighbour])).toBe(first);
  expect(refineFace(first, [])).toBe(first);
});

test('three tiles cover a wide and a tall frame from end to end', () => {
  const wide = tilesOf(FRAME);
  expect(wide.map(({ left, top, sidePixels }) => [left, top, sidePixels])).toEqual([
    [0, 0, 1080],
    [420, 0, 1080],
    [840, 0, 1080],
  ]);
  expect(tilesOf({ width: 1080, height: 1920 }).map(({ left, top }) => [left, top])).toEqual([
    [0, 0],
    [0, 420],
    [0, 840],
  ]);
  expect(tilesOf({ width: 500, height: 500 })).toEqual([]);
});

test('tiles are asked for where no face or a small one was found', () => {
  expect(needsTiles([])).toBe(true);
  expect(needsTiles([frontalFace(500, 500, 200), frontalFace(900, 500, 69)])).toBe(true);
  expect(needsTiles([frontalFace(500, 500, 200)])).toBe(false);
});

test('a face found in the frame and in a tile is kept once, the more confident one', () => {
  const sure = frontalFace(500, 500, 200, 0.9);
  const unsure = frontalFace(510, 500, 200, 0.6);
  const other = frontalFace(800, 500, 200, 0.7);
  expect(mergeFaces([unsure, other, sure])).toEqual([sure, other]);
});
