import type { PlotData, PlotKind } from '../../utils/domain/evaluation-plots.ts';

/** Words and numbers of the plots, as the page or the file has them. */
export type PlotWords = {
  readonly texts: Readonly<Record<PlotKind, PlotTexts>>;
  readonly real: string;
  readonly fake: string;
  /** null for no value. */
  readonly number: (value: number | null, digits: number) => string;
  /** "3 of 20" */
  readonly part: (count: number, all: number) => string;
  /** "0.1 to 0.2" */
  readonly range: (from: string, to: string) => string;
};

export type PlotTexts = {
  readonly heading: string;
  /** The figure that matters. */
  readonly sentence: string;
  readonly x: string;
  readonly y: string;
  /** Of the table. */
  readonly columns: readonly string[];
};

/** The plots that the videos allow, in order: without one of the classes there are no curves. */
export function plotKinds({ roc }: PlotData): readonly PlotKind[] {
  return roc === null ? ['reliability', 'histogram'] : ['roc', 'precisionRecall', 'reliability', 'histogram'];
}

/** What a plot shows, in rows of a table. */
export function plotRows(
  kind: PlotKind,
  data: PlotData,
  { number, part, range }: PlotWords,
): readonly (readonly string[])[] {
  const { realVideos, fakeVideos, atThresholds, reliability, histogram } = data;
  switch (kind) {
    case 'roc':
      return atThresholds.map(({ threshold, fakes, reals }) => [
        number(threshold, 1),
        part(reals, realVideos),
        part(fakes, fakeVideos),
      ]);
    case 'precisionRecall':
      return atThresholds.map(({ threshold, fakes, reals }) => [
        number(threshold, 1),
        number(fakes / fakeVideos, 4),
        number(fakes + reals === 0 ? null : fakes / (fakes + reals), 4),
      ]);
    case 'reliability':
      return reliability.map(({ from, to, videos, fakes, meanScore }) => [
        range(number(from, 1), number(to, 1)),
        number(videos, 0),
        number(fakes, 0),
        number(meanScore, 4),
      ]);
    case 'histogram':
      return histogram.map(({ from, to, real, fake }) => [
        range(number(from, 2), number(to, 2)),
        number(real, 0),
        number(fake, 0),
      ]);
    default:
      return kind satisfies never;
  }
}
