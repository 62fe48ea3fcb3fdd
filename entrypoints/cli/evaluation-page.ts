import * as Plot from '@observablehq/plot';
import { DOMParser } from 'linkedom';
import { FIGURE_NAMES, operatingPoints, reliability } from '../../models/evaluation/metrics.ts';
import type { RankedVideos } from '../../models/evaluation/metrics.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { escapeHtml } from './command-line.ts';
import {
  FIGURE_WORDS,
  intervalText,
  missingText,
  STRATUM_FIGURES,
  stratumText,
  thresholdText,
  unlabelledText,
  valueText,
} from './evaluation-text.ts';
import type { FileEvaluation } from './evaluation-text.ts';

/** A file's evaluation with the videos that it is of, for the plots. */
export type EvaluatedSet = FileEvaluation & { readonly ranked: RankedVideos };

/** A plot's side in pixels: two stand side by side on A4. */
const SIDE = 340;
/** More points of a curve than this cannot be told apart in {@link SIDE} pixels. */
const CURVE_STEPS = 500;
/** Bins of the histogram: five hundredths are as fine as some hundred videos allow. */
const HISTOGRAM_BINS = 20;

/**
 * A page of its own: figures, plots as SVG with a table under each, nothing to load and no script. It follows the reader's
 * light or dark colours, and is printed black on white.
 */
export function evaluationPage(sets: readonly EvaluatedSet[], bands: ScoreBands): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>TrueFrame: evaluation</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Evaluation</h1>
<p>Every figure is of labelled videos of the named file. In brackets stand 95-percent intervals (bootstrap).
A share of which the file has no example, or nothing else, has an interval of no width: draws from the
file can't show more. Other footage gives other figures; clips from social media are harder than any of the usual test sets.</p>
${sets.map((set, index) => section(set, bands, index)).join('\n')}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1f1f1f; --quiet: #57606a; --line: #d0d7de; --fake: #b42318; --real: #175cd3; }
@media (prefers-color-scheme: dark) { :root { --ground: #1f1f1f; --text: #f0f0f0; --quiet: #9ba4ae; --line: #444c56; --fake: #f97066; --real: #84adff; } }
@media print { :root { color-scheme: light; --ground: #fff; --text: #000; --quiet: #333; --line: #999; --fake: #b42318; --real: #175cd3; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 24px; }
h1, h2, h3 { font-weight: 600; line-height: 1.25; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; overflow-wrap: anywhere; } h3 { font-size: 1rem; margin: 0; }
section { border-top: 1px solid var(--line); margin-top: 32px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 24px; }
figure { margin: 0; break-inside: avoid; min-width: 0; }
figure svg { max-width: 100%; height: auto; background: none; color: var(--text); }
.wide { overflow-x: auto; margin-block: 16px; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: start; color: var(--quiet); }
th, td { padding: 2px 12px 2px 0; text-align: end; border-bottom: 1px solid var(--line); font-weight: 400; }
th:first-child, td:first-child { text-align: start; }
thead th { color: var(--quiet); }
summary { cursor: pointer; } :focus-visible { outline: 2px solid var(--real); outline-offset: 2px; }
.quiet { color: var(--quiet); }`;

function section(set: EvaluatedSet, bands: ScoreBands, index: number): string {
  const { name, unlabelled, all, strata, threshold, tunedOn } = set;
  const missing = missingText(all);
  const plots = [
    ...(missing === null ? [rocPlot(set), precisionRecallPlot(set)] : []),
    reliabilityPlot(set),
    histogramPlot(set, bands),
  ];
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = all.confusion;
  return `<section aria-labelledby="set-${index}">
<h2 id="set-${index}">${escapeHtml(name)}</h2>
<p>${all.realVideos} real and ${all.fakeVideos} manipulated videos. Called manipulated: ${escapeHtml(thresholdText(threshold))}${tunedOn === null ? '' : `, tuned on ${escapeHtml(tunedOn)}`}.
Likely manipulated from ${bands.likelyManipulatedFrom}, no manipulation found up to ${bands.noManipulationUpTo}.</p>
${unlabelled === 0 ? '' : `<p>${unlabelledText(unlabelled)}</p>`}
${missing === null ? '' : `<p>${escapeHtml(missing)}</p>`}
${table(
  'Figures',
  ['Figure', 'Value', '95-percent interval'],
  FIGURE_NAMES.map((each) => [
    FIGURE_WORDS[each],
    valueText(all.figures[each].value),
    intervalText(all.figures[each]),
  ]),
)}
${table(
  'How the videos were called',
  ['Videos', 'Called real', 'Called manipulated'],
  [
    ['Real', trueNegatives, falsePositives],
    ['Manipulated', falseNegatives, truePositives],
  ],
)}
<div class="plots">
${plots.join('\n')}
</div>
${
  strata.length === 0
    ? ''
    : table(
        'By kind of video',
        ['Videos', ...STRATUM_FIGURES.map((each) => FIGURE_WORDS[each])],
        strata.map((stratum) => [
          stratumText(stratum),
          ...STRATUM_FIGURES.map((each) => {
            const figure = stratum.figures[each];
            return figure.value === null
              ? valueText(null)
              : `${valueText(figure.value)} (${intervalText(figure)})`;
          }),
        ]),
      )
}
</section>`;
}

type PlotFigure = {
  readonly heading: string;
  /** The figure that matters, in words. */
  readonly sentence: string;
  readonly marks: Plot.Markish[];
  readonly options?: Plot.PlotOptions;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
};

function figure({ heading, sentence, marks, options, columns, rows }: PlotFigure): string {
  const { document } = new DOMParser().parseFromString(
    '<!doctype html><html></html>',
    'text/html',
  ).defaultView;
  const svg = Plot.plot({
    // linkedom's document has all that Plot asks for.
    document: document,
    width: SIDE,
    height: SIDE,
    marginLeft: 48,
    marginBottom: 40,
    style: { fontSize: '12px' },
    ariaLabel: `${heading}. ${sentence}`,
    x: { domain: [0, 1], ticks: 5 },
    y: { domain: [0, 1], ticks: 5 },
    marks,
    ...options,
  });
  svg.setAttribute('role', 'img');
  return `<figure>
<h3>${escapeHtml(heading)}</h3>
<p>${escapeHtml(sentence)}</p>
${svg.outerHTML}
<details open><summary>${escapeHtml(heading)} as a table</summary>
${table(heading, columns, rows)}
</details>
</figure>`;
}

/** A curve without the points that look the same as the one before. Its first and its last point stay. */
function thinned<Point extends { readonly x: number; readonly y: number }>(
  points: readonly Point[],
): readonly Point[] {
  let kept: Point | null = null;
  return points.filter((point, index) => {
    const isFar =
      kept === null ||
      Math.abs(point.x - kept.x) >= 1 / CURVE_STEPS ||
      Math.abs(point.y - kept.y) >= 1 / CURVE_STEPS;
    if (isFar || index === points.length - 1) kept = point;
    return isFar || index === points.length - 1;
  });
}

const DIAGONAL = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
];
const DASHED = { stroke: 'var(--quiet)', strokeDasharray: '4 4' } as const;
const CURVE = { x: 'x', y: 'y', stroke: 'var(--real)', strokeWidth: 2 } as const;
/** Thresholds of the curves' tables. */
const TABLE_THRESHOLDS = Array.from({ length: 11 }, (_, step) => (10 - step) / 10);

/** Counts of videos that score each of the tables' thresholds or more. */
function countsAt({ scores, isFake }: RankedVideos) {
  return TABLE_THRESHOLDS.map((threshold) => {
    let [fakes, reals] = [0, 0];
    for (let index = 0; index < scores.length && scores[index]! >= threshold; index++) {
      if (isFake[index] === 1) fakes++;
      else reals++;
    }
    return { threshold, fakes, reals };
  });
}

function rocPlot({ all, ranked }: EvaluatedSet): string {
  const { realVideos, fakeVideos, figures } = all;
  const points = operatingPoints(ranked).map(({ falsePositives, truePositives }) => ({
    x: falsePositives / realVideos,
    y: truePositives / fakeVideos,
  }));
  return figure({
    heading: 'Receiver operating characteristic',
    sentence: `Area under the curve ${withInterval(figures.areaUnderCurve)}; equal error rate ${withInterval(figures.equalErrorRate)}.`,
    marks: [
      Plot.frame({ stroke: 'var(--line)' }),
      Plot.line(DIAGONAL, { x: 'x', y: 'y', ...DASHED }),
      Plot.line(thinned(points), CURVE),
    ],
    options: {
      x: { domain: [0, 1], ticks: 5, label: 'real videos called manipulated' },
      y: { domain: [0, 1], ticks: 5, label: 'manipulated videos found' },
    },
    columns: ['Score from', 'Real videos called manipulated', 'Manipulated videos found'],
    rows: countsAt(ranked).map(({ threshold, fakes, reals }) => [
      threshold.toFixed(1),
      `${reals} of ${realVideos}`,
      `${fakes} of ${fakeVideos}`,
    ]),
  });
}

function precisionRecallPlot({ all, ranked }: EvaluatedSet): string {
  const { realVideos, fakeVideos, figures } = all;
  const points = operatingPoints(ranked)
    .filter(({ threshold }) => Number.isFinite(threshold))
    .map(({ falsePositives, truePositives }) => ({
      x: truePositives / fakeVideos,
      y: truePositives / (truePositives + falsePositives),
    }));
  const prevalence = fakeVideos / (realVideos + fakeVideos);
  return figure({
    heading: 'Precision and recall',
    sentence: `Average precision ${withInterval(figures.averagePrecision)}; ${valueText(prevalence)} of the videos are manipulated.`,
    marks: [
      Plot.frame({ stroke: 'var(--line)' }),
      Plot.ruleY([prevalence], DASHED),
      Plot.line(thinned(points), CURVE),
    ],
    options: {
      x: { domain: [0, 1], ticks: 5, label: 'manipulated videos found' },
      y: { domain: [0, 1], ticks: 5, label: 'of those called manipulated, right' },
    },
    columns: ['Score from', 'Recall', 'Precision'],
    rows: countsAt(ranked).map(({ threshold, fakes, reals }) => [
      threshold.toFixed(1),
      valueText(fakes / fakeVideos),
      valueText(fakes + reals === 0 ? null : fakes / (fakes + reals)),
    ]),
  });
}

function reliabilityPlot({ all, ranked }: EvaluatedSet): string {
  const bins = reliability(ranked);
  const points = bins.flatMap(({ meanScore, fakes, videos }) =>
    meanScore === null ? [] : [{ x: meanScore, y: fakes / videos, videos }],
  );
  return figure({
    heading: 'Reliability of the score',
    sentence: `Expected calibration error ${withInterval(all.figures.calibrationError)}. On the dashed line a score would be a probability.`,
    marks: [
      Plot.frame({ stroke: 'var(--line)' }),
      Plot.line(DIAGONAL, { x: 'x', y: 'y', ...DASHED }),
      Plot.line(points, CURVE),
      Plot.dot(points, { x: 'x', y: 'y', r: 'videos', fill: 'var(--real)', stroke: 'var(--ground)' }),
    ],
    options: {
      x: { domain: [0, 1], ticks: 5, label: 'mean score' },
      y: { domain: [0, 1], ticks: 5, label: 'share of manipulated videos' },
      // Areas are in proportion to videos, the largest bin's as wide as a finger.
      r: { range: [0, 10] },
    },
    columns: ['Score', 'Videos', 'Manipulated', 'Mean score'],
    rows: bins.map(({ from, to, videos, fakes, meanScore }) => [
      `${from.toFixed(1)} to ${to.toFixed(1)}`,
      videos,
      fakes,
      valueText(meanScore),
    ]),
  });
}

function histogramPlot({ all, ranked }: EvaluatedSet, bands: ScoreBands): string {
  const bins = Array.from({ length: HISTOGRAM_BINS }, (_, index) => ({
    from: index / HISTOGRAM_BINS,
    to: (index + 1) / HISTOGRAM_BINS,
    real: 0,
    fake: 0,
  }));
  ranked.scores.forEach((score, index) => {
    const bin = bins[Math.min(HISTOGRAM_BINS - 1, Math.floor(score * HISTOGRAM_BINS))]!;
    if (ranked.isFake[index] === 1) bin.fake++;
    else bin.real++;
  });
  const bars = bins.flatMap(({ from, to, real, fake }) => [
    { from, to, count: real, kind: 'real' },
    { from, to, count: fake, kind: 'manipulated' },
  ]);
  const { coverage, coveredError } = all.figures;
  return figure({
    heading: 'Scores',
    sentence: `Outside “not sure” lie ${withInterval(coverage)} of the videos; of these ${withInterval(coveredError)} are judged wrongly.`,
    marks: [
      Plot.rectY(bars, {
        x1: 'from',
        x2: 'to',
        y: 'count',
        fy: 'kind',
        fill: ({ kind }: { readonly kind: string }) => (kind === 'real' ? 'var(--real)' : 'var(--fake)'),
      }),
      Plot.ruleX([bands.noManipulationUpTo, bands.likelyManipulatedFrom], DASHED),
      Plot.ruleY([0], { stroke: 'var(--line)' }),
    ],
    options: {
      x: { domain: [0, 1], ticks: 5, label: 'score' },
      y: { label: 'videos', ticks: 4, grid: false },
      fy: { domain: ['real', 'manipulated'], label: null },
      color: { type: 'identity' },
      marginRight: 84,
    },
    columns: ['Score', 'Real videos', 'Manipulated videos'],
    rows: bins.map(({ from, to, real, fake }) => [`${from.toFixed(2)} to ${to.toFixed(2)}`, real, fake]),
  });
}

function withInterval(figureOf: FileEvaluation['all']['figures']['accuracy']): string {
  return figureOf.interval === null
    ? valueText(figureOf.value)
    : `${valueText(figureOf.value)} (${intervalText(figureOf)})`;
}

function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows.map(([first = '', ...others]) => {
    const cells = others.map((value) => `<td>${escapeHtml(String(value))}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(String(first))}</th>${cells}</tr>`;
  });
  return `<div class="wide" role="region" tabindex="0" aria-label="${escapeHtml(caption)}"><table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table></div>`;
}
