import { expect, test } from 'vitest';
import type { DetectedFace } from '../../../../models/face/geometry.ts';
import { refineFaces, regionOfCrop, regionOfSquare, secondPasses } from '../../../../models/scan/regions.ts';
import { MAX_CUT_SIDE_PIXELS } from '../../../../utils/domain/frames-port.ts';

function faceAt(left: number, top: number, side: number, score = 0.9): DetectedFace {
  const point = { x: left + side / 2, y: top + side / 2 };
  return {
    box: { left, top, right: left + side, bottom: top + side },
    score,
    keypoints: { leftEye: point, rightEye: point, noseTip: point, mouth: point },
  };
}

test('the second pass is a square of 2.5 sides round the face, drawn to 512 pixels at most', () => {
  const [pass] = secondPasses([faceAt(400, 300, 400)]);
  expect(regionOfSquare(pass!.square)).toEqual({
    left: 100,
    top: 0,
    width: 1000,
    height: 1000,
    outWidth: 512,
    outHeight: 512,
  });
});

test('a crowd gets no more than twelve second passes', () => {
  const crowd = Array.from({ length: 40 }, (_, index) => faceAt(index * 50, 0, 40));
  expect(secondPasses(crowd)).toHaveLength(12);
});

test('a crop is cut unscaled', () => {
  expect(regionOfCrop({ left: 3, top: 5, right: 203, bottom: 195 })).toEqual({
    left: 3,
    top: 5,
    width: 200,
    height: 190,
    outWidth: 200,
    outHeight: 190,
  });
});

test('only a crop beyond the port’s limit is drawn smaller, in its own proportions', () => {
  const { width, height, outWidth, outHeight } = regionOfCrop({ left: 0, top: 0, right: 4096, bottom: 2000 });
  expect([width, height]).toEqual([4096, 2000]);
  expect([outWidth, outHeight]).toEqual([MAX_CUT_SIDE_PIXELS, 1000]);
});

test('a face that the second pass loses stays as the first pass saw it, and two boxes of one face become one', () => {
  const [near, far, double] = [faceAt(0, 0, 100), faceAt(500, 0, 100), faceAt(20, 60, 100, 0.8)];
  const refined = refineFaces(
    secondPasses([near, far, double]),
    [[faceAt(2, 2, 100)], [], [faceAt(10, 30, 100, 0.7)]],
    [],
  );
  expect(refined.map(({ box: { left, top } }) => [left, top])).toEqual([
    [2, 2],
    [500, 0],
  ]);
});
