/** One scored video of a labelled set: the original's `pred`, the label it gave, and the true one. */
export type LabelledScore = {
  /** 0 to 1, high means manipulated. */
  readonly score: number;
  readonly label: 'FAKE' | 'REAL';
  readonly trueLabel: 'FAKE' | 'REAL';
};

/** Shares of 0 to 1; FAKE is the positive class. */
export type Metrics = {
  readonly realAccuracy: number;
  readonly fakeAccuracy: number;
  readonly accuracy: number;
  readonly areaUnderCurve: number;
  readonly f1: number;
};

/**
 * The figures that the script of the first detector's authors prints (result_all.py): accuracies from the labels, area
 * under the ROC curve and F1 from the scores, F1 cut at .5 with .5 itself FAKE.
 *
 * @throws RangeError unless both classes are there: without one of them three of the five have no value.
 */
export function computeMetrics(videos: readonly LabelledScore[]): Metrics {
  const fakes = videos.filter(({ trueLabel }) => trueLabel === 'FAKE');
  const reals = videos.filter(({ trueLabel }) => trueLabel === 'REAL');
  if (fakes.length === 0 || reals.length === 0) {
    throw new RangeError(`metrics need both classes, found ${fakes.length} FAKE and ${reals.length} REAL`);
  }
  const fakesRight = fakes.filter(({ label }) => label === 'FAKE').length;
  const realsRight = reals.filter(({ label }) => label === 'REAL').length;
  const truePositives = fakes.filter(({ score }) => score >= 0.5).length;
  const falsePositives = reals.filter(({ score }) => score >= 0.5).length;
  const falseNegatives = fakes.length - truePositives;
  return {
    realAccuracy: realsRight / reals.length,
    fakeAccuracy: fakesRight / fakes.length,
    accuracy: (fakesRight + realsRight) / videos.length,
    areaUnderCurve: areaUnderCurve(
      fakes.map(({ score }) => score),
      reals.map(({ score }) => score),
    ),
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
  };
}

/**
 * The share of pairs of one FAKE and one REAL in which the FAKE scores higher, a tie counting half (Mann-Whitney).
 * Counted in whole numbers and divided once, so it is the exact value rounded, in O(n log n).
 */
export function areaUnderCurve(fakeScores: readonly number[], realScores: readonly number[]): number {
  const sortedFakes = fakeScores.toSorted((a, b) => a - b);
  const sortedReals = realScores.toSorted((a, b) => a - b);
  let below = 0;
  let upTo = 0;
  let halfWins = 0;
  for (const score of sortedFakes) {
    while (below < sortedReals.length && sortedReals[below]! < score) below++;
    while (upTo < sortedReals.length && sortedReals[upTo]! <= score) upTo++;
    halfWins += below + upTo;
  }
  return halfWins / (2 * fakeScores.length * realScores.length);
}
