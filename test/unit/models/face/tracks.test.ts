import { describe, expect, test } from 'vitest';
import { steadyLevel } from '../../../../models/face/face-cropper.ts';
import { MAX_OPEN_TRACKS, MAX_PEOPLE_FOLLOWED, createTracker } from '../../../../models/face/tracks.ts';
import { judgeFace } from '../../../../models/face/usable.ts';
import { appearanceOf } from '../../../../models/face/appearance.ts';
import type { FollowedFace } from '../../../../models/face/tracks.ts';
import { frontalFace, lyingFace } from './faces.ts';

/** A tracker for frames of full HD. */
function tracking() {
  const { update } = createTracker();
  return (faces: readonly FollowedFace[]) => update(faces, { width: 1920, height: 1080 });
}

/** The appearance of a picture of 16 × 16 pixels, in which pixel number i has the grey `grey(i)`. */
function lookOf(grey: (index: number) => number) {
  const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => grey(Math.floor(at / 3)));
  return appearanceOf(
    { data, width: 16, height: 16, channels: 3 },
    { left: 0, top: 0, right: 16, bottom: 16 },
  );
}

test('keeps ids by place when the detector changes the order', () => {
  const update = tracking();
  const [left, right] = [frontalFace(400, 500, 200), frontalFace(900, 500, 200)];
  expect(update([left, right]).map(({ trackId, face }) => [trackId, face])).toEqual([
    [1, left],
    [2, right],
  ]);
  const [movedLeft, movedRight] = [frontalFace(460, 510, 210), frontalFace(860, 490, 190)];
  expect(update([movedRight, movedLeft]).map(({ trackId, face }) => [trackId, face])).toEqual([
    [1, movedLeft],
    [2, movedRight],
  ]);
});

test('follows a face that moved by almost its own side', () => {
  const update = tracking();
  update([frontalFace(400, 500, 200)]);
  expect(update([frontalFace(590, 500, 200)])[0]!.trackId).toBe(1);
  expect(update([frontalFace(1000, 500, 200)])[0]!.trackId).toBe(2);
});

test('gives a person back their id after frames without them', () => {
  const update = tracking();
  update([frontalFace(400, 500, 200)]);
  update([frontalFace(1200, 500, 200)]);
  update([]);
  expect(update([frontalFace(1210, 500, 200)])[0]!.trackId).toBe(2);
  expect(update([frontalFace(410, 500, 200)])[0]!.trackId).toBe(1);
});

test('a close-up after a cut is another person', () => {
  const update = tracking();
  update([frontalFace(960, 500, 100)]);
  expect(update([frontalFace(960, 500, 450)])[0]!.trackId).toBe(2);
});

test('assigns the pair that overlaps most first, and each track once', () => {
  const update = tracking();
  update([frontalFace(500, 500, 200)]);
  const near = frontalFace(510, 500, 200);
  const far = frontalFace(640, 500, 200);
  expect(update([far, near]).map(({ trackId, face }) => [trackId, face])).toEqual([
    [1, near],
    [2, far],
  ]);
});

test('a crowd has at most eight tracks, the largest faces first', () => {
  const update = tracking();
  const crowd = Array.from({ length: 20 }, (_, i) => frontalFace(100 + 300 * i, 500, 100 + i));
  const tracked = update(crowd);
  expect(tracked.length).toBe(MAX_OPEN_TRACKS);
  expect(new Set(tracked.map(({ face }) => face))).toEqual(new Set(crowd.slice(-MAX_OPEN_TRACKS)));
  expect(update(crowd).map(({ trackId }) => trackId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a gallery at the start leaves room for the speaker who comes after it', () => {
  const update = tracking();
  const gallery = Array.from({ length: 11 }, (_, i) => frontalFace(100 + 170 * i, 200, 100 + i));
  for (let frame = 0; frame < 3; frame++) update(gallery);
  const speaker = [1, 2, 3, 4].map((step) => update([frontalFace(960 + step, 600, 400)])[0]!.trackId);
  expect(speaker).toEqual([9, 9, 9, 9]);
  // The speaker took the slot of one of the gallery; the others are known again.
  expect(update(gallery.slice(-7)).map(({ trackId }) => trackId)).not.toContain(9);
});

test('the person who was away longest makes room, and no id is given twice', () => {
  const update = tracking();
  const at = (place: number) => frontalFace(100 + 300 * place, 500, 100);
  for (let place = 0; place < MAX_OPEN_TRACKS; place++) {
    expect(update([at(place)])[0]!.trackId).toBe(place + 1);
  }
  expect(update([at(8)])[0]!.trackId).toBe(9);
  expect(update([at(1)])[0]!.trackId).toBe(2);
  expect(update([at(0)])[0]!.trackId).toBe(10);
});

test('the number of people is limited, and those who are followed keep their ids', () => {
  const update = tracking();
  for (let person = 0; person < MAX_PEOPLE_FOLLOWED + 20; person++) {
    update([frontalFace(300 * person, 500, 100)]);
  }
  const last = MAX_PEOPLE_FOLLOWED - 1;
  expect(update([frontalFace(300 * last, 500, 100)])[0]!.trackId).toBe(MAX_PEOPLE_FOLLOWED);
  expect(update([frontalFace(0, 500, 100)])).toEqual([]);
});

test('people keep their ids when the stream changes its resolution', () => {
  const { update } = createTracker();
  const small = [frontalFace(200, 150, 80), frontalFace(450, 150, 90)];
  const large = [frontalFace(600, 450, 240), frontalFace(1350, 450, 270)];
  expect(update(small, { width: 640, height: 360 }).map(({ trackId }) => trackId)).toEqual([1, 2]);
  expect(update(large, { width: 1920, height: 1080 }).map(({ trackId }) => trackId)).toEqual([1, 2]);
});

test('another face at the same place is another person, and people shown in turn keep their ids', () => {
  const update = tracking();
  const [ann, bob] = [lookOf((value) => value), lookOf((value) => (value * 7919) % 256)];
  const ids = [ann, ann, bob, ann, bob].map(
    (appearance) => update([{ ...frontalFace(960, 500, 300), appearance }])[0]!.trackId,
  );
  expect(ids).toEqual([1, 1, 2, 1, 2]);
});

test('a face without any contrast is followed by its place', () => {
  const update = tracking();
  const look = lookOf((value) => value);
  const ids = [look, null, look].map(
    (appearance) => update([{ ...frontalFace(960, 500, 300), appearance }])[0]!.trackId,
  );
  expect(ids).toEqual([1, 1, 1]);
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
  [lyingFace(500, 500, 200), { kind: 'unusable', reason: 'face-turned' }],
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

describe('two people who look different', () => {
  const [ann, bob] = [lookOf((value) => value), lookOf((value) => (value * 7919) % 256)];
  const faceOf = (appearance: typeof ann, x: number, side = 300) => ({
    ...frontalFace(x, 500, side),
    appearance,
  });
  /**
   * Ids of Ann and Bob in each frame; undefined for a person who is not in the frame. The detector's order alternates.
   */
  function idsOf(frames: readonly { readonly ann?: FollowedFace; readonly bob?: FollowedFace }[]) {
    const update = tracking();
    return frames.map((frame, index) => {
      const faces = [frame.ann, frame.bob].filter((face) => face !== undefined);
      const tracked = update(index % 2 === 0 ? faces : faces.toReversed());
      const idOf = (face?: FollowedFace) => tracked.find((each) => each.face === face)?.trackId;
      return [idOf(frame.ann), idOf(frame.bob)];
    });
  }

  test('stay two tracks where they cross, and where one hides the other in between', () => {
    const crossing = [400, 650, 900, 1150, 1400].map((x) => ({
      ann: faceOf(ann, x),
      bob: faceOf(bob, 1800 - x),
    }));
    expect(idsOf(crossing)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    // Bob walks behind Ann, who stands in the middle.
    const hiding = [600, 750, null, 1050, 1300].map((x) => ({
      ann: faceOf(ann, 900),
      ...(x !== null && { bob: faceOf(bob, x) }),
    }));
    expect(idsOf(hiding)).toEqual([
      [1, 2],
      [1, 2],
      [1, undefined],
      [1, 2],
      [1, 2],
    ]);
  });

  test('keep their tracks through cuts to one of them, to a picture without faces, and back', () => {
    const both = { ann: faceOf(ann, 500), bob: faceOf(bob, 1400) };
    const [onlyAnn, onlyBob] = [{ ann: faceOf(ann, 950) }, { bob: faceOf(bob, 950) }];
    const ids = idsOf([onlyAnn, onlyBob, {}, onlyAnn, onlyAnn, onlyBob, {}, onlyBob]);
    expect(ids).toEqual([
      [1, undefined],
      [undefined, 2],
      [undefined, undefined],
      [1, undefined],
      [1, undefined],
      [undefined, 2],
      [undefined, undefined],
      [undefined, 2],
    ]);
    expect(idsOf([both, both, {}, both, { ann: both.ann }, { bob: both.bob }, both])).toEqual([
      [1, 2],
      [1, 2],
      [undefined, undefined],
      [1, 2],
      [1, undefined],
      [undefined, 2],
      [1, 2],
    ]);
  });

  test('keep their tracks where a cut puts each in the other’s place', () => {
    const before = { ann: faceOf(ann, 500), bob: faceOf(bob, 1400) };
    const after = { ann: faceOf(ann, 1400), bob: faceOf(bob, 500) };
    expect(idsOf([before, after, before])).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  test('far from every known face, get a new id unless they look like a known person', () => {
    const carla = lookOf((value) => (value * 104_729) % 251);
    const update = tracking();
    const idOf = (face: FollowedFace) => update([face])[0]!.trackId;
    expect(idOf(faceOf(ann, 500))).toBe(1);
    expect(idOf(faceOf(carla, 1400))).toBe(2);
    expect(idOf(faceOf(ann, 1400))).toBe(1);
    expect(idOf(faceOf(ann, 1400, 650))).toBe(3);
  });
});
