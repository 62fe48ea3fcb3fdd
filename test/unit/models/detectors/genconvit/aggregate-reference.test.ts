import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aggregateReference,
  scoreInterval,
  sigmoid,
  type SigmoidRow,
} from '../../../../../models/detectors/genconvit/reference-score.ts';
import { sharedFolder } from '../../../../support/shared-folder.ts';

const ops = sharedFolder('golden/ops', 'verdict golden');
const network = sharedFolder('golden/network', 'video score golden');
/** The original's means are float32: one rounding a row at most, each half an ulp of a number below 1. */
const FLOAT32_TOLERANCE = 2e-7;

test.each([
  {
    rows: [
      [0.9, 0.2],
      [0.8, 0.4],
    ],
    label: 'FAKE',
    score: 0.85,
  },
  {
    rows: [
      [0.1, 0.7],
      [0.3, 0.9],
    ],
    label: 'REAL',
    score: 0.2,
  },
  { rows: [[0.75, 0.75]], label: 'FAKE', score: 0.25 },
  { rows: [[0.2, 0.1]], label: 'FAKE', score: 0.2 },
  { rows: [[0.1, 0.2]], label: 'REAL', score: 0.8 },
] as const)(
  'class is the argmax and ties are FAKE; the score follows the larger mean: %o',
  ({ rows, label, score }) => {
    const found = aggregateReference(rows);
    expect(found.label).toBe(label);
    expect(found.score).toBeCloseTo(score, 12);
  },
);

test.skipIf(ops === undefined)("gives the original's verdict in every odd case", () => {
  const cases = JSON.parse(readFileSync(new URL('verdict_cases.json', ops), 'utf8')) as {
    sigmoid: SigmoidRow[];
    pred: number;
    label: string;
  }[];
  expect(cases.length).toBeGreaterThanOrEqual(9);
  for (const { sigmoid: rows, pred, label } of cases) {
    const found = aggregateReference(rows);
    expect(found.label).toBe(label);
    expect(Math.abs(found.score - pred)).toBeLessThan(FLOAT32_TOLERANCE);
  }
});

test.skipIf(network === undefined)("gives the original's video scores from both networks' logits", () => {
  const { runs } = JSON.parse(readFileSync(new URL('genconvit.json', network), 'utf8')) as {
    runs: {
      logits: [number, number][];
      video: { label: string; pred: number; mean_sigmoid: [number, number] };
      single_frame_videos: Record<'image0' | 'image6', { label: string; pred: number }>;
    }[];
  };
  expect(runs.length).toBe(2);
  for (const { logits, video, single_frame_videos: single } of runs) {
    const rows = logits.map(([fake, real]): SigmoidRow => [sigmoid(fake), sigmoid(real)]);
    const found = aggregateReference(rows);
    expect(found.label).toBe(video.label);
    expect(Math.abs(found.score - video.pred)).toBeLessThan(FLOAT32_TOLERANCE);
    expect(Math.abs(found.meanFake - video.mean_sigmoid[0])).toBeLessThan(FLOAT32_TOLERANCE);
    expect(Math.abs(found.meanReal - video.mean_sigmoid[1])).toBeLessThan(FLOAT32_TOLERANCE);
    for (const [image, index] of [
      ['image0', 0],
      ['image6', 6],
    ] as const) {
      const one = aggregateReference([rows[index]!, rows[index + 7]!]);
      expect(one.label).toBe(single[image].label);
      expect(Math.abs(one.score - single[image].pred)).toBeLessThan(FLOAT32_TOLERANCE);
    }
  }
});

test('refuses to score nothing', () => {
  expect(() => aggregateReference([])).toThrow(RangeError);
});

const row = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));

test('the final score lies in the interval, whatever comes and however little of it', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      fc.array(row, { maxLength: 12 }),
      fc.nat(5),
      (seen, more, slack) => {
        const { lowest, highest } = scoreInterval(seen, more.length + slack);
        const { score } = aggregateReference([...seen, ...more]);
        expect(score).toBeGreaterThanOrEqual(lowest - 1e-12);
        expect(score).toBeLessThanOrEqual(highest + 1e-12);
      },
    ),
    { seed: 5, numRuns: 3000 },
  );
});

test('the interval is no wider than what can still happen', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 8 }),
      (seen, more) => {
        const { lowest, highest } = scoreInterval(seen, more);
        // The ends are reached, or nearly reached, where the other rows are all of one kind, or balance the two means.
        const sums = [0, 1].map((index) => seen.reduce((sum, values) => sum + values[index]!, 0));
        const balance = (index: 0 | 1) => Math.min(1, Math.max(0, (sums[1 - index]! - sums[index]!) / more));
        const continuations: SigmoidRow[] = [
          [1, 0],
          [0, 1],
          [1, 1],
          [0, 0],
          [balance(0), 0],
          [Math.min(1, balance(0) + 1e-9), 0],
          [0, balance(1)],
          [0, Math.min(1, balance(1) + 1e-9)],
        ];
        const scores = continuations.map(
          (next) => aggregateReference([...seen, ...Array.from({ length: more }, () => next)]).score,
        );
        expect(Math.min(...scores)).toBeLessThanOrEqual(lowest + 1e-6);
        expect(Math.max(...scores)).toBeGreaterThanOrEqual(highest - 1e-6);
      },
    ),
    { seed: 6, numRuns: 3000 },
  );
});

test('after eleven of fifteen frames of a clear video nothing can change the word any more', () => {
  const seen = Array.from({ length: 11 }, (): SigmoidRow => [0.98, 0.02]);
  expect(scoreInterval(seen, 4).lowest).toBeGreaterThanOrEqual(0.7);
  expect(scoreInterval(seen.slice(0, 10), 5).lowest).toBeLessThan(0.7);
});

test('with no rows to come the interval is the score itself', () => {
  const rows: SigmoidRow[] = [[0.75, 0.75]];
  expect(scoreInterval(rows, 0)).toEqual({ lowest: 0.25, highest: 0.25 });
  expect(() => scoreInterval(rows, -1)).toThrow(RangeError);
});

test('before the first row every score is possible', () => {
  expect(scoreInterval([], 6)).toEqual({ lowest: 0, highest: 1 });
});
