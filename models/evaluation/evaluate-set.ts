import type { PlotData } from '../../utils/domain/evaluation-plots.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { evaluate, evaluateStrata } from './evaluate.ts';
import type { Evaluation, Stratum } from './evaluate.ts';
import { rankVideos } from './metrics.ts';
import { plotDataOf } from './plot-data.ts';
import type { VideoResult } from './results.ts';
import { splitInHalves, tuneThreshold } from './thresholds.ts';
import type { TuningRule } from './thresholds.ts';

/** From which score a video is called manipulated. */
export type ThresholdChoice =
  /** By the labels that the detector's authors give. */
  | { readonly kind: 'labels' }
  | { readonly kind: 'fixed'; readonly threshold: number }
  /** On one half of the videos; the figures are of the other one. */
  | { readonly kind: 'tuned'; readonly rule: TuningRule };

export type SetRequest = {
  readonly videos: readonly VideoResult[];
  readonly choice: ThresholdChoice;
  readonly bands: ScoreBands;
  /** Of the bootstrap and of the halves. */
  readonly seed: number;
  /** Of the bootstrap; 0 for figures without intervals. */
  readonly resamples: number;
};

/** All that is said of a labelled set. */
export type SetEvaluation = {
  readonly all: Evaluation;
  readonly strata: readonly Stratum[];
  readonly plots: PlotData;
  /** null for labels; infinite where it is best to call no video manipulated. */
  readonly threshold: number | null;
  /** Videos on which the threshold was tuned; null where it was not. */
  readonly tunedOn: number | null;
};

/** @param request with videos of both classes in each half where the threshold is tuned, see {@link canTune}; else at least one */
export function evaluateSet({ videos, choice, ...options }: SetRequest): SetEvaluation {
  const halves = choice.kind === 'tuned' ? splitInHalves(videos, options.seed) : null;
  const judged = halves?.[1] ?? videos;
  const threshold =
    choice.kind === 'tuned'
      ? tuneThreshold(halves![0], choice.rule)
      : choice.kind === 'fixed'
        ? choice.threshold
        : null;
  return {
    all: evaluate(judged, { ...options, threshold }),
    strata: evaluateStrata(judged, { ...options, threshold }),
    plots: plotDataOf(rankVideos(judged)),
    threshold,
    tunedOn: halves?.[0].length ?? null,
  };
}

/** Whether both halves have videos of both classes. */
export function canTune(videos: readonly Pick<VideoResult, 'trueLabel'>[]): boolean {
  const fakes = videos.filter(({ trueLabel }) => trueLabel === 'FAKE').length;
  return fakes >= 2 && videos.length - fakes >= 2;
}
