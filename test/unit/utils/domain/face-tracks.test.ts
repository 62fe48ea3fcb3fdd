import { describe, expect, test } from 'vitest';
import { faceAt, judgedFrames, mostTelling, tracksOf } from '../../../../utils/domain/face-tracks.ts';
import type { FrameScore } from '../../../../utils/domain/report.ts';

const score = (
  frameIndex: number,
  mediaTimeSeconds: number,
  left: number,
  fields: Partial<FrameScore> = {},
): FrameScore => ({
  personId: 1,
  frameIndex,
  mediaTimeSeconds,
  score: 0.5,
  box: { left, top: 0.2, width: 0.2, height: 0.4 },
  networkScores: {},
  pixelsSha256: null,
  measures: null,
  ...fields,
});

function leftAt(frames: readonly FrameScore[], seconds: number) {
  const [track] = tracksOf(frames);
  const face = faceAt(track!, seconds);
  return face && [Math.round(face.box.left * 1000) / 1000, face.isBetween];
}

describe('a face', () => {
  test('is shown at its place near a judged frame, and nowhere else', () => {
    const frames = [score(0, 1, 0.1), score(1, 5, 0.6)];
    expect([0.79, 0.81, 1, 1.19, 1.21, 4.79, 4.81, 5.19, 9].map((at) => leftAt(frames, at))).toEqual([
      null,
      [0.1, false],
      [0.1, false],
      [0.1, false],
      null,
      null,
      [0.6, false],
      [0.6, false],
      null,
    ]);
  });

  test('that keeps its place is shown between two frames in a row, and moves evenly', () => {
    const frames = [score(0, 1, 0.1), score(1, 2, 0.14)];
    expect([1, 1.1, 1.5, 1.9, 2].map((at) => leftAt(frames, at))).toEqual([
      [0.1, false],
      [0.104, false],
      [0.12, true],
      [0.136, false],
      [0.14, false],
    ]);
  });

  test.each([
    ['moves far', [score(0, 1, 0.1), score(1, 2, 0.16)]],
    [
      'changes its size',
      [score(0, 1, 0.1), score(1, 2, 0.1, { box: { left: 0.1, top: 0.2, width: 0.2, height: 0.52 } })],
    ],
    ['is not in a frame that was looked at in between', [score(0, 1, 0.1), score(2, 2, 0.1)]],
    ['was judged long before', [score(0, 1, 0.1), score(1, 3.1, 0.1)]],
    // A loop: the scan took the end first.
    ['was judged in another turn of the video', [score(5, 1, 0.1), score(0, 2, 0.1)]],
  ])('that %s is not shown in between', (_what, frames) => {
    expect(leftAt(frames, 1.5)).toBe(null);
    expect(leftAt(frames, 1.1)).toEqual([0.1, false]);
  });

  test('without a place, as older reports have it, is never shown', () => {
    expect(leftAt([score(0, 1, 0, { box: null }), score(1, 1.5, 0, { box: null })], 1)).toBe(null);
  });
});

test('people have tracks of their own, in the order of the video’s time', () => {
  const scores = [
    score(3, 9, 0.1),
    score(0, 2, 0.1, { personId: 2 }),
    score(1, 0.5, 0.1),
    score(1, 0.5, 0.7, { personId: 2 }),
  ];
  expect(
    tracksOf(scores).map(({ personId, frames }) => [personId, frames.map(({ frameIndex }) => frameIndex)]),
  ).toEqual([
    [1, [1, 3]],
    [2, [1, 0]],
  ]);
});

test('a frame counts by its highest face', () => {
  const scores = [
    score(1, 2, 0.1, { score: 0.3 }),
    score(1, 2, 0.7, { score: 0.9, personId: 2 }),
    score(0, 1, 0.1, { score: 0.2 }),
  ];
  expect(
    judgedFrames(scores).map(({ mediaTimeSeconds, score: highest, personId }) => [
      mediaTimeSeconds,
      highest,
      personId,
    ]),
  ).toEqual([
    [1, 0.2, 1],
    [2, 0.9, 2],
  ]);
});

test.each([
  ['likely-manipulated', [0.9, 0.6]],
  ['no-manipulation-found', [0.05, 0.45]],
  ['not-sure', [0.05, 0.9]],
] as const)('the clearest scores for %s come first', (kind, expected) => {
  const scores = [0.45, 0.9, 0.05, 0.6].map((each, index) => score(index, index, 0, { score: each }));
  expect(mostTelling(scores, kind, 2).map((each) => each.score)).toEqual(expected);
});
