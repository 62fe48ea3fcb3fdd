import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapIntervals } from '../../../../models/evaluation/bootstrap.ts';
import { evaluate, evaluateStrata, missingClass } from '../../../../models/evaluation/evaluate.ts';
import { computeFigures, FIGURE_NAMES, rankVideos } from '../../../../models/evaluation/metrics.ts';
import type { LabelledScore } from '../../../../models/evaluation/metrics.ts';
import type { VideoResult } from '../../../../models/evaluation/results.ts';
import { splitInHalves, tuneThreshold } from '../../../../models/evaluation/thresholds.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';
import { createRandom } from '../../../../models/evaluation/random.ts';

const BY_LABEL = { bands: VERDICT_BANDS, threshold: null };

function video(score: number, trueLabel: 'FAKE' | 'REAL', more: Partial<VideoResult> = {}): VideoResult {
  return {
    name: `${score}.mp4`,
    score,
    label: score >= 0.5 ? 'FAKE' : 'REAL',
    trueLabel,
    klass: '',
    compression: null,
    faceSidePixels: null,
    split: null,
    ...more,
  };
}

const random = createRandom(3);
const SET = Array.from({ length: 300 }, (_, index) =>
  video((random() + (index % 3 === 0 ? 0.6 : 0)) / 1.6, index % 3 === 0 ? 'FAKE' : 'REAL'),
);

describe('the bootstrap', () => {
  const ranked = rankVideos(SET);
  const intervals = bootstrapIntervals(ranked, BY_LABEL, { seed: 1, resamples: 400 });

  test('gives the same intervals for the same seed, and others for another', () => {
    expect(bootstrapIntervals(ranked, BY_LABEL, { seed: 1, resamples: 400 })).toEqual(intervals);
    expect(bootstrapIntervals(ranked, BY_LABEL, { seed: 2, resamples: 400 })).not.toEqual(intervals);
  });

  test('holds each figure', () => {
    const figures = computeFigures(ranked, BY_LABEL);
    for (const name of FIGURE_NAMES) {
      // The error of bins is larger in draws than in the whole: it is not within its own interval of necessity.
      if (name === 'calibrationError') continue;
      expect(intervals[name]!.low).toBeLessThanOrEqual(figures[name]!);
      expect(intervals[name]!.high).toBeGreaterThanOrEqual(figures[name]!);
    }
  });

  test('is as wide as the normal approximation for a share of 200 real videos', () => {
    const share = computeFigures(ranked, BY_LABEL).realAccuracy!;
    const width = 2 * 1.96 * Math.sqrt((share * (1 - share)) / 200);
    const { low, high } = intervals.realAccuracy!;
    expect((high - low) / width).toBeGreaterThan(0.85);
    expect((high - low) / width).toBeLessThan(1.15);
  });

  test('has nothing for a figure without a value', () => {
    const real = rankVideos(SET.filter(({ trueLabel }) => trueLabel === 'REAL'));
    const ofReal = bootstrapIntervals(real, BY_LABEL, { seed: 1, resamples: 50 });
    expect(ofReal.areaUnderCurve).toBe(null);
    expect(ofReal.realAccuracy).not.toBe(null);
  });
});

describe('tuning', () => {
  // REAL: .1 .3 .6 .8; FAKE: .2 .5 .7 .9.
  const videos = [
    ...[0.1, 0.3, 0.6, 0.8].map((score) => video(score, 'REAL')),
    ...[0.2, 0.5, 0.7, 0.9].map((score) => video(score, 'FAKE')),
  ];

  test.each([
    // .9: 1/4; .7: 2/4 − 1/4; .5: 3/4 − 2/4; .2: 1 − 3/4. The highest of the equal ones.
    [{ kind: 'youden' } as const, 0.9],
    [{ kind: 'fpr', most: 0 } as const, 0.9],
    [{ kind: 'fpr', most: 0.25 } as const, 0.7],
    [{ kind: 'fpr', most: 0.6 } as const, 0.5],
    // False alarms alone cost: no video is called FAKE.
    [{ kind: 'cost', falseAlarm: 1, miss: 0 } as const, Number.POSITIVE_INFINITY],
    [{ kind: 'cost', falseAlarm: 1, miss: 10 } as const, 0.2],
  ])('%j gives %d', (rule, threshold) => {
    expect(tuneThreshold(videos, rule)).toBe(threshold);
  });

  test('keeps to the false alarms, and no threshold that does finds more', () => {
    const set = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 20 }), fc.boolean())
        .map(([step, isFake]) => video(step / 20, isFake ? 'FAKE' : 'REAL')),
      { minLength: 2, maxLength: 40 },
    );
    fc.assert(
      fc.property(set, fc.double({ min: 0, max: 1, noNaN: true }), (given, most) => {
        const real = given.filter(({ trueLabel }) => trueLabel === 'REAL');
        const fake = given.filter(({ trueLabel }) => trueLabel === 'FAKE');
        if (real.length === 0 || fake.length === 0) {
          expect(() => tuneThreshold(given, { kind: 'fpr', most })).toThrow(RangeError);
          return;
        }
        const reaching = (members: readonly LabelledScore[], from: number): number =>
          members.filter(({ score }) => score >= from).length;
        const threshold = tuneThreshold(given, { kind: 'fpr', most });
        expect(reaching(real, threshold)).toBeLessThanOrEqual(most * real.length);
        for (const { score } of given) {
          if (reaching(real, score) > most * real.length) continue;
          expect(reaching(fake, score)).toBeLessThanOrEqual(reaching(fake, threshold));
        }
      }),
    );
  });

  test('halves hold every video once, half of each class, and are drawn by the seed', () => {
    const [one, other] = splitInHalves(SET, 7);
    expect(new Set([...one, ...other])).toEqual(new Set(SET));
    expect(one.length + other.length).toBe(SET.length);
    expect(one.filter(({ trueLabel }) => trueLabel === 'FAKE')).toHaveLength(50);
    expect(splitInHalves(SET, 7)).toEqual([one, other]);
    expect(splitInHalves(SET, 8)).not.toEqual([one, other]);
  });
});

describe('kinds of videos', () => {
  const options = { ...BY_LABEL, seed: 0, resamples: 20 };

  test('are told by compression, face size and class; a manipulation stands beside all real videos', () => {
    const videos = [
      video(0.1, 'REAL', { klass: 'original', compression: 'c23', faceSidePixels: 79 }),
      video(0.2, 'REAL', { klass: 'original', compression: 'c40', faceSidePixels: 80 }),
      video(0.9, 'FAKE', { klass: 'deepfakes', compression: 'c40', faceSidePixels: 500 }),
      video(0.15, 'FAKE', { klass: 'face2face', compression: null, faceSidePixels: null }),
    ];
    const strata = evaluateStrata(videos, options).map(
      ({ by, value, hasAllReal, realVideos, fakeVideos, figures }) => [
        `${by} ${value}`,
        hasAllReal,
        `${realVideos}/${fakeVideos}`,
        figures.areaUnderCurve.value,
      ],
    );
    expect(strata).toEqual([
      ['compression c23', false, '1/0', null],
      ['compression c40', false, '1/1', 1],
      ['compression not known', false, '0/1', null],
      ['face size 0 to 79 px', false, '1/0', null],
      ['face size 80 to 159 px', false, '1/0', null],
      ['face size 320 px or more', false, '0/1', null],
      ['face size not known', false, '0/1', null],
      ['class deepfakes', true, '2/1', 1],
      ['class face2face', true, '2/1', 0.5],
      ['class original', false, '2/0', null],
    ]);
  });

  test('of one kind alone are left out, and a missing class is named', () => {
    expect(evaluateStrata([video(0.1, 'REAL'), video(0.9, 'FAKE')], options)).toEqual([]);
    expect(missingClass(evaluate([video(0.1, 'REAL')], options))).toBe('manipulated');
    expect(missingClass(evaluate([video(0.1, 'FAKE')], options))).toBe('real');
    expect(missingClass(evaluate(SET, options))).toBe(null);
  });
});
