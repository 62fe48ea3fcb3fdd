import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  computeFigures,
  computeRanking,
  confusionOf,
  FIGURE_NAMES,
  operatingPoints,
  rankVideos,
  reliability,
} from '../../../../models/evaluation/metrics.ts';
import type { LabelledScore } from '../../../../models/evaluation/metrics.ts';
import { parseResults } from '../../../../models/evaluation/results.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';
import { sharedFolder } from '../../../support/shared-folder.ts';

const golden = sharedFolder('golden', 'metrics golden');
const results = sharedFolder('data/results', "the authors' result files");

const BY_LABEL = { bands: VERDICT_BANDS, threshold: null };
const figuresOf = (videos: readonly LabelledScore[], threshold: number | null = null) =>
  computeFigures(rankVideos(videos), { bands: VERDICT_BANDS, threshold });

type Label = 'FAKE' | 'REAL';

function video(score: number, trueLabel: Label): LabelledScore {
  return { score, label: score >= 0.5 ? 'FAKE' : 'REAL', trueLabel };
}

/** Few different scores, so that ties are frequent. */
const someVideos = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom<Label>('FAKE', 'REAL'))
    .map(([step, label]) => video(step / 20, label)),
  { minLength: 2, maxLength: 40 },
);
const bothClasses = someVideos.filter(
  (videos) => new Set(videos.map(({ trueLabel }) => trueLabel)).size === 2,
);

describe('the figures of the authors’ script', () => {
  test.skipIf(!golden || !results)('are theirs on their result files, to 1e-12', () => {
    const expected = JSON.parse(readFileSync(new URL('metrics_expected.json', golden), 'utf8')) as Record<
      string,
      {
        file: string;
        n_real: number;
        real_acc: number;
        fake_acc: number;
        accuracy: number;
        auc: number;
        f1_from_pred_ge_0_5: number;
        confusion_by_pred_label: { tp: number; fp: number; tn: number; fn: number };
      }
    >;
    for (const name of ['Celeb-DF', 'DFDC', 'DeepfakeTIMIT', 'FF++']) {
      const { file, confusion_by_pred_label: counts, ...figures } = expected[name]!;
      const ranked = rankVideos(
        parseResults(readFileSync(new URL(encodeURIComponent(file), results), 'utf8')).videos,
      );
      const found = computeFigures(ranked, BY_LABEL);
      for (const [key, value] of [
        ['realAccuracy', figures.real_acc],
        ['fakeAccuracy', figures.fake_acc],
        ['accuracy', figures.accuracy],
        ['areaUnderCurve', figures.auc],
        ['f1', figures.f1_from_pred_ge_0_5],
      ] as const) {
        expect(Math.abs(found[key]! - value)).toBeLessThan(1e-12);
      }
      expect(confusionOf(ranked, null)).toEqual({
        truePositives: counts.tp,
        falsePositives: counts.fp,
        trueNegatives: counts.tn,
        falseNegatives: counts.fn,
      });
    }
  });

  test.skipIf(!results)('abstaining between the bands cuts the error as the project says', () => {
    for (const [file, error, abstaining] of [
      ['data_april14_Celeb-DF.json', '9.1', '4.1'],
      ['data_april14_FF%2B%2B.json', '2.9', '0.5'],
      ['data_april11_DeepfakeTIMIT.json', '3.0', '0.2'],
      ['data_april14_DFDC.json', '1.5', '0.0'],
    ] as const) {
      const figures = figuresOf(parseResults(readFileSync(new URL(file, results), 'utf8')).videos);
      expect((100 * (1 - figures.accuracy!)).toFixed(1)).toBe(error);
      expect((100 * figures.coveredError!).toFixed(1)).toBe(abstaining);
      expect(Math.round(100 * figures.coverage!)).toBeGreaterThanOrEqual(83);
      expect(Math.round(100 * figures.coverage!)).toBeLessThanOrEqual(91);
    }
  });

  test('take .5 as FAKE for F1 and the label for accuracy, and one threshold for both where it is given', () => {
    const videos: LabelledScore[] = [
      { score: 0.5, label: 'REAL', trueLabel: 'FAKE' },
      { score: 0.4, label: 'REAL', trueLabel: 'REAL' },
    ];
    expect(figuresOf(videos)).toMatchObject({ f1: 1, fakeAccuracy: 0, realAccuracy: 1, accuracy: 0.5 });
    expect(figuresOf(videos, 0.4)).toMatchObject({ f1: 2 / 3, fakeAccuracy: 1, realAccuracy: 0 });
  });
});

describe('by hand', () => {
  // From the highest score: FAKE, REAL, FAKE, REAL, FAKE, REAL.
  const videos = [
    video(0.9, 'FAKE'),
    video(0.8, 'REAL'),
    video(0.7, 'FAKE'),
    video(0.4, 'REAL'),
    video(0.35, 'FAKE'),
    video(0.1, 'REAL'),
  ];

  test('every figure of six videos', () => {
    const figures = figuresOf(videos);
    // Pairs won: 3 + 2 + 1 of 9.
    expect(figures.areaUnderCurve).toBe(6 / 9);
    expect(figures.averagePrecision).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3, 12);
    // After the third video one of three REAL is above and one of three FAKE is below.
    expect(figures.equalErrorRate).toBeCloseTo(1 / 3, 12);
    expect(figures).toMatchObject({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, accuracy: 4 / 6 });
    expect(figures.brierScore).toBeCloseTo(
      (0.1 ** 2 + 0.8 ** 2 + 0.3 ** 2 + 0.4 ** 2 + 0.65 ** 2 + 0.1 ** 2) / 6,
      12,
    );
    expect(figures.logLoss).toBeCloseTo(
      -(Math.log(0.9) + Math.log(0.2) + Math.log(0.7) + Math.log(0.6) + Math.log(0.35) + Math.log(0.9)) / 6,
      12,
    );
    // Six bins of one video each: |mean score − share of FAKE|.
    expect(figures.calibrationError).toBeCloseTo((0.1 + 0.8 + 0.3 + 0.4 + 0.65 + 0.1) / 6, 12);
    // From .7: three, one of them REAL; up to .3: one, REAL; between: two.
    expect(figures).toMatchObject({
      coverage: 4 / 6,
      coveredError: 1 / 4,
      likelyManipulatedShare: 3 / 6,
      likelyManipulatedError: 1 / 3,
      notSureShare: 2 / 6,
      noManipulationFoundShare: 1 / 6,
      noManipulationFoundError: 0,
    });
    expect(confusionOf(rankVideos(videos), null)).toEqual({
      truePositives: 2,
      falsePositives: 1,
      trueNegatives: 2,
      falseNegatives: 1,
    });
  });

  test('the equal error rate between two thresholds lies on the line between them', () => {
    // False alarms 0 and misses 1/2 after the first; then 1 and 1/2 after the second score.
    const uneven = [video(0.9, 'FAKE'), video(0.8, 'REAL'), video(0.1, 'FAKE')];
    expect(figuresOf(uneven).equalErrorRate).toBeCloseTo(0.5, 12);
    const perfect = [video(0.9, 'FAKE'), video(0.1, 'REAL')];
    expect(figuresOf(perfect)).toMatchObject({ equalErrorRate: 0, areaUnderCurve: 1, averagePrecision: 1 });
    // One score for all: nothing is told apart.
    expect(figuresOf([video(0.6, 'FAKE'), video(0.6, 'REAL')])).toMatchObject({
      equalErrorRate: 0.5,
      areaUnderCurve: 0.5,
      averagePrecision: 0.5,
    });
  });

  test('scores of 0 and 1 on the wrong side leave the log loss finite', () => {
    expect(figuresOf([video(0, 'FAKE'), video(1, 'REAL')]).logLoss).toBeCloseTo(-Math.log(1e-15), 1);
  });

  test('the last bin holds the score of 1, and each video is in one bin', () => {
    const bins = reliability(rankVideos([video(1, 'FAKE'), video(0.9, 'REAL'), video(0.1, 'REAL')]));
    expect(bins.map((bin) => bin.videos)).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(bins[9]).toMatchObject({ fakes: 1, meanScore: 0.95 });
    expect(bins[0]!.meanScore).toBe(null);
  });
});

describe('for any videos', () => {
  test('the area by ranks is the area by pairs', () => {
    fc.assert(
      fc.property(bothClasses, (videos) => {
        const scoresOf = (label: Label) =>
          videos.filter(({ trueLabel }) => trueLabel === label).map(({ score }) => score);
        const pairs = scoresOf('FAKE').flatMap((fake) =>
          scoresOf('REAL').map((real) => (fake > real ? 1 : fake === real ? 0.5 : 0)),
        );
        const wins = pairs.reduce<number>((sum, win) => sum + win, 0);
        expect(figuresOf(videos).areaUnderCurve).toBeCloseTo(wins / pairs.length, 12);
      }),
    );
  });

  test('what depends on the order alone stays under a rising map of the scores', () => {
    fc.assert(
      fc.property(bothClasses, fc.double({ min: 0.2, max: 5, noNaN: true }), (videos, power) => {
        const mapped = videos.map((each) => ({ ...each, score: each.score ** power }));
        expect(computeRanking(rankVideos(mapped))).toEqual(computeRanking(rankVideos(videos)));
      }),
    );
  });

  test('weights count as copies do, and figures lie within 0 to 1', () => {
    const weighted = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.nat()), {
      minLength: 40,
      maxLength: 40,
    });
    fc.assert(
      fc.property(bothClasses, weighted, (videos, given) => {
        const ranked = rankVideos(videos);
        const weights = Uint32Array.from(videos, (_, index) => given[index]![0]);
        const ordered = videos.toSorted((a, b) => b.score - a.score);
        const copies = ordered.flatMap((each, index) => Array.from({ length: weights[index]! }, () => each));
        const byWeights = computeFigures(ranked, BY_LABEL, weights);
        const byCopies = computeFigures(rankVideos(copies), BY_LABEL);
        for (const name of FIGURE_NAMES) {
          const [one, other] = [byWeights[name], byCopies[name]];
          if (one === null || other === null) expect(one).toBe(other);
          else {
            expect(one).toBeCloseTo(other, 10);
            expect(one).toBeGreaterThanOrEqual(0);
            if (name !== 'logLoss') expect(one).toBeLessThanOrEqual(1 + 1e-12);
          }
        }
      }),
    );
  });

  test('with one class, or none, what has no value is null and never NaN', () => {
    fc.assert(
      fc.property(someVideos, fc.constantFrom<Label>('FAKE', 'REAL'), (videos, only) => {
        for (const part of [videos.filter(({ trueLabel }) => trueLabel === only), []]) {
          const figures = figuresOf(part);
          for (const name of FIGURE_NAMES) expect(figures[name]).not.toBeNaN();
          for (const name of ['areaUnderCurve', 'averagePrecision', 'equalErrorRate'] as const) {
            expect(figures[name]).toBe(null);
          }
        }
      }),
    );
    expect(figuresOf([video(0.9, 'FAKE')])).toMatchObject({ realAccuracy: null, fakeAccuracy: 1, f1: 1 });
    expect(figuresOf([video(0.9, 'REAL')])).toMatchObject({ realAccuracy: 0, fakeAccuracy: null, f1: null });
  });

  test('the curve’s points begin with none called FAKE and end with all, each score once', () => {
    fc.assert(
      fc.property(bothClasses, (videos) => {
        const points = operatingPoints(rankVideos(videos));
        const distinct = new Set(videos.map(({ score }) => score)).size;
        expect(points).toHaveLength(distinct + 1);
        expect(points[0]).toMatchObject({ falsePositives: 0, truePositives: 0 });
        for (const { threshold, falsePositives, truePositives } of points) {
          const called = videos.filter(({ score }) => score >= threshold);
          expect(called).toHaveLength(falsePositives + truePositives);
        }
      }),
    );
  });
});
