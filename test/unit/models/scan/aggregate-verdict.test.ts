import { expect, test } from 'vitest';
import {
  aggregateVerdict as aggregate,
  verdictKindOf,
  type ScanFrames,
  type ScoredFace,
} from '../../../../models/scan/aggregate-verdict.ts';
import { VERDICT_BANDS, type Verdict } from '../../../../utils/domain/verdict.ts';
import { scoredFace, SIGMOID_SCORING } from '../../../fixtures/scans/score-sequences.ts';
import type { SigmoidRow } from '../../../../models/detectors/genconvit/reference-score.ts';

const aggregateVerdict = (frames: ScanFrames): Verdict => aggregate(frames, SIGMOID_SCORING);

test('likely manipulated from .7, no manipulation found up to .3, both included', () => {
  expect(
    [0, 0.3, 0.300001, 0.5, 0.699999, 0.7, 1].map((score) => verdictKindOf(score, VERDICT_BANDS)),
  ).toEqual([
    'no-manipulation-found',
    'no-manipulation-found',
    'not-sure',
    'not-sure',
    'not-sure',
    'likely-manipulated',
    'likely-manipulated',
  ]);
});

test('one person: their score, frames and no doubts', () => {
  const verdict = aggregateVerdict(scan({ faces: person(1, 15, [0.9, 0.1]) }));
  expect(verdict).toEqual({
    kind: 'likely-manipulated',
    score: expect.closeTo(0.9, 12) as number,
    decidingPersonId: 1,
    doubts: [],
    framesUsed: 15,
    framesScanned: 15,
    framesAsked: 15,
    pooledScore: expect.closeTo(0.9, 12) as number,
    pooledLabel: 'FAKE',
    people: [
      {
        kind: 'likely-manipulated',
        personId: 1,
        score: expect.closeTo(0.9, 12) as number,
        framesUsed: 15,
        doubts: [],
      },
    ],
  });
});

test('rows of both networks are pooled, and count as one frame', () => {
  const faces = person(1, 15, [0.9, 0.1], [0.7, 0.3]);
  const verdict = aggregateVerdict(scan({ faces }));
  expect(verdict).toMatchObject({ kind: 'likely-manipulated', framesUsed: 15 });
  expect(verdict).toHaveProperty('score', expect.closeTo(0.8, 12));
});

test('the most suspicious person decides, where the mean over all would hide them', () => {
  const faces = [...person(1, 15, [0.1, 0.9]), ...person(2, 15, [0.8, 0.2]), ...person(3, 15, [0.1, 0.9])];
  const verdict = aggregateVerdict(scan({ faces }));
  expect(verdict).toMatchObject({ kind: 'likely-manipulated', decidingPersonId: 2 });
  if (verdict.kind === 'refused') throw new Error('refused');
  expect(verdict.people.map(({ personId, kind }) => [personId, kind])).toEqual([
    [2, 'likely-manipulated'],
    [1, 'no-manipulation-found'],
    [3, 'no-manipulation-found'],
  ]);
  // All 45 rows: mean fake 1/3, mean real 2/3, so the reference calls it REAL and scores |1 − 2/3|.
  expect(verdict.pooledScore).toBeCloseTo(1 / 3, 12);
});

test('a person seen in too few frames never decides', () => {
  const verdict = aggregateVerdict(
    scan({ faces: [...person(1, 12, [0.1, 0.9]), ...person(2, 3, [0.99, 0.01])] }),
  );
  expect(verdict).toMatchObject({ kind: 'no-manipulation-found', decidingPersonId: 1 });
  if (verdict.kind === 'refused') throw new Error('refused');
  expect(verdict.people.at(-1)).toEqual({
    kind: 'refused',
    reason: 'too-few-frames',
    personId: 2,
    framesUsed: 3,
  });
});

test.each([
  [scan({ faces: [] }), 'no-face'],
  [scan({ faces: [], framesWithSmallFace: 3 }), 'no-face'],
  [scan({ faces: [], framesWithSmallFace: 4 }), 'face-too-small'],
  [scan({ faces: [], framesWithSmallFace: 4, framesWithTurnedFace: 5 }), 'face-turned'],
  [scan({ faces: [], framesWithSmallFace: 5, framesWithTurnedFace: 4 }), 'face-too-small'],
  [scan({ faces: [], framesWithTurnedFace: 3 }), 'no-face'],
  [scan({ faces: person(1, 3, [0.9, 0.1]) }), 'too-few-frames'],
  // A small face that the detector took for a larger one in a single frame.
  [scan({ faces: person(1, 1, [0.9, 0.1]), framesWithSmallFace: 9 }), 'face-too-small'],
  [scan({ faces: person(1, 3, [0.9, 0.1]), framesWithSmallFace: 3 }), 'too-few-frames'],
] as const)('refuses by name (case %#)', (frames, reason) => {
  expect(aggregateVerdict(frames)).toEqual({ kind: 'refused', reason, framesScanned: 15, framesAsked: 15 });
});

test('the one frame of a paused video gets a score, which is no verdict', () => {
  const faces = person(1, 1, [0.9, 0.1]);
  expect(aggregateVerdict(scan({ faces, framesAsked: 1, framesScanned: 1 }))).toMatchObject({
    kind: 'not-sure',
    score: 0.9,
    framesUsed: 1,
    doubts: [],
    reasons: [{ code: 'few-frames', frames: 1 }],
  });
});

test('fewer than half of the frames is a doubt, half is none', () => {
  const doubtsOf = (frames: number) => {
    const verdict = aggregateVerdict(scan({ faces: person(1, frames, [0.5, 0.5]), framesAsked: 16 }));
    return verdict.kind === 'refused' ? verdict.reason : verdict.doubts;
  };
  expect([doubtsOf(3), doubtsOf(7), doubtsOf(8)]).toEqual(['too-few-frames', ['few-frames'], []]);
});

test('a face that is blurred, small and turned away in most frames is “not sure” by name, whatever the score', () => {
  const faces = person(1, 15, [0.95, 0.05]).map((face, index): ScoredFace => ({
    ...face,
    measures:
      index < 8
        ? { ...face.measures, fineDetail: 0.001, sidePixels: 66, marks: ['near-profile', 'low-score'] }
        : face.measures,
  }));
  const verdict = aggregateVerdict(scan({ faces }));
  const reasons = [
    { code: 'face-small', pixels: 66 },
    { code: 'face-blurred' },
    { code: 'face-turned-away' },
    { code: 'face-unclear' },
  ];
  expect(verdict).toMatchObject({ kind: 'not-sure', score: expect.closeTo(0.95, 12) as number, reasons });
  expect(verdict).toMatchObject({ people: [{ kind: 'not-sure', reasons }] });
});

test('a likely manipulated person decides, although another person’s higher score is no verdict', () => {
  const blurred = person(1, 15, [0.99, 0.01]).map((face) => ({
    ...face,
    measures: { ...face.measures, fineDetail: 0.001 },
  }));
  const faces = [...blurred, ...person(2, 15, [0.8, 0.2])];
  expect(aggregateVerdict(scan({ faces }))).toMatchObject({
    kind: 'likely-manipulated',
    decidingPersonId: 2,
  });
  // If nobody is likely manipulated, the highest score decides: that person may be manipulated.
  const calm = [...blurred, ...person(2, 15, [0.1, 0.9])];
  expect(aggregateVerdict(scan({ faces: calm }))).toMatchObject({ kind: 'not-sure', decidingPersonId: 1 });
});

test.each([
  [0.025, 'no-manipulation-found', [], undefined],
  [0.015, 'no-manipulation-found', ['compressed'], undefined],
  [0.005, 'not-sure', [], [{ code: 'compressed' }]],
] as const)('at %f bits for each pixel the verdict is %s', (bitsPerPixel, kind, doubts, reasons) => {
  const verdict = aggregateVerdict(scan({ faces: person(1, 15, [0.1, 0.9]), bitsPerPixel }));
  expect(verdict).toMatchObject({ kind, doubts });
  expect(verdict.kind !== 'refused' && verdict.reasons).toEqual(reasons);
});

test('a class on the other side of the middle than its score is a doubt', () => {
  // Both sigmoids low: the argmax is REAL, the original's score is |1 − .2| = .8.
  expect(aggregateVerdict(scan({ faces: person(1, 15, [0.1, 0.2]) }))).toMatchObject({
    kind: 'likely-manipulated',
    doubts: ['class-contradicts-score'],
  });
  expect(aggregateVerdict(scan({ faces: person(1, 15, [0.75, 0.75]) }))).toMatchObject({
    kind: 'no-manipulation-found',
    doubts: ['class-contradicts-score'],
  });
});

function scan(parts: Partial<ScanFrames>): ScanFrames {
  return { framesAsked: 15, framesScanned: 15, faces: [], framesWithSmallFace: 0, ...parts };
}

function person(personId: number, frames: number, ...rows: SigmoidRow[]): ScoredFace[] {
  return Array.from({ length: frames }, (_, frameIndex) => scoredFace({ personId, frameIndex }, rows));
}
