import type { Score, ScoreInterval } from '../detector.ts';

/** The network's two logits for one face after the sigmoid, 0 to 1 each. They need not add up to 1. */
export type SigmoidRow = readonly [fake: number, real: number];

/** What the original's `pred_vid` returns for one video, and the two means behind it. */
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
 * `max_prediction_value`): mean over all rows of all networks; the class is the argmax, ties FAKE; the score is the
 * fake mean where that is the larger one, else |1 − real mean|. So a tie is called FAKE and scored as REAL, and
 * the label is not the score against .5. In float64; the original's float32 differs by a few 1e-8.
 *
 * @throws RangeError without rows: the original says FAKE with .5 there, which is no answer.
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
 * The bounds of the final score after some of the rows: they hold for any values of the other rows, since every sigmoid is
 * from 0 to 1. They also hold if fewer than `maxMoreRows` come, since each further row only widens them. So a scan may stop as
 * soon as both bounds have the same verdict.
 *
 * @param maxMoreRows the most rows that can still come: frames left × networks.
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

  // The score follows the larger mean, so each class counts only as far as it can be the larger one.
  const scores: number[] = [];
  const larger = Math.max(fake.lowest, real.lowest);
  if (fake.highest > real.lowest) scores.push(larger, fake.highest);
  if (real.highest >= fake.lowest) scores.push(1 - real.highest, 1 - larger);
  return { lowest: Math.min(...scores), highest: Math.max(...scores) };
}
