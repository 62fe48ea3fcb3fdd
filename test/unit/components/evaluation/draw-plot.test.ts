import { DOMParser } from 'linkedom';
import { expect, test } from 'vitest';
import { drawPlot } from '../../../../components/evaluation/draw-plot.ts';
import { plotKinds, plotRows } from '../../../../components/evaluation/plot-table.ts';
import type { PlotWords } from '../../../../components/evaluation/plot-table.ts';
import { rankVideos } from '../../../../models/evaluation/metrics.ts';
import { plotDataOf } from '../../../../models/evaluation/plot-data.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';

const texts = { heading: 'Heading', sentence: 'Sentence', x: 'across', y: 'up', columns: [] };
const words: PlotWords = {
  real: 'real',
  fake: 'manipulated',
  number: (value, digits) => (value === null ? '–' : value.toFixed(digits).replace('.', ',')),
  part: (count, all) => `${count} of ${all}`,
  range: (from, to) => `${from} to ${to}`,
  texts: { roc: texts, precisionRecall: texts, reliability: texts, histogram: texts },
};
const data = plotDataOf(
  rankVideos([
    { score: 0.1, label: 'REAL', trueLabel: 'REAL' },
    { score: 0.4, label: 'REAL', trueLabel: 'FAKE' },
    { score: 0.6, label: 'FAKE', trueLabel: 'REAL' },
    { score: 0.9, label: 'FAKE', trueLabel: 'FAKE' },
  ]),
);

test.each(plotKinds(data))('the plot %s is one picture with one name, and brings no style', (kind) => {
  const { document } = new DOMParser().parseFromString('<html></html>', 'text/html').defaultView;
  const drawn = drawPlot(kind, data, { words, bands: VERDICT_BANDS, document, side: 200 });
  expect(drawn.getAttribute('role')).toBe('img');
  expect(drawn.getAttribute('aria-label')).toBe('Heading. Sentence');
  expect(drawn.querySelectorAll('[aria-label], style')).toHaveLength(0);
  expect(drawn.outerHTML).not.toMatch(/NaN|undefined/);
  // Ticks as the language writes them.
  expect(drawn.textContent).toContain('0,2');
});

test('tables have what the plots show', () => {
  expect(plotRows('roc', data, words)[5]).toEqual(['0,5', '1 of 2', '1 of 2']);
  expect(plotRows('precisionRecall', data, words)[0]).toEqual(['1,0', '0,0000', '–']);
  expect(plotRows('reliability', data, words)[9]).toEqual(['0,9 to 1,0', '1', '1', '0,9000']);
  expect(plotRows('histogram', data, words)[2]).toEqual(['0,10 to 0,15', '1', '0']);
});
