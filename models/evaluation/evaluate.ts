import { bootstrapIntervals } from './bootstrap.ts';
import type { Interval } from './bootstrap.ts';
import { computeFigures, confusionOf, FIGURE_NAMES, rankVideos } from './metrics.ts';
import type { Confusion, FigureName, FigureOptions } from './metrics.ts';
import type { VideoResult } from './results.ts';

/** A figure with its 95 % interval, each null where it has no value. */
export type Figure = { readonly value: number | null; readonly interval: Interval | null };

/** The figures of some videos of a labelled set. */
export type Evaluation = {
  readonly realVideos: number;
  readonly fakeVideos: number;
  readonly confusion: Confusion;
  readonly figures: Readonly<Record<FigureName, Figure>>;
};

/** Sides of faces in whole pixels; `upTo` is null for the largest. */
export type FaceSizes = { readonly from: number; readonly upTo: number | null };

/** The videos of one kind. */
export type Stratum = Evaluation & {
  readonly by: 'compression' | 'face size' | 'class' | 'split';
  /** In English. */
  readonly value: string;
  /** null where the file does not tell the kind of these videos; sizes for `face size`. */
  readonly kind: string | FaceSizes | null;
  /** A way of manipulation has no real videos of its own: all those of the set stand beside it. */
  readonly hasAllReal: boolean;
};

export type EvaluationOptions = FigureOptions & {
  /** Of the bootstrap. */
  readonly seed: number;
  /** Of the bootstrap; {@link bootstrapIntervals} has a default. */
  readonly resamples?: number;
};

/** @param videos at least one */
export function evaluate(
  videos: readonly VideoResult[],
  { seed, resamples, ...options }: EvaluationOptions,
): Evaluation {
  const ranked = rankVideos(videos);
  const values = computeFigures(ranked, options);
  const intervals = bootstrapIntervals(ranked, options, {
    seed,
    ...(resamples !== undefined && { resamples }),
  });
  const figures = FIGURE_NAMES.map((name) => [name, { value: values[name], interval: intervals[name] }]);
  const fakeVideos = videos.filter(({ trueLabel }) => trueLabel === 'FAKE').length;
  return {
    realVideos: videos.length - fakeVideos,
    fakeVideos,
    confusion: confusionOf(ranked, options.threshold),
    figures: Object.fromEntries(figures) as Evaluation['figures'],
  };
}

/** Sides of faces, in pixels, at which the next kind begins: each is twice the one before; the networks see 224. */
const FACE_SIZES = [80, 160, 320] as const;

/** The kinds of videos by all that the file tells of them. One kind alone would only repeat the whole. */
const KINDS: readonly (readonly [Stratum['by'], (video: VideoResult) => string | FaceSizes | null])[] = [
  ['split', ({ split }) => split],
  ['compression', ({ compression }) => compression],
  ['face size', ({ faceSidePixels }) => (faceSidePixels === null ? null : faceSizesOf(faceSidePixels))],
  ['class', ({ klass }) => klass],
];

/** A data set has a handful of each. With more the file names each video's own, and their draws would take days. */
const MAX_KINDS = 50;

/** The figures of each kind of videos: by split, compression, face size and class, where the file tells them. */
export function evaluateStrata(
  videos: readonly VideoResult[],
  options: EvaluationOptions,
): readonly Stratum[] {
  const real = videos.filter(({ trueLabel }) => trueLabel === 'REAL');
  return KINDS.flatMap(([by, kindOf]) => {
    const kinds = Map.groupBy(videos, (video) => kindText(kindOf(video)));
    if (kinds.size < 2 || kinds.size > MAX_KINDS) return [];
    return [...kinds]
      .toSorted(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
      .map(([value, members]): Stratum => {
        const hasAllReal =
          by === 'class' && real.length > 0 && members.every(({ trueLabel }) => trueLabel === 'FAKE');
        const judged = hasAllReal ? [...members, ...real] : members;
        return { by, value, kind: kindOf(members[0]!), hasAllReal, ...evaluate(judged, options) };
      });
  });
}

function faceSizesOf(side: number): FaceSizes {
  const from = FACE_SIZES.findLast((size) => size <= side) ?? 0;
  const next = FACE_SIZES.find((size) => size > side);
  return { from, upTo: next === undefined ? null : next - 1 };
}

function kindText(kind: Stratum['kind']): string {
  if (kind === null) return 'not known';
  if (typeof kind === 'string') return kind;
  return kind.upTo === null ? `${kind.from} px or more` : `${kind.from} to ${kind.upTo} px`;
}

/** Why some figures have no value; null where both classes are there. */
export function missingClass({ realVideos, fakeVideos }: Evaluation): 'real' | 'manipulated' | null {
  if (realVideos > 0 && fakeVideos > 0) return null;
  return realVideos === 0 ? 'real' : 'manipulated';
}
