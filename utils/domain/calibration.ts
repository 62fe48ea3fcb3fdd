import type { UsedModel } from './model.ts';
import type { CalibrationFacts, ScoreBands } from './report.ts';
import type { VerdictKind } from './verdict.ts';

/** Thresholds of a calibration are whole numbers of hundredths: this many steps from 0 to 1. */
const STEPS = 100;

/** How the scores of a number of videos are spread. */
export type ScoreCounts = {
  /**
   * For each hundredth from 0 to 1, 101 in all: the number of videos that score `index / 100` or more. The first one
   * counts all videos.
   */
  readonly atLeast: readonly number[];
  /** The number of videos that score exactly `index / 100`, for each hundredth that has any. */
  readonly exactly: Readonly<Record<number, number>>;
};

/** The scores of one labelled test set. */
export type CalibratedSet = {
  readonly name: string;
  readonly real: ScoreCounts;
  readonly fake: ScoreCounts;
};

/** A detector's scores of videos whose truth is known. */
export type Calibration = {
  /** Ids of the networks that judged together. */
  readonly networks: readonly string[];
  /** The hardest set first: a verdict's words quote it. */
  readonly sets: readonly [CalibratedSet, ...CalibratedSet[]];
};

/** A part of a number of videos, as a count. */
export type Part = { readonly count: number; readonly videos: number };

/** The most false alarms, of 100 real videos of the quoted test set, that the user can choose. */
export const FALSE_ALARM_CHOICES = [1, 2, 5, 10] as const;
export type FalseAlarmsOf100 = (typeof FALSE_ALARM_CHOICES)[number];

/** @param scores of one class, each 0 to 1 @throws RangeError for any other number */
export function countScores(scores: readonly number[]): ScoreCounts {
  if (scores.some((score) => !(score >= 0 && score <= 1))) throw new RangeError('a score is not from 0 to 1');
  const hundredths = Array.from({ length: STEPS + 1 }, (_, step) => step);
  const ties = hundredths.map((step) => [step, scores.filter((score) => score === step / STEPS).length]);
  return {
    atLeast: hundredths.map((step) => scores.filter((score) => score >= step / STEPS).length),
    exactly: Object.fromEntries(ties.filter(([, count]) => count !== 0)) as Record<number, number>,
  };
}

/**
 * The part of the videos that gets a verdict.
 * @throws RangeError for bands that are no whole hundredths
 */
export function partOf({ atLeast, exactly }: ScoreCounts, kind: VerdictKind, bands: ScoreBands): Part {
  const videos = atLeast[0]!;
  const [upTo, from] = [hundredthsOf(bands.noManipulationUpTo), hundredthsOf(bands.likelyManipulatedFrom)];
  const above = atLeast[from]!;
  const below = videos - atLeast[upTo]! + (exactly[upTo] ?? 0);
  switch (kind) {
    case 'likely-manipulated':
      return { count: above, videos };
    case 'not-sure':
      return { count: videos - above - below, videos };
    case 'no-manipulation-found':
      return { count: below, videos };
  }
}

function hundredthsOf(threshold: number): number {
  const step = Math.round(threshold * STEPS);
  if (step / STEPS !== threshold) throw new RangeError(`${threshold} is no whole number of hundredths`);
  return step;
}

/** The videos that are judged rightly by a threshold of .5 on the score, where .5 itself counts as manipulated. */
export function accuracyAtHalf({ real, fake }: CalibratedSet): Part {
  const half = STEPS / 2;
  return {
    count: real.atLeast[0]! - real.atLeast[half]! + fake.atLeast[half]!,
    videos: real.atLeast[0]! + fake.atLeast[0]!,
  };
}

/** The 97.5 % point of the normal distribution: 95 % lie within it on both sides. */
const Z = 1.959_963_984_540_054;

/**
 * The 95 % interval of a share by Wilson's score (Journal of the American Statistical Association 22, 1927): within 0 to 1
 * and meaningful for a count of 0 too.
 * @throws RangeError without videos
 */
export function wilsonInterval({ count, videos }: Part): { readonly low: number; readonly high: number } {
  if (videos < 1) throw new RangeError('a share of no videos has no interval');
  const share = count / videos;
  const spread = Z * Math.sqrt((share * (1 - share)) / videos + (Z / (2 * videos)) ** 2);
  const middle = share + Z ** 2 / (2 * videos);
  const scale = 1 + Z ** 2 / videos;
  return {
    low: count === 0 ? 0 : (middle - spread) / scale,
    high: count === videos ? 1 : (middle + spread) / scale,
  };
}

/** A share in parts of 100, as it is shown: whole, but with one digit below 1. */
export function of100({ count, videos }: Part): number {
  return shownOf100(count / videos);
}

/** A share of 0 to 1 in parts of 100, as it is shown: whole, but with one digit below 1. */
export function shownOf100(share: number): number {
  return share < 0.01 ? Math.round(share * 1000) / 10 : Math.round(share * 100);
}

type Calibrated = { readonly bands: ScoreBands; readonly calibration: Calibration | null };

/**
 * The bands by which a detector judges.
 * @param falseAlarmsOf100 the most real videos of the quoted set, of 100, that may be called likely manipulated: that
 *   border moves to the lowest score that keeps to it. The detector's own bands for null, and for a choice that this
 *   detector can't keep to
 */
export function bandsFor(
  { bands, calibration }: Calibrated,
  falseAlarmsOf100: FalseAlarmsOf100 | null,
): ScoreBands {
  if (falseAlarmsOf100 === null || calibration === null) return bands;
  const { atLeast } = calibration.sets[0].real;
  const most = (atLeast[0]! * falseAlarmsOf100) / 100;
  // "Not sure" stays between the other two.
  const lowest = hundredthsOf(bands.noManipulationUpTo) + 1;
  const from = atLeast.findIndex((count, step) => step >= lowest && count <= most);
  return from === -1 ? bands : { ...bands, likelyManipulatedFrom: from / STEPS };
}

/** The false alarms that a detector can keep to, each with its bands. Empty without a calibration. */
export function falseAlarmChoices(
  detector: Calibrated,
): readonly { readonly falseAlarmsOf100: FalseAlarmsOf100; readonly bands: ScoreBands }[] {
  const set = detector.calibration?.sets[0];
  if (set === undefined) return [];
  return FALSE_ALARM_CHOICES.flatMap((falseAlarmsOf100) => {
    const bands = bandsFor(detector, falseAlarmsOf100);
    const { count, videos } = partOf(set.real, 'likely-manipulated', bands);
    return 100 * count <= falseAlarmsOf100 * videos ? [{ falseAlarmsOf100, bands }] : [];
  });
}

/**
 * The report's facts on how often its verdict is wrong; null where that was never measured: weights other than the
 * published ones have other scores.
 */
export function calibrationFacts(
  calibration: Calibration | null,
  { kind, bands }: { readonly kind: VerdictKind; readonly bands: ScoreBands },
  { networks, isForeign = false }: Pick<UsedModel, 'networks' | 'isForeign'>,
): CalibrationFacts | null {
  if (calibration === null || isForeign) return null;
  const [set] = calibration.sets;
  const [real, fake] = [set.real, set.fake].map((counts) => shownPart(partOf(counts, kind, bands)));
  return {
    testSet: set.name,
    ...borders(bands),
    real: real!.videos,
    realAlike: real!.count,
    realOf100: real!.of100,
    realLow: real!.low,
    realHigh: real!.high,
    fake: fake!.videos,
    fakeAlike: fake!.count,
    fakeOf100: fake!.of100,
    fakeLow: fake!.low,
    fakeHigh: fake!.high,
    isOfSameNetworks:
      networks.length === calibration.networks.length &&
      networks.every((network) => calibration.networks.includes(network)),
  };
}

/** The borders of "not sure", which are whole hundredths, as parts of 100 for the texts. */
export function borders({ noManipulationUpTo, likelyManipulatedFrom }: ScoreBands) {
  return { upTo: Math.round(noManipulationUpTo * 100), from: Math.round(likelyManipulatedFrom * 100) };
}

function shownPart(part: Part) {
  const { low, high } = wilsonInterval(part);
  return { ...part, of100: of100(part), low: shownOf100(low), high: shownOf100(high) };
}
