import { expect, test } from 'vitest';
import { steadyLevel } from '../../../../models/face/face-cropper.ts';
import { MAX_TRACKS, createTracker } from '../../../../models/face/tracks.ts';
import { judgeFace } from '../../../../models/face/usable.ts';
import { frontalFace } from './faces.ts';

test('keeps ids by place when the detector changes the order', () => {
  const tracker = createTracker();
  const [left, right] = [frontalFace(400, 500, 200), frontalFace(900, 500, 200)];
  expect(tracker.update([left, right]).map(({ trackId, face }) => [trackId, face])).toEqual([
    [1, left],
    [2, right],
  ]);
  const [movedLeft, movedRight] = [frontalFace(460, 510, 210), frontalFace(860, 490, 190)];
  expect(tracker.update([movedRight, movedLeft]).map(({ trackId, face }) => [trackId, face])).toEqual([
    [1, movedLeft],
    [2, movedRight],
  ]);
});

test('follows a face that moved by almost its own side', () => {
  const tracker = createTracker();
  tracker.update([frontalFace(400, 500, 200)]);
  expect(tracker.update([frontalFace(590, 500, 200)])[0]!.trackId).toBe(1);
  expect(tracker.update([frontalFace(1000, 500, 200)])[0]!.trackId).toBe(2);
});

test('gives a person back their id after frames without them', () => {
  const tracker = createTracker();
  tracker.update([frontalFace(400, 500, 200)]);
  tracker.update([frontalFace(1200, 500, 200)]);
  tracker.update([]);
  expect(tracker.update([frontalFace(1210, 500, 200)])[0]!.trackId).toBe(2);
  expect(tracker.update([frontalFace(410, 500, 200)])[0]!.trackId).toBe(1);
});

test('a close-up after a cut is another person', () => {
  const tracker = createTracker();
  tracker.update([frontalFace(960, 500, 100)]);
  expect(tracker.update([frontalFace(960, 500, 450)])[0]!.trackId).toBe(2);
});

test('joins the pair that overlaps most first, and no track twice', () => {
  const tracker = createTracker();
  tracker.update([frontalFace(500, 500, 200)]);
  const near = frontalFace(510, 500, 200);
  const far = frontalFace(640, 500, 200);
  expect(tracker.update([far, near]).map(({ trackId, face }) => [trackId, face])).toEqual([
    [1, near],
    [2, far],
  ]);
});

test('a crowd has at most eight tracks, the largest faces first', () => {
  const tracker = createTracker();
  const crowd = Array.from({ length: 20 }, (_, i) => frontalFace(100 + 300 * i, 500, 100 + i));
  const tracked = tracker.update(crowd);
  expect(tracked.length).toBe(MAX_TRACKS);
  expect(new Set(tracked.map(({ face }) => face))).toEqual(new Set(crowd.slice(-MAX_TRACKS)));
  expect(tracker.update(crowd).map(({ trackId }) => trackId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('the level is half-way between the frame and the median of the last five', () => {
  expect(steadyLevel([5.4])).toBe(5.4);
  expect(steadyLevel([5, 5.2])).toBeCloseTo((5.2 + 5.1) / 2, 12);
  expect(steadyLevel([9, 9, 9, 5, 5, 5, 5, 6])).toBe(5.5);
  expect(() => steadyLevel([])).toThrow(RangeError);
});

test.each([
  [frontalFace(500, 500, 200), { kind: 'usable', marks: [] }],
  [frontalFace(500, 500, 66), { kind: 'usable', marks: ['small'] }],
  [frontalFace(500, 500, 61), { kind: 'unusable', reason: 'face-too-small' }],
  [frontalFace(500, 500, 200, 0.55), { kind: 'usable', marks: ['low-score'] }],
  [frontalFace(500, 500, 200, 0.49), { kind: 'unusable', reason: 'face-uncertain' }],
  [frontalFace(500, 500, 200, Number.NaN), { kind: 'unusable', reason: 'face-uncertain' }],
])('judges a face by size and score (case %#)', (face, expected) => {
  expect(judgeFace(face)).toEqual(expected);
});

test('marks a face turned so far that the eyes are close together', () => {
  const face = frontalFace(500, 500, 300);
  const turn = (eyeDistance: number) => ({
    ...face,
    keypoints: {
      ...face.keypoints,
      leftEye: { x: 500 - eyeDistance / 2, y: 400 },
      rightEye: { x: 500 + eyeDistance / 2, y: 400 },
      mouth: { x: 500, y: 500 },
    },
  });
  expect(judgeFace(turn(64))).toEqual({ kind: 'usable', marks: ['near-profile'] });
  expect(judgeFace(turn(66))).toEqual({ kind: 'usable', marks: [] });
});
