import type { LabelledScore } from './metrics.ts';
import { operatingPoints, rankVideos } from './metrics.ts';
import type { CurvePoint } from './metrics.ts';
import { createRandom } from './random.ts';

/** The criterion for the best threshold. */
export type TuningRule =
  /** The largest sum of true-positive rate and true-negative rate (Youden's J). */
  | { readonly kind: 'youden' }
  /** The most manipulated videos found with at most this share of false alarms. */
  | { readonly kind: 'fpr'; readonly most: number }
  /** The lowest cost, in any unit, of all false alarms and misses. */
  | { readonly kind: 'cost'; readonly falseAlarm: number; readonly miss: number };

/**
 * The threshold that suits the videos best: one of their scores. Among equally good ones it is the highest, which has the
 * fewest false alarms.
 * @returns infinite where it is best to call no video FAKE
 * @throws RangeError unless both classes are there
 */
export function tuneThreshold(videos: readonly LabelledScore[], rule: TuningRule): number {
  const points = operatingPoints(rankVideos(videos));
  const { truePositives: fakes, falsePositives: reals } = points.at(-1)!;
  if (fakes === 0 || reals === 0) throw new RangeError('a threshold needs videos of both classes');
  let best = points[0]!;
  for (const point of points) {
    if (lossOf(point, rule, { fakes, reals }) < lossOf(best, rule, { fakes, reals })) best = point;
  }
  return best.threshold;
}

function lossOf(
  { falsePositives, truePositives }: CurvePoint,
  rule: TuningRule,
  { fakes, reals }: { readonly fakes: number; readonly reals: number },
): number {
  switch (rule.kind) {
    case 'youden':
      // The cost is in whole numbers, so that equally good thresholds compare as equal.
      return falsePositives * fakes - truePositives * reals;
    case 'fpr':
      return falsePositives <= rule.most * reals ? -truePositives : Number.POSITIVE_INFINITY;
    case 'cost':
      return rule.falseAlarm * falsePositives + rule.miss * (fakes - truePositives);
  }
}

/**
 * Divides the videos by a seed into two halves, each with half of either class. Of an odd number, the first half has
 * one more.
 */
export function splitInHalves<Video extends LabelledScore>(
  videos: readonly Video[],
  seed: number,
): readonly [readonly Video[], readonly Video[]] {
  const random = createRandom(seed);
  const first = new Set<Video>();
  for (const label of ['FAKE', 'REAL'] as const) {
    const members = videos.filter(({ trueLabel }) => trueLabel === label);
    // Shuffles by Fisher and Yates, from the end.
    for (let last = members.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [members[last], members[other]] = [members[other]!, members[last]!];
    }
    for (const video of members.slice(0, Math.ceil(members.length / 2))) first.add(video);
  }
  return [videos.filter((video) => first.has(video)), videos.filter((video) => !first.has(video))];
}
