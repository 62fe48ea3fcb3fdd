import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loudOutcome, loudOutcomeOfPerson } from '../../../../models/scan/early-stop.ts';
import type { SigmoidRow } from '../../../../models/detectors/genconvit/reference-score.ts';
import type { ScoredFace } from '../../../../models/scan/aggregate-verdict.ts';
import type { FaceMeasures } from '../../../../utils/domain/report.ts';
import type { FaceMark } from '../../../../utils/domain/verdict.ts';
import {
  GOOD_MEASURES,
  judgeEarly,
  judgeWhole,
  scoredFace,
  SIGMOID_SCORING,
  type ScoredVideo,
} from '../../../fixtures/scans/score-sequences.ts';
import { casesAt } from '../../../support/cases.ts';

/** How many made-up videos a property is tried on. */
const RUNS = Math.max(...casesAt([4000, 20_000], 0));

const score = fc.double({ min: 0, max: 1, noNaN: true });
/** Rows as networks give them: mostly sure of one class, sometimes of neither or of both. */
const row: fc.Arbitrary<SigmoidRow> = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: 0, max: 0.12, noNaN: true }).map((x): SigmoidRow => [x, 1 - x]) },
  { weight: 3, arbitrary: fc.double({ min: 0.88, max: 1, noNaN: true }).map((x): SigmoidRow => [x, 1 - x]) },
  { weight: 2, arbitrary: fc.tuple(score, score) },
  { weight: 1, arbitrary: fc.constantFrom<SigmoidRow>([0, 0], [1, 1], [0, 1], [1, 0], [0.7, 0.3]) },
);

const video: fc.Arbitrary<ScoredVideo> = fc
  .record({ rowsPerFace: fc.integer({ min: 1, max: 2 }), count: fc.integer({ min: 1, max: 20 }) })
  .chain(({ rowsPerFace, count }) =>
    fc
      .array(
        fc.dictionary(
          // Up to four people, who come and go.
          fc.constantFrom('1', '2', '3', '4'),
          fc.array(row, { minLength: rowsPerFace, maxLength: rowsPerFace }),
          { maxKeys: 4 },
        ),
        { minLength: count, maxLength: count },
      )
      .map((frames) => ({
        rowsPerFace,
        frames: frames.map(
          (people) => new Map(Object.entries(people).map(([id, rows]) => [Number(id), rows])),
        ),
      })),
  );

/** One person whose scores change at some point: the hard case for a bound. */
const turningVideo: fc.Arbitrary<ScoredVideo> = fc
  .record({
    first: row,
    second: row,
    turn: fc.integer({ min: 0, max: 15 }),
    from: fc.integer({ min: 0, max: 11 }),
  })
  .map(({ first, second, turn, from }) => ({
    rowsPerFace: 1,
    frames: Array.from({ length: 15 }, (_, index) =>
      index < from ? new Map() : new Map([[1, [index < turn ? first : second]]]),
    ),
  }));

/** Faces of any quality: mostly good ones, so that many scans are stopped. */
const measures: fc.Arbitrary<FaceMeasures> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(GOOD_MEASURES) },
  {
    weight: 1,
    arbitrary: fc.record({
      sidePixels: fc.constantFrom(64, 75, 79, 120),
      fineDetail: fc.constantFrom(0.001, 0.004),
      detectorScore: fc.constant(0.55),
      marks: fc.constantFrom<readonly FaceMark[]>([], ['near-profile'], ['low-score', 'small']),
    }),
  },
);
const anyQuality = fc
  .tuple(fc.oneof(video, turningVideo), fc.array(measures, { minLength: 1, maxLength: 17 }))
  .map(([scored, all]): ScoredVideo => ({
    ...scored,
    measuresOf: (personId, frameIndex) => all[(5 * personId + frameIndex) % all.length]!,
  }));

describe('an early stop', () => {
  test.each([1, 4])('neither gains nor loses a loud verdict, with %i faces a run', (facesPerRun) => {
    let stoppedCount = 0;
    let loudCount = 0;
    fc.assert(
      fc.property(anyQuality, (scored) => {
        const whole = judgeWhole(scored);
        const early = judgeEarly(scored, facesPerRun);
        if (whole.verdict.kind === 'likely-manipulated') loudCount++;
        if (early.framesScanned < whole.framesScanned) stoppedCount++;
        expect(early.verdict.kind === 'likely-manipulated').toBe(whole.verdict.kind === 'likely-manipulated');
      }),
      { seed: 17, numRuns: RUNS },
    );
    // The property says nothing where nothing is stopped.
    expect(stoppedCount).toBeGreaterThan(RUNS / 4);
    expect(loudCount).toBeGreaterThan(RUNS / 20);
  });

  test('refuses exactly the videos that the whole scan refuses', () => {
    fc.assert(
      fc.property(fc.oneof(video, turningVideo), (scored) => {
        const [whole, early] = [judgeWhole(scored), judgeEarly(scored)];
        expect(early.verdict.kind === 'refused').toBe(whole.verdict.kind === 'refused');
      }),
      { seed: 18, numRuns: RUNS / 2 },
    );
  });

  test('never says that it stopped early where every frame was looked at', () => {
    fc.assert(
      fc.property(video, (scored) => {
        const { verdict, framesScanned } = judgeEarly(scored);
        const isSaid = verdict.kind !== 'refused' && verdict.isStoppedEarly === true;
        expect(isSaid).toBe(verdict.kind !== 'refused' && framesScanned < scored.frames.length);
      }),
      { seed: 19, numRuns: 2000 },
    );
  });
});

function facesOf(count: number, ...rows: readonly SigmoidRow[]): readonly ScoredFace[] {
  return Array.from({ length: count }, (_, frameIndex) => scoredFace({ personId: 1, frameIndex }, rows));
}

const steady = (value: SigmoidRow): ScoredVideo => ({
  rowsPerFace: 1,
  frames: Array.from({ length: 15 }, () => new Map([[1, [value]]])),
});

test('a clearly real face is judged in 5 of 15 frames, and 12 frames are searched for another person', () => {
  const early = judgeEarly(steady([0.02, 0.98]));
  expect(early).toMatchObject({ framesJudged: 5, framesScanned: 12 });
  expect(early.verdict).toMatchObject({ kind: 'no-manipulation-found', isStoppedEarly: true, doubts: [] });
});

// After 11 the score is certain already, but four frames at 0 would still contradict it.
test('a clearly manipulated face is certain after 12 of 15 frames', () => {
  const early = judgeEarly(steady([0.98, 0.02]));
  expect(early).toMatchObject({ framesJudged: 12, framesScanned: 12 });
  expect(early.verdict).toMatchObject({ kind: 'likely-manipulated', isStoppedEarly: true });
});

test('a person who appears in the twelfth frame can still get a loud verdict, one in the thirteenth can not', () => {
  const scan = {
    framesAsked: 15,
    rowsPerFace: 1,
    people: [],
    leastBitsPerPixel: null,
    scoring: SIGMOID_SCORING,
  };
  expect(loudOutcome({ ...scan, framesToCome: 4 })).toBe('open');
  expect(loudOutcome({ ...scan, framesToCome: 3 })).toBe('impossible');
});

test('faces that wait for the networks count as frames to come', () => {
  const faces = facesOf(13, [1, 0]);
  const scan = {
    framesAsked: 15,
    framesToCome: 0,
    rowsPerFace: 1,
    leastBitsPerPixel: null,
    scoring: SIGMOID_SCORING,
  };
  expect(loudOutcomeOfPerson({ framesJudged: 13, framesWaiting: 2, faces }, scan)).toBe('certain');
  expect(loudOutcomeOfPerson({ framesJudged: 10, framesWaiting: 5, faces: faces.slice(3) }, scan)).toBe(
    'open',
  );
});

test('a person with too few judged frames is not certain yet, however high the score', () => {
  const scan = {
    framesAsked: 15,
    framesToCome: 1,
    rowsPerFace: 2,
    leastBitsPerPixel: null,
    scoring: SIGMOID_SCORING,
  };
  const faces = facesOf(3, [1, 0], [1, 0]);
  expect(loudOutcomeOfPerson({ framesJudged: 3, framesWaiting: 0, faces }, scan)).toBe('open');
});
