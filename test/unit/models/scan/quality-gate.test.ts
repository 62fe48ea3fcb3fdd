import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { aggregateVerdict, type ScoredFace } from '../../../../models/scan/aggregate-verdict.ts';
import { measureQuality } from '../../../../models/scan/measure-people.ts';
import { gateByPage, gateReasons } from '../../../../models/scan/quality-gate.ts';
import type { GatedFootage } from '../../../../models/scan/quality-gate.ts';
import type { FaceMeasures } from '../../../../utils/domain/report.ts';
import type { FaceMark, Verdict, VerdictKind } from '../../../../utils/domain/verdict.ts';
import { verdictOf } from '../../../fixtures/scans/scans.ts';
import { scoredFace, SIGMOID_SCORING } from '../../../fixtures/scans/score-sequences.ts';

type ScoredVerdict = Exclude<Verdict, { readonly kind: 'refused' }>;

const { trainedOn } = GENCONVIT;

const GOOD: GatedFootage = {
  peopleCount: 1,
  largestSidePixels: 160,
  bitsPerPixel: 0.1,
  person: {
    frames: 15,
    sidePixels: 160,
    fineDetail: 0.008,
    nearProfileShare: 0,
    lowScoreShare: 0,
    scoreSpread: 0.05,
    networkGap: 0.1,
  },
};

const codesOf = (footage: GatedFootage): readonly string[] =>
  gateReasons(footage, trainedOn).map(({ code }) => code);

const withPerson = (change: Partial<GatedFootage['person']>): GatedFootage => ({
  ...GOOD,
  person: { ...GOOD.person, ...change },
});

test('footage like that of the training passes, and what was not measured speaks against nothing', () => {
  expect(gateReasons(GOOD, trainedOn)).toEqual([]);
  const unmeasured = withPerson({ fineDetail: null, networkGap: null });
  expect(gateReasons({ ...unmeasured, bitsPerPixel: null, peopleCount: null }, trainedOn)).toEqual([]);
});

test.each([
  ['small', withPerson({ sidePixels: 69 }), { code: 'face-small', pixels: 69 }],
  ['blurred', withPerson({ fineDetail: 0.0024 }), { code: 'face-blurred' }],
  ['strongly compressed', { ...GOOD, bitsPerPixel: 0.005 }, { code: 'compressed' }],
  ['mostly turned away', withPerson({ nearProfileShare: 0.54 }), { code: 'face-turned-away' }],
  ['hardly a face', withPerson({ lowScoreShare: 0.54 }), { code: 'face-unclear' }],
  ['in three frames', withPerson({ frames: 3 }), { code: 'few-frames', frames: 3 }],
  ['once high and once low', withPerson({ scoreSpread: 0.41 }), { code: 'frames-disagree' }],
  ['for one network alone', withPerson({ networkGap: 0.6 }), { code: 'networks-disagree' }],
] as const)('a face that is %s gives its own reason', (_what, footage, reason) => {
  expect(gateReasons(footage, trainedOn)).toEqual([reason]);
});

test('of several people the face has to be larger, and the reason says how many there are', () => {
  const sides = { largestSidePixels: 76, person: { ...GOOD.person, sidePixels: 74 } };
  expect(codesOf({ ...GOOD, ...sides, peopleCount: 2 })).toEqual([]);
  expect(gateReasons({ ...GOOD, ...sides, peopleCount: 5 }, trainedOn)).toEqual([
    { code: 'faces-small', people: 5, pixels: 76 },
  ]);
  // Another person stands nearer, but the reason is about this person's face.
  expect(gateReasons({ ...GOOD, ...sides, largestSidePixels: 200, peopleCount: 5 }, trainedOn)).toEqual([
    { code: 'face-small', pixels: 74 },
  ]);
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const footage: fc.Arbitrary<GatedFootage> = fc
  .record({
    peopleCount: fc.integer({ min: 1, max: 8 }),
    bitsPerPixel: fc.option(fc.double({ min: 0, max: 0.05, noNaN: true })),
    larger: fc.double({ min: 0, max: 40, noNaN: true }),
    person: fc.record({
      frames: fc.integer({ min: 1, max: 20 }),
      sidePixels: fc.double({ min: 62, max: 100, noNaN: true }),
      fineDetail: fc.option(fc.double({ min: 0, max: 0.006, noNaN: true })),
      nearProfileShare: share,
      lowScoreShare: share,
      scoreSpread: fc.double({ min: 0, max: 0.5, noNaN: true }),
      networkGap: fc.option(share),
    }),
  })
  .map(({ larger, ...rest }) => ({ ...rest, largestSidePixels: rest.person.sidePixels + larger }));

/** The measures, each made worse by a share of its remaining range; 0 changes nothing. */
const WORSE: readonly ((seen: GatedFootage, by: number) => GatedFootage)[] = [
  (seen, by) => ({ ...seen, peopleCount: seen.peopleCount! + Math.round(8 * by) }),
  (seen, by) => ({ ...seen, bitsPerPixel: seen.bitsPerPixel === null ? null : seen.bitsPerPixel * (1 - by) }),
  (seen, by) => ({
    ...seen,
    largestSidePixels: seen.largestSidePixels! * (1 - by),
    person: { ...seen.person, sidePixels: seen.person.sidePixels * (1 - by) },
  }),
  worsePerson('fineDetail', (value, by) => value * (1 - by)),
  worsePerson('frames', (value, by) => Math.max(1, Math.floor(value * (1 - by)))),
  worsePerson('nearProfileShare', (value, by) => value + (1 - value) * by),
  worsePerson('lowScoreShare', (value, by) => value + (1 - value) * by),
  worsePerson('scoreSpread', (value, by) => value + (0.5 - value) * by),
  worsePerson('networkGap', (value, by) => value + (1 - value) * by),
];

function worsePerson(
  name: keyof GatedFootage['person'],
  worsen: (value: number, by: number) => number,
): (seen: GatedFootage, by: number) => GatedFootage {
  return (seen, by) => {
    const value = seen.person[name];
    return value === null ? seen : { ...seen, person: { ...seen.person, [name]: worsen(value, by) } };
  };
}

describe('worse footage never turns “not sure” into a verdict', () => {
  const sets = (seen: GatedFootage, worse: GatedFootage): void => {
    // For the face size, several people and one person have the same reason in other words.
    const kinds = (codes: readonly string[]): ReadonlySet<string> =>
      new Set(codes.map((code) => (code === 'faces-small' ? 'face-small' : code)));
    expect([...kinds(codesOf(seen))].filter((code) => !kinds(codesOf(worse)).has(code))).toEqual([]);
  };

  test('each measure alone: no reason goes away', () => {
    fc.assert(
      fc.property(footage, fc.nat({ max: WORSE.length - 1 }), share, (seen, which, by) => {
        sets(seen, WORSE[which]!(seen, by));
      }),
      { seed: 21, numRuns: 20_000 },
    );
  });

  test('all measures together', () => {
    const shares = fc.array(fc.oneof(fc.constant(0), share), {
      minLength: WORSE.length,
      maxLength: WORSE.length,
    });
    fc.assert(
      fc.property(footage, shares, (seen, by) => {
        sets(
          seen,
          WORSE.reduce((worse, worsen, which) => worsen(worse, by[which]!), seen),
        );
      }),
      { seed: 22, numRuns: 20_000 },
    );
  });
});

/**
 * People of any scores in faces of any quality. A face can be worse in each way while its networks give the same
 * scores.
 */
const people: fc.Arbitrary<People> = fc.array(
  fc.record({
    score: fc.constantFrom(0.02, 0.2, 0.5, 0.75, 0.98),
    faces: fc.array(
      fc.record({
        sidePixels: fc.constantFrom(63, 72, 85, 200),
        fineDetail: fc.constantFrom(0.001, 0.003, 0.01),
        marks: fc.subarray<FaceMark>(['near-profile', 'low-score']),
      }),
      { minLength: 4, maxLength: 9 },
    ),
  }),
  { minLength: 1, maxLength: 4 },
);
type People = readonly {
  readonly score: number;
  readonly faces: readonly Pick<FaceMeasures, 'sidePixels' | 'fineDetail' | 'marks'>[];
}[];

function judge(seen: People, bitsPerPixel: number | null): Verdict {
  return aggregateVerdict(
    { framesAsked: 9, framesScanned: 9, faces: facesOf(seen), framesWithSmallFace: 0, bitsPerPixel },
    SIGMOID_SCORING,
  );
}

function facesOf(seen: People): readonly ScoredFace[] {
  return seen.flatMap(({ score, faces }, person) =>
    faces.map((face, frameIndex) =>
      scoredFace({ personId: person + 1, frameIndex }, [[score, 1 - score]], { ...face, detectorScore: 0.9 }),
    ),
  );
}

test('a video of several people whose faces get worse goes over into “not sure”, and never into the opposite', () => {
  let turned = 0;
  fc.assert(
    fc.property(
      people,
      fc.array(fc.record({ size: share, detail: share, away: fc.boolean() }), {
        minLength: 36,
        maxLength: 36,
      }),
      fc.constantFrom(null, 0.005, 0.05),
      fc.constantFrom(1, 0.4),
      (seen, worse, bits, fewerBits) => {
        const worsened = seen.map(({ score, faces }, person) => ({
          score,
          faces: faces.map((face, index) => {
            const { size, detail, away } = worse[9 * person + index]!;
            const marks: readonly FaceMark[] = away ? [...face.marks, 'near-profile'] : face.marks;
            return {
              sidePixels: Math.max(62, face.sidePixels * (1 - size)),
              fineDetail: face.fineDetail! * (1 - detail),
              marks: [...marks],
            };
          }),
        }));
        const before = judge(seen, bits);
        const after = judge(worsened, bits === null ? null : bits * fewerBits);
        const allowed: Readonly<Record<VerdictKind, readonly string[]>> = {
          'not-sure': ['not-sure'],
          'no-manipulation-found': ['no-manipulation-found', 'not-sure'],
          'likely-manipulated': ['likely-manipulated', 'not-sure'],
        };
        if (before.kind === 'refused') throw new Error(before.reason);
        expect(allowed[before.kind]).toContain(after.kind);
        if (before.kind !== after.kind) turned++;
      },
    ),
    { seed: 23, numRuns: 10_000 },
  );
  // If no verdict changes, the property shows nothing.
  expect(turned).toBeGreaterThan(1000);
});

test('a report has all that the gate used: its reasons can be computed again', () => {
  fc.assert(
    fc.property(people, fc.constantFrom(null, 0.005, 0.05), (seen, bits) => {
      const verdict = judge(seen, bits);
      const quality = measureQuality(facesOf(seen), verdict, bits);
      if (verdict.kind === 'refused') throw new Error(verdict.reason);
      const again = gateReasons({ ...quality, person: quality.decidingPerson! }, trainedOn);
      expect(again).toEqual(verdict.reasons ?? []);
    }),
    { seed: 24, numRuns: 2000 },
  );
});

describe('what the page does to the picture', () => {
  test.each([
    ['covered', ['covered-by-page'], 0.1, 'not-sure', [{ code: 'covered-by-page' }]],
    ['altered', ['altered-by-page'], 0.1, 'not-sure', [{ code: 'altered-by-page' }]],
    // A page must not silence a warning.
    ['covered', ['covered-by-page'], 0.9, 'likely-manipulated', undefined],
    ['drawn smaller', ['scaled-on-screen'], 0.1, 'no-manipulation-found', undefined],
  ] as const)('a video that is %s: %j at %f is %s', (_what, doubts, score, kind, reasons) => {
    const verdict = gateByPage({ ...(verdictOf(score) as ScoredVerdict), doubts });
    expect(verdict).toMatchObject({ kind, doubts, score });
    expect(verdict.kind !== 'refused' && verdict.reasons).toEqual(reasons);
  });
});
