import { computeFigures, FIGURE_NAMES } from './metrics.ts';
import type { FigureName, FigureOptions, RankedVideos } from './metrics.ts';
import { createRandom } from './random.ts';

/** The borders of a percentile interval of 95 %. */
const [LOW, HIGH] = [0.025, 0.975];
/** Enough for two digits of the borders; half a minute for the largest data sets. */
export const RESAMPLES = 1000;

export type Interval = { readonly low: number; readonly high: number };

/**
 * 95 % bootstrap intervals (percentiles) of all figures. Videos are drawn with replacement among those of their own class, so
 * that no draw lacks one. The same seed gives the same intervals.
 * @returns null for a figure that has no value in most of the draws
 */
export function bootstrapIntervals(
  videos: RankedVideos,
  options: FigureOptions,
  { seed, resamples = RESAMPLES }: { readonly seed: number; readonly resamples?: number },
): Readonly<Record<FigureName, Interval | null>> {
  const random = createRandom(seed);
  const classes = [0, 1].map((isFake) =>
    Uint32Array.from([...videos.isFake.keys()].filter((index) => videos.isFake[index] === isFake)),
  );
  const values = new Map(FIGURE_NAMES.map((name): [FigureName, number[]] => [name, []]));
  const weights = new Uint32Array(videos.scores.length);
  for (let draw = 0; draw < resamples; draw++) {
    weights.fill(0);
    for (const members of classes) {
      members.forEach(() => {
        weights[members[Math.floor(random() * members.length)]!]!++;
      });
    }
    const figures = computeFigures(videos, options, weights);
    for (const name of FIGURE_NAMES) {
      const value = figures[name];
      if (value !== null) values.get(name)!.push(value);
    }
  }
  const intervals = FIGURE_NAMES.map((name) => {
    const sorted = Float64Array.from(values.get(name)!).sort();
    const interval =
      2 * sorted.length > resamples ? { low: quantile(sorted, LOW), high: quantile(sorted, HIGH) } : null;
    return [name, interval] as const;
  });
  return Object.fromEntries(intervals) as Readonly<Record<FigureName, Interval | null>>;
}

/**
 * The value between two neighbours, in proportion, as numpy computes it.
 * @param sorted at least one
 */
function quantile(sorted: Float64Array, part: number): number {
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (place - Math.floor(place)) * (above - below);
}
