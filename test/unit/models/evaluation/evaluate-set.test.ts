import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../../../models/evaluation/evaluate.ts';
import { canTune, evaluateSet } from '../../../../models/evaluation/evaluate-set.ts';
import { rankVideos } from '../../../../models/evaluation/metrics.ts';
import { plotDataOf } from '../../../../models/evaluation/plot-data.ts';
import { formatPredictions, labelledResults } from '../../../../models/evaluation/result-files.ts';
import { parseResults } from '../../../../models/evaluation/results.ts';
import type { VideoResult } from '../../../../models/evaluation/results.ts';
import { splitInHalves, tuneThreshold } from '../../../../models/evaluation/thresholds.ts';
import type { EvaluatedVideo } from '../../../../utils/domain/evaluation.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';
import { refusalOf, reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

function video(score: number, trueLabel: VideoResult['trueLabel']): VideoResult {
  const label = score > 0.5 ? 'FAKE' : 'REAL';
  const unknown = { klass: '', compression: null, faceSidePixels: null, split: null };
  return { name: 'a.mp4', score, label, trueLabel, ...unknown };
}

const options = { bands: VERDICT_BANDS, seed: 0, resamples: 20 };
const anyVideos = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 100 }), fc.boolean())
    .map(([score, isFake]) => video(score / 100, isFake ? 'FAKE' : 'REAL')),
  { minLength: 1, maxLength: 60 },
);

test('the figures of a set are those of its videos, and of the other half where its threshold is tuned', () => {
  const videos = [0.1, 0.2, 0.3, 0.9].flatMap((score) => [video(score, 'REAL'), video(1 - score, 'FAKE')]);
  const fixed = evaluateSet({ videos, choice: { kind: 'fixed', threshold: 0.25 }, ...options });
  expect(fixed.all).toEqual(evaluate(videos, { ...options, threshold: 0.25 }));
  expect(fixed).toMatchObject({ threshold: 0.25, tunedOn: null });
  const rule = { kind: 'youden' } as const;
  const tuned = evaluateSet({ videos, choice: { kind: 'tuned', rule }, ...options });
  expect(tuned.tunedOn).toBe(4);
  expect(tuned.all.realVideos + tuned.all.fakeVideos).toBe(4);
  const [half] = splitInHalves(videos, options.seed);
  expect(tuned.threshold).toBe(tuneThreshold(half, rule));
});

test('any videos have a set without NaN, and their plots count every video once', () => {
  fc.assert(
    fc.property(anyVideos, (videos) => {
      const choice = canTune(videos)
        ? ({ kind: 'tuned', rule: { kind: 'cost', falseAlarm: 1, miss: 2 } } as const)
        : ({ kind: 'labels' } as const);
      const set = evaluateSet({ videos, choice, ...options });
      expect(JSON.stringify(set, (_, value: unknown) => (Number.isNaN(value) ? 'NaN' : value))).not.toContain(
        'NaN',
      );
      const data = plotDataOf(rankVideos(videos));
      const counted = data.histogram.reduce((sum, { real, fake }) => sum + real + fake, 0);
      expect(counted).toBe(videos.length);
      expect(data.atThresholds.at(-1)).toEqual({
        threshold: 0,
        fakes: data.fakeVideos,
        reals: data.realVideos,
      });
      if (data.fakeVideos === 0 || data.realVideos === 0) {
        expect([data.roc, data.precisionRecall]).toEqual([null, null]);
      } else {
        expect(data.roc![0]).toEqual({ x: 0, y: 0 });
        expect(data.roc!.at(-1)).toEqual({ x: 1, y: 1 });
      }
    }),
  );
});

test('without draws the figures have no interval', () => {
  const { all } = evaluateSet({
    videos: [video(0.2, 'REAL'), video(0.8, 'FAKE')],
    choice: { kind: 'labels' },
    ...options,
    resamples: 0,
  });
  expect(all.figures.accuracy).toEqual({ value: 1, interval: null });
});

test('the results of a run are those that its file of results gives back', () => {
  const planned = { path: 'set/a_c40.mp4', name: 'a_c40.mp4', klass: 'deepfakes', compression: null };
  const evaluated = (['REAL', 'FAKE', null] as const).flatMap((trueLabel, index) =>
    [reportOf(verdictOf(0.2 + 0.3 * index)), reportOf(refusalOf('no-face'))].map(
      (report): EvaluatedVideo => ({
        video: { ...planned, trueLabel },
        stamp: { byteLength: 1, modifiedAt: 1 },
        settingsKey: '',
        milliseconds: 1,
        report,
      }),
    ),
  );
  const labelled = labelledResults(evaluated);
  expect(labelled).toHaveLength(2);
  expect(labelled).toEqual(parseResults(formatPredictions({ evaluated, failed: [] })).videos);
});
