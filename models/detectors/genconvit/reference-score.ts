import type { Score, ScoreInterval } from '../detector.ts';

/** The two logits of one network for one face after the sigmoid, each 0 to 1. They need not add up to 1. */
export type SigmoidRow = readonly [fake: number, real: number];

/** The result of the original's `pred_vid` for one video, and the two means behind it. */
export type ReferenceResult = Score & {
  readonly meanFake: number;
  readonly meanReal: number;
};

/** 1 / (1 + e^-x), for the logits that the network gives. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * A video's score exactly as the original computes it (erprogs/GenConViT, model/pred_func.py, `pred_vid` and
 * `max_prediction_value`). Both means are over all rows of all networks. The label is the class with the larger mean,
 * FAKE in a tie. The score is the fake mean if that is larger, else |1 − real mean|. So a tie has the label FAKE but
 * REAL's score, and the label can differ from a threshold of .5 on the score. Computed in float64; the original's
 * float32 differs by a few 1e-8.
 * @throws RangeError without rows: the original says FAKE with .5 there, which is no answer
 */
export function aggregateReference(rows: readonly SigmoidRow[]): ReferenceResult {
  if (rows.length === 0) throw new RangeError('no rows to aggregate: a video without faces has no score');
  let sumFake = 0;
  let sumReal = 0;
  for (const [fake, real] of rows) {
    sumFake += fake;
    sumReal += real;
  }
  const meanFake = sumFake / rows.length;
  const meanReal = sumReal / rows.length;
  return {
    label: meanFake >= meanReal ? 'FAKE' : 'REAL',
    score: meanFake > meanReal ? meanFake : Math.abs(1 - meanReal),
    meanFake,
    meanReal,
  };
}

/**
 * The bounds of the final score when some of the rows are known. They hold for any values of the other rows, since
 * every sigmoid is from 0 to 1. They also hold if fewer than `maxMoreRows` come, since each further row only widens
 * them. So a scan may stop as soon as both bounds have the same verdict.
 * @param maxMoreRows the most rows that can still come: frames left × networks
 * @throws RangeError for a negative `maxMoreRows`, or without any row
 */
export function scoreInterval(rows: readonly SigmoidRow[], maxMoreRows: number): ScoreInterval {
  if (!(maxMoreRows >= 0)) throw new RangeError(`rows to come must be 0 or more, found ${maxMoreRows}`);
  if (maxMoreRows === 0) {
    const { score } = aggregateReference(rows);
    return { lowest: score, highest: score };
  }
  const total = rows.length + maxMoreRows;
  const sumFake = rows.reduce((sum, [fake]) => sum + fake, 0);
  const sumReal = rows.reduce((sum, [, real]) => sum + real, 0);
  const fake = { lowest: sumFake / total, highest: (sumFake + maxMoreRows) / total };
  const real = { lowest: sumReal / total, highest: (sumReal + maxMoreRows) / total };

  // The score follows the larger mean, so each class counts only where its mean can be the larger one.
  const scores: number[] = [];
  const larger = Math.max(fake.lowest, real.lowest);
  if (fake.highest > real.lowest) scores.push(larger, fake.highest);
  if (real.highest >= fake.lowest) scores.push(1 - real.highest, 1 - larger);
  return { lowest: Math.min(...scores), highest: Math.max(...scores) };
}
