import type { ReliabilityBin } from '../../utils/domain/evaluation-plots.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';

/** One scored video of a labelled set: the original's `pred`, the label it gave, and the true one. */
export type LabelledScore = {
  /** 0 to 1, high means manipulated. */
  readonly score: number;
  readonly label: 'FAKE' | 'REAL';
  readonly trueLabel: 'FAKE' | 'REAL';
};

/** Numbers of videos. FAKE is the positive class. */
export type Confusion = {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
};

/** The names of the figures, in the order in which they are printed. */
export const FIGURE_NAMES = [
  'realAccuracy',
  'fakeAccuracy',
  'accuracy',
  'areaUnderCurve',
  'f1',
  'precision',
  'recall',
  'averagePrecision',
  'equalErrorRate',
  'logLoss',
  'brierScore',
  'calibrationError',
  'coverage',
  'coveredError',
  'likelyManipulatedShare',
  'likelyManipulatedError',
  'notSureShare',
  'noManipulationFoundShare',
  'noManipulationFoundError',
] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];

/** All but `logLoss` are 0 to 1. null where a figure has no value: it needs a class, or a label, that no video has. */
export type Figures = Readonly<Record<FigureName, number | null>>;

export type FigureOptions = {
  readonly bands: ScoreBands;
  /** A video that scores this or more is called FAKE; null for the labels that the file gives, and F1 cut at .5. */
  readonly threshold: number | null;
};

/** Bins of the expected calibration error: ten, as in Guo and others (arXiv 1706.04599) they are of equal width. */
const CALIBRATION_BINS = 10;
/** As in scikit-learn up to 1.2: it keeps the logarithm of a score of 0 or 1 finite. */
const LOG_LOSS_MARGIN = 1e-15;

/** Videos in the order of their scores, highest first, column by column. */
export type RankedVideos = {
  readonly scores: Float64Array;
  /** 1 for FAKE. */
  readonly isFake: Uint8Array;
  /** 1 for FAKE, as the file says. */
  readonly isCalledFake: Uint8Array;
  /** Minus the logarithm of the true class's score: it is taken once, not in each of a thousand draws. */
  readonly logLosses: Float64Array;
};

export function rankVideos(videos: readonly LabelledScore[]): RankedVideos {
  const ranked = videos.toSorted((a, b) => b.score - a.score);
  return {
    scores: Float64Array.from(ranked, ({ score }) => score),
    isFake: Uint8Array.from(ranked, ({ trueLabel }) => Number(trueLabel === 'FAKE')),
    isCalledFake: Uint8Array.from(ranked, ({ label }) => Number(label === 'FAKE')),
    logLosses: Float64Array.from(ranked, (video) => {
      const likelihood = video.trueLabel === 'FAKE' ? video.score : 1 - video.score;
      return -Math.log(Math.min(1 - LOG_LOSS_MARGIN, Math.max(LOG_LOSS_MARGIN, likelihood)));
    }),
  };
}

/** How many videos are called right and wrong. @param weights how often each video counts; null for once */
export function confusionOf(
  { scores, isFake, isCalledFake }: RankedVideos,
  threshold: number | null,
  weights: Uint32Array | null = null,
): Confusion {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < scores.length; index++) {
    const isCalled = threshold === null ? isCalledFake[index]! : Number(scores[index]! >= threshold);
    counts[2 * isFake[index]! + isCalled]! += weights === null ? 1 : weights[index]!;
  }
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts as [
    number,
    number,
    number,
    number,
  ];
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
}

/**
 * Every figure of a set of videos. Counts are whole numbers and divided once, so that an accuracy, F1 and the area under the
 * curve are the exact values rounded, as scikit-learn gives them. The sums of logarithms and squares run in the order of the
 * scores.
 *
 * - `realAccuracy`, `fakeAccuracy`, `accuracy`, `areaUnderCurve` and `f1` are those of the script of the first detector's
 *   authors (result_all.py): accuracies from the labels, F1 from the scores cut at .5 with .5 itself FAKE.
 * - `precision` and `recall` are of the labels.
 * - `averagePrecision` is the sum of precisions weighted by the steps of recall, without interpolation.
 * - `equalErrorRate` is where false alarms and misses are equally frequent, on the line between the two thresholds round it.
 * - `calibrationError` is the mean distance, weighted by videos, between a bin's mean score and its share of FAKE.
 * - `coverage` is the share of videos that are not "not sure", `coveredError` the share of those that is judged wrongly; the
 *   error of a band is the share of its videos that are of the other class.
 *
 * @param weights how often each video counts; null for once
 */
export function computeFigures(
  videos: RankedVideos,
  { bands, threshold }: FigureOptions,
  weights: Uint32Array | null = null,
): Figures {
  const labelled = confusionOf(videos, threshold, weights);
  const cut = confusionOf(videos, threshold ?? 0.5, weights);
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = labelled;
  const fakes = truePositives + falseNegatives;
  const reals = trueNegatives + falsePositives;
  const inBands = countBands(videos, bands, weights);
  const covered = inBands.likely.all + inBands.noFinding.all;
  return {
    realAccuracy: share(trueNegatives, reals),
    fakeAccuracy: share(truePositives, fakes),
    accuracy: share(truePositives + trueNegatives, fakes + reals),
    f1:
      fakes === 0
        ? null
        : share(2 * cut.truePositives, 2 * cut.truePositives + cut.falsePositives + cut.falseNegatives),
    precision: share(truePositives, truePositives + falsePositives),
    recall: share(truePositives, fakes),
    ...computeRanking(videos, weights),
    ...computeProbabilityFigures(videos, fakes + reals, weights),
    coverage: share(covered, fakes + reals),
    coveredError: share(inBands.likely.wrong + inBands.noFinding.wrong, covered),
    likelyManipulatedShare: share(inBands.likely.all, fakes + reals),
    likelyManipulatedError: share(inBands.likely.wrong, inBands.likely.all),
    notSureShare: share(fakes + reals - covered, fakes + reals),
    noManipulationFoundShare: share(inBands.noFinding.all, fakes + reals),
    noManipulationFoundError: share(inBands.noFinding.wrong, inBands.noFinding.all),
  };
}

function share(count: number, all: number): number | null {
  return all === 0 ? null : count / all;
}

type RankingFigures = Pick<Figures, 'areaUnderCurve' | 'averagePrecision' | 'equalErrorRate'>;

/** The figures that depend on the order of the scores only. */
export function computeRanking(
  { scores, isFake }: RankedVideos,
  weights: Uint32Array | null = null,
): RankingFigures {
  let [fakes, reals] = [0, 0];
  for (let index = 0; index < scores.length; index++) {
    const weight = weights === null ? 1 : weights[index]!;
    if (isFake[index] === 1) fakes += weight;
    else reals += weight;
  }
  if (fakes === 0 || reals === 0) {
    return { areaUnderCurve: null, averagePrecision: null, equalErrorRate: null };
  }
  let [fakesAbove, realsAbove, halfWins, averagePrecision] = [0, 0, 0, 0];
  let equalErrorRate: number | null = null;
  let former = { falseAlarms: 0, misses: 1 };
  for (let index = 0; index < scores.length;) {
    const score = scores[index]!;
    let [tiedFakes, tiedReals] = [0, 0];
    // Videos of one score lie on one side of every threshold.
    for (; index < scores.length && scores[index] === score; index++) {
      const weight = weights === null ? 1 : weights[index]!;
      if (isFake[index] === 1) tiedFakes += weight;
      else tiedReals += weight;
    }
    // Each REAL loses against the FAKE above it, and half against those of its own score.
    halfWins += tiedReals * (2 * fakesAbove + tiedFakes);
    fakesAbove += tiedFakes;
    realsAbove += tiedReals;
    if (tiedFakes > 0) {
      averagePrecision += (tiedFakes / fakes) * (fakesAbove / (fakesAbove + realsAbove));
    }
    const here = { falseAlarms: realsAbove / reals, misses: 1 - fakesAbove / fakes };
    if (equalErrorRate === null && here.falseAlarms >= here.misses) {
      equalErrorRate = crossing(former, here);
    }
    former = here;
  }
  return { areaUnderCurve: halfWins / (2 * fakes * reals), averagePrecision, equalErrorRate };
}

type Rates = { readonly falseAlarms: number; readonly misses: number };

/** Where false alarms equal misses between two thresholds, of which the first has fewer false alarms than misses. */
function crossing(before: Rates, after: Rates): number {
  const gapBefore = before.misses - before.falseAlarms;
  const gapAfter = after.falseAlarms - after.misses;
  const part = gapBefore / (gapBefore + gapAfter);
  return before.falseAlarms + part * (after.falseAlarms - before.falseAlarms);
}

/** The figures that take the score for a probability, which no detector promises. */
function computeProbabilityFigures(
  videos: RankedVideos,
  count: number,
  weights: Uint32Array | null,
): Pick<Figures, 'logLoss' | 'brierScore' | 'calibrationError'> {
  if (count === 0) return { logLoss: null, brierScore: null, calibrationError: null };
  const { scores, isFake, logLosses } = videos;
  let [logarithms, squares] = [0, 0];
  for (let index = 0; index < scores.length; index++) {
    const weight = weights === null ? 1 : weights[index]!;
    logarithms += weight * logLosses[index]!;
    squares += weight * (isFake[index]! - scores[index]!) ** 2;
  }
  const distances = reliability(videos, weights).map(({ videos: inBin, fakes, meanScore }) =>
    meanScore === null ? 0 : Math.abs(meanScore * inBin - fakes),
  );
  return {
    logLoss: logarithms / count,
    brierScore: squares / count,
    calibrationError: distances.reduce((sum, distance) => sum + distance, 0) / count,
  };
}

/** Ten bins of scores, each with its lower border, the last with both: how often a video in it is FAKE. */
export function reliability(
  { scores, isFake }: RankedVideos,
  weights: Uint32Array | null = null,
): readonly ReliabilityBin[] {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ videos: 0, fakes: 0, sum: 0 }));
  for (let index = 0; index < scores.length; index++) {
    const bin = bins[Math.min(CALIBRATION_BINS - 1, Math.floor(scores[index]! * CALIBRATION_BINS))]!;
    const weight = weights === null ? 1 : weights[index]!;
    bin.videos += weight;
    bin.fakes += weight * isFake[index]!;
    bin.sum += weight * scores[index]!;
  }
  return bins.map(({ videos, fakes, sum }, index) => ({
    from: index / CALIBRATION_BINS,
    to: (index + 1) / CALIBRATION_BINS,
    videos,
    fakes,
    meanScore: videos === 0 ? null : sum / videos,
  }));
}

function countBands(
  { scores, isFake }: RankedVideos,
  { noManipulationUpTo, likelyManipulatedFrom }: ScoreBands,
  weights: Uint32Array | null,
) {
  const likely = { all: 0, wrong: 0 };
  const noFinding = { all: 0, wrong: 0 };
  for (let index = 0; index < scores.length; index++) {
    const weight = weights === null ? 1 : weights[index]!;
    if (scores[index]! >= likelyManipulatedFrom) {
      likely.all += weight;
      likely.wrong += weight * (1 - isFake[index]!);
    } else if (scores[index]! <= noManipulationUpTo) {
      noFinding.all += weight;
      noFinding.wrong += weight * isFake[index]!;
    }
  }
  return { likely, noFinding };
}

export type CurvePoint = {
  /** Videos of this score or more are called FAKE; infinite for none. */
  readonly threshold: number;
  readonly falsePositives: number;
  readonly truePositives: number;
};

/** One point for each distinct score, from no false alarm to all of them. */
export function operatingPoints({ scores, isFake }: RankedVideos): readonly CurvePoint[] {
  const points: CurvePoint[] = [{ threshold: Number.POSITIVE_INFINITY, falsePositives: 0, truePositives: 0 }];
  let [falsePositives, truePositives] = [0, 0];
  for (let index = 0; index < scores.length; index++) {
    if (isFake[index] === 1) truePositives++;
    else falsePositives++;
    const threshold = scores[index]!;
    if (scores[index + 1] !== threshold) points.push({ threshold, falsePositives, truePositives });
  }
  return points;
}
