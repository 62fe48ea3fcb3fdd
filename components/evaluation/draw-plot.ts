import * as Plot from '@observablehq/plot';
import type { PlotData, PlotKind } from '../../utils/domain/evaluation-plots.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import type { PlotWords } from './plot-table.ts';

export type PlotOptions = {
  readonly bands: ScoreBands;
  readonly words: PlotWords;
  /** The plot is drawn for it, and not put into it. */
  readonly document: Document;
  /** Of the square, in pixels. */
  readonly side: number;
};

/**
 * A square plot. Its colours are custom properties of the page (`--plot-real`, `--plot-fake`, `--plot-quiet`, `--plot-line`,
 * `--plot-ground`), so that one drawing serves light, dark and print. The page styles `.plot`: a style element would be refused
 * by the policy of the extension's pages.
 */
export function drawPlot(kind: PlotKind, data: PlotData, options: PlotOptions): Element {
  const { words, document, side } = options;
  const { heading, sentence, x, y } = words.texts[kind];
  const axis = {
    domain: [0, 1],
    ticks: 5,
    labelArrow: 'none',
    tickFormat: (value: number) => words.number(value, 1),
  } as const;
  const drawn = Plot.plot({
    document,
    width: side,
    height: side,
    marginTop: 22,
    marginRight: 10,
    marginLeft: 38,
    marginBottom: 36,
    className: 'plot',
    ariaLabel: `${heading}. ${sentence}`,
    x: { ...axis, label: x, labelAnchor: 'center' },
    y: { ...axis, label: y },
    ...marksOf(kind, data, options),
  });
  drawn.querySelector('style')?.remove();
  // Names of shapes, such as "line": the plot is one picture with one name, and its parts may have none.
  for (const part of drawn.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  drawn.setAttribute('role', 'img');
  return drawn;
}

const DIAGONAL = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
];
const DASHED = { stroke: 'var(--plot-quiet)', strokeDasharray: '4 4' } as const;
const CURVE = { x: 'x', y: 'y', stroke: 'var(--plot-real)', strokeWidth: 2 } as const;
const frame = (): Plot.Markish => Plot.frame({ stroke: 'var(--plot-line)' });

/** The marks, with what they change of the square's usual scales. */
function marksOf(
  kind: PlotKind,
  { realVideos, fakeVideos, roc, precisionRecall, reliability, histogram }: PlotData,
  { words, bands }: PlotOptions,
): Plot.PlotOptions {
  switch (kind) {
    case 'roc':
      return {
        marks: [frame(), Plot.line(DIAGONAL, { x: 'x', y: 'y', ...DASHED }), Plot.line(roc ?? [], CURVE)],
      };
    case 'precisionRecall':
      return {
        marks: [
          frame(),
          Plot.ruleY([fakeVideos / (realVideos + fakeVideos)], DASHED),
          Plot.line(precisionRecall ?? [], CURVE),
        ],
      };
    case 'reliability': {
      const points = reliability.flatMap(({ meanScore, fakes, videos }) =>
        meanScore === null ? [] : [{ x: meanScore, y: fakes / videos, videos }],
      );
      return {
        // Areas are in proportion to videos; the largest stays smaller than the distance to the next bin.
        r: { range: [0, 8] },
        marks: [
          frame(),
          Plot.line(DIAGONAL, { x: 'x', y: 'y', ...DASHED }),
          Plot.line(points, CURVE),
          Plot.dot(points, {
            x: 'x',
            y: 'y',
            r: 'videos',
            fill: 'var(--plot-real)',
            stroke: 'var(--plot-ground)',
          }),
        ],
      };
    }
    case 'histogram': {
      const bars = histogram.flatMap(({ from, to, real, fake }) => [
        { from, to, count: real, kind: words.real },
        { from, to, count: fake, kind: words.fake },
      ]);
      const most = Math.max(...bars.map(({ count }) => count));
      return {
        // Counts are whole.
        y: {
          label: words.texts.histogram.y,
          labelArrow: 'none',
          ticks: Math.min(3, most),
          tickFormat: (count: number) => words.number(count, 0),
        },
        // Room for a line of text above each class.
        fy: { domain: [words.real, words.fake], axis: null, paddingInner: 0.25 },
        marks: [
          Plot.ruleX([bands.noManipulationUpTo, bands.likelyManipulatedFrom], DASHED),
          Plot.rectY(bars, {
            x1: 'from',
            x2: 'to',
            y: 'count',
            fy: 'kind',
            insetLeft: 0.5,
            insetRight: 0.5,
            fill: ({ kind: each }: { readonly kind: string }) =>
              each === words.real ? 'var(--plot-real)' : 'var(--plot-fake)',
          }),
          Plot.ruleY([0], { stroke: 'var(--plot-line)' }),
          // The class is said beside its colour.
          Plot.text([words.real, words.fake], {
            fy: (each: string) => each,
            text: (each: string) => each,
            frameAnchor: 'top',
            dy: -2,
            lineAnchor: 'bottom',
          }),
        ],
        color: { type: 'identity' },
      };
    }
    default:
      return kind satisfies never;
  }
}
