/** Scores of equal width with the videos that have them. */
export type ReliabilityBin = {
  readonly from: number;
  readonly to: number;
  readonly videos: number;
  readonly fakes: number;
  /** null for a bin without videos. */
  readonly meanScore: number | null;
};

export type HistogramBin = {
  readonly from: number;
  readonly to: number;
  readonly real: number;
  readonly fake: number;
};

/** A point of a curve; both are 0 to 1. */
export type PlotPoint = { readonly x: number; readonly y: number };

/** What the plots of a labelled set show. */
export type PlotData = {
  readonly realVideos: number;
  readonly fakeVideos: number;
  /** x: share of real videos that are called manipulated; y: share of manipulated ones that are found. Needs both classes. */
  readonly roc: readonly PlotPoint[] | null;
  /** x: recall; y: precision. Needs both classes. */
  readonly precisionRecall: readonly PlotPoint[] | null;
  /** Videos that score a threshold or more, from 1 down to 0. */
  readonly atThresholds: readonly {
    readonly threshold: number;
    readonly fakes: number;
    readonly reals: number;
  }[];
  readonly reliability: readonly ReliabilityBin[];
  readonly histogram: readonly HistogramBin[];
};

export type PlotKind = 'roc' | 'precisionRecall' | 'reliability' | 'histogram';
