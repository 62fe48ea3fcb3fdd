import type { PlotPoint, PlotData } from '../../utils/domain/evaluation-plots.ts';
import { operatingPoints, reliability } from './metrics.ts';
import type { RankedVideos } from './metrics.ts';

/** More points of a curve than this cannot be told apart in a plot of some hundred pixels. */
const CURVE_STEPS = 500;
/** Five hundredths are as fine as some hundred videos allow. */
const HISTOGRAM_BINS = 20;
/** Of the curves' tables. */
const TABLE_THRESHOLDS = Array.from({ length: 11 }, (_, step) => (10 - step) / 10);

/** What the plots of these videos show. The curves are null without one of the classes. */
export function plotDataOf(videos: RankedVideos): PlotData {
  const points = operatingPoints(videos);
  const { truePositives: fakeVideos, falsePositives: realVideos } = points.at(-1)!;
  const hasBoth = realVideos > 0 && fakeVideos > 0;
  return {
    realVideos,
    fakeVideos,
    roc: hasBoth
      ? thinned(
          points.map(({ falsePositives, truePositives }) => ({
            x: falsePositives / realVideos,
            y: truePositives / fakeVideos,
          })),
        )
      : null,
    precisionRecall: hasBoth
      ? thinned(
          // No video is called manipulated at the first point: it has no precision.
          points.slice(1).map(({ falsePositives, truePositives }) => ({
            x: truePositives / fakeVideos,
            y: truePositives / (truePositives + falsePositives),
          })),
        )
      : null,
    atThresholds: countsAt(videos),
    reliability: reliability(videos),
    histogram: histogramOf(videos),
  };
}

/** Without the points that look the same as the one before. The first and the last point stay. */
function thinned(points: readonly PlotPoint[]): readonly PlotPoint[] {
  let kept: PlotPoint | null = null;
  return points.filter((point, index) => {
    const isFar =
      kept === null ||
      Math.abs(point.x - kept.x) >= 1 / CURVE_STEPS ||
      Math.abs(point.y - kept.y) >= 1 / CURVE_STEPS;
    if (isFar || index === points.length - 1) kept = point;
    return isFar || index === points.length - 1;
  });
}

function countsAt({ scores, isFake }: RankedVideos): PlotData['atThresholds'] {
  return TABLE_THRESHOLDS.map((threshold) => {
    let [fakes, reals] = [0, 0];
    for (let index = 0; index < scores.length && scores[index]! >= threshold; index++) {
      if (isFake[index] === 1) fakes++;
      else reals++;
    }
    return { threshold, fakes, reals };
  });
}

function histogramOf({ scores, isFake }: RankedVideos): PlotData['histogram'] {
  const bins = Array.from({ length: HISTOGRAM_BINS }, (_, index) => ({
    from: index / HISTOGRAM_BINS,
    to: (index + 1) / HISTOGRAM_BINS,
    real: 0,
    fake: 0,
  }));
  scores.forEach((score, index) => {
    const bin = bins[Math.min(HISTOGRAM_BINS - 1, Math.floor(score * HISTOGRAM_BINS))]!;
    if (isFake[index] === 1) bin.fake++;
    else bin.real++;
  });
  return bins;
}
