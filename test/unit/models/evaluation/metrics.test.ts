import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { computeMetrics, type LabelledScore } from '../../../../models/evaluation/metrics.ts';
import { sharedFolder } from '../../../support/shared-folder.ts';

const golden = sharedFolder('golden', 'metrics golden');
const results = sharedFolder('data/results', "the authors' result files");

type Label = 'FAKE' | 'REAL';
type Expected = {
  file: string;
  real_acc: number;
  fake_acc: number;
  accuracy: number;
  auc: number;
  f1_from_pred_ge_0_5: number;
};

test.skipIf(!golden || !results)(
  "computes the authors' figures from their result files to the last digit",
  () => {
    const sets = JSON.parse(readFileSync(new URL('metrics_expected.json', golden), 'utf8')) as Record<
      string,
      Expected
    >;
    for (const name of ['Celeb-DF', 'DFDC', 'DeepfakeTIMIT', 'FF++']) {
      const expected = sets[name]!;
      const { video } = JSON.parse(readFileSync(new URL(expected.file, results), 'utf8')) as {
        video: { pred: number[]; pred_label: Label[]; correct_label: Label[] };
      };
      const videos = video.pred.map((score, index): LabelledScore => ({
        score,
        label: video.pred_label[index]!,
        trueLabel: video.correct_label[index]!,
      }));
      expect(computeMetrics(videos)).toEqual({
        realAccuracy: expected.real_acc,
        fakeAccuracy: expected.fake_acc,
        accuracy: expected.accuracy,
        areaUnderCurve: expected.auc,
        f1: expected.f1_from_pred_ge_0_5,
      });
    }
  },
);

test('counts pairs for the area under the curve, ties as half', () => {
  const videos = [video(0.9, 'FAKE'), video(0.5, 'FAKE'), video(0.5, 'REAL'), video(0.1, 'REAL')];
  expect(computeMetrics(videos).areaUnderCurve).toBe(3.5 / 4);
});

test('takes a score of .5 as FAKE for F1 and the label for accuracy', () => {
  const videos: LabelledScore[] = [
    { score: 0.5, label: 'REAL', trueLabel: 'FAKE' },
    { score: 0.4, label: 'REAL', trueLabel: 'REAL' },
  ];
  expect(computeMetrics(videos)).toMatchObject({ f1: 1, fakeAccuracy: 0, realAccuracy: 1, accuracy: 0.5 });
});

test('refuses a set with one class only', () => {
  expect(() => computeMetrics([video(0.9, 'FAKE')])).toThrow(/1 FAKE and 0 REAL/);
});

function video(score: number, trueLabel: Label): LabelledScore {
  return { score, label: score > 0.5 ? 'FAKE' : 'REAL', trueLabel };
}
