import { DOMParser } from 'linkedom';
import { drawPlot } from '../../components/evaluation/draw-plot.ts';
import { plotKinds, plotRows } from '../../components/evaluation/plot-table.ts';
import type { PlotWords } from '../../components/evaluation/plot-table.ts';
import { FIGURE_NAMES } from '../../models/evaluation/metrics.ts';
import type { PlotData, PlotKind } from '../../utils/domain/evaluation-plots.ts';
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

export type EvaluatedSet = FileEvaluation & { readonly plots: PlotData };

/** A plot's side in pixels: two stand side by side on A4. */
const SIDE = 300;

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
:root { color-scheme: light dark; --ground: #fff; --text: #1f1f1f; --quiet: #57606a; --line: #d0d7de; --plot-fake: #b42318; --plot-real: #175cd3; --plot-quiet: var(--quiet); --plot-line: var(--line); --plot-ground: var(--ground); }
@media (prefers-color-scheme: dark) { :root { --ground: #1f1f1f; --text: #f0f0f0; --quiet: #9ba4ae; --line: #444c56; --plot-fake: #f97066; --plot-real: #84adff; } }
@media print { :root { color-scheme: light; --ground: #fff; --text: #000; --quiet: #333; --line: #999; --plot-fake: #b42318; --plot-real: #175cd3; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 24px; }
h1, h2, h3 { font-weight: 600; line-height: 1.25; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; overflow-wrap: anywhere; } h3 { font-size: 1rem; margin: 0; }
section { border-top: 1px solid var(--line); margin-top: 32px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 8px 24px; }
figure { display: grid; grid-template-rows: subgrid; grid-row: span 4; align-content: start; margin: 0; break-inside: avoid; min-width: 0; }
figure > * { margin: 0; }
figure svg { display: block; width: 100%; max-width: 340px; height: auto; color: var(--text); font: 11px system-ui, sans-serif; }
.wide { overflow-x: auto; margin-block: 16px; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: start; color: var(--quiet); }
th, td { padding: 2px 12px 2px 0; text-align: end; text-wrap: balance; border-bottom: 1px solid var(--line); font-weight: 400; }
th:first-child, td:first-child { text-align: start; }
thead th { color: var(--quiet); }
summary { cursor: pointer; } :focus-visible { outline: 2px solid var(--plot-real); outline-offset: 2px; }
.quiet { color: var(--quiet); }`;

function section(set: EvaluatedSet, bands: ScoreBands, index: number): string {
  const { name, unlabelled, all, strata, threshold, tunedOn } = set;
  const missing = missingText(all);
  const words = wordsOf(set);
  const plots = plotKinds(set.plots).map((kind) => figure(kind, set.plots, { words, bands }));
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

function wordsOf({ all: { figures, realVideos, fakeVideos } }: EvaluatedSet): PlotWords {
  const prevalence = valueText(fakeVideos / (realVideos + fakeVideos));
  return {
    real: 'real',
    fake: 'manipulated',
    number: (value, digits) => (value === null ? valueText(null) : value.toFixed(digits)),
    part: (count, all) => `${count} of ${all}`,
    range: (from, to) => `${from} to ${to}`,
    texts: {
      roc: {
        heading: 'Receiver operating characteristic',
        sentence: `Area under the curve ${withInterval(figures.areaUnderCurve)}; equal error rate ${withInterval(figures.equalErrorRate)}.`,
        x: 'real videos called manipulated',
        y: 'manipulated videos found',
        columns: ['Score from', 'Real videos called manipulated', 'Manipulated videos found'],
      },
      precisionRecall: {
        heading: 'Precision and recall',
        sentence: `Average precision ${withInterval(figures.averagePrecision)}; ${prevalence} of the videos are manipulated.`,
        x: 'manipulated videos found',
        y: 'of those called manipulated, right',
        columns: ['Score from', 'Recall', 'Precision'],
      },
      reliability: {
        heading: 'Reliability of the score',
        sentence: `Expected calibration error ${withInterval(figures.calibrationError)}. On the dashed line a score would be a probability.`,
        x: 'mean score',
        y: 'share of manipulated videos',
        columns: ['Score', 'Videos', 'Manipulated', 'Mean score'],
      },
      histogram: {
        heading: 'Scores',
        sentence: `Outside “not sure” lie ${withInterval(figures.coverage)} of the videos; of these ${withInterval(figures.coveredError)} are judged wrongly.`,
        x: 'score',
        y: 'videos',
        columns: ['Score', 'Real videos', 'Manipulated videos'],
      },
    },
  };
}

function figure(
  kind: PlotKind,
  data: PlotData,
  { words, bands }: { readonly words: PlotWords; readonly bands: ScoreBands },
): string {
  // linkedom's document has all that Plot asks for.
  const { document } = new DOMParser().parseFromString(
    '<!doctype html><html></html>',
    'text/html',
  ).defaultView;
  const { heading, sentence, columns } = words.texts[kind];
  return `<figure>
<h3>${escapeHtml(heading)}</h3>
<p>${escapeHtml(sentence)}</p>
${drawPlot(kind, data, { words, bands, document, side: SIDE }).outerHTML}
<details open><summary>${escapeHtml(heading)} as a table</summary>
${table(heading, columns, plotRows(kind, data, words))}
</details>
</figure>`;
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
