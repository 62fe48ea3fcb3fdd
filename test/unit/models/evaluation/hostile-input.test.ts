import { expect, test } from 'vitest';
import { formatEvaluation } from '../../../../entrypoints/cli/evaluation-text.ts';
import { planDataset } from '../../../../models/evaluation/dataset-layouts.ts';
import { evaluate, evaluateStrata } from '../../../../models/evaluation/evaluate.ts';
import { parseResults } from '../../../../models/evaluation/results.ts';
import type { VideoResult } from '../../../../models/evaluation/results.ts';
import { isDetectorError } from '../../../../utils/domain/errors.ts';
import { csvField } from '../../../../utils/domain/csv.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';

const OPTIONS = { bands: VERDICT_BANDS, threshold: null, seed: 0, resamples: 2 };

function videoOf(klass: string, index: number): VideoResult {
  const label = index % 2 === 0 ? 'FAKE' : 'REAL';
  const unknown = { compression: null, faceSidePixels: null, split: null };
  return { name: `${index}.mp4`, score: 0.5, label, trueLabel: label, klass, ...unknown };
}

test('a class of its own for each video is no kind of videos, whose draws would take days', () => {
  const videos = Array.from({ length: 2000 }, (_, index) => videoOf(`class ${index}`, index));
  expect(evaluateStrata(videos, OPTIONS)).toEqual([]);
  expect(evaluateStrata(videos.slice(0, 50), OPTIONS)).toHaveLength(50);
});

test('a class whose name a terminal would obey is escaped', () => {
  const videos = ['\u001b[2Jone', 'two\u202e', 'one\nmore'].flatMap((klass) => [
    videoOf(klass, 0),
    videoOf(klass, 1),
  ]);
  const text = formatEvaluation({
    name: 'a\u001b]0;.json',
    unlabelled: 0,
    all: evaluate(videos, OPTIONS),
    strata: evaluateStrata(videos, OPTIONS),
    threshold: null,
    tunedOn: '\u009bb.json',
  });
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text).not.toContain('\nmore');
});

test('a CSV with a value of twenty million characters is no table, and no overflow', () => {
  const head = 'Label,Filename,Prediction,Confidence\n';
  expect.assertions(1);
  try {
    parseResults(`${head}REAL,"${'a'.repeat(2e7)}",REAL,0.1\n`);
  } catch (error) {
    expect(isDetectorError(error, 'results-invalid')).toBe(true);
  }
});

test('a label file of many absent paths is read beside many videos', { timeout: 5000 }, () => {
  const paths = Array.from({ length: 20_000 }, (_, index) => `set/videos/${index}.mp4`);
  const rows = Array.from({ length: 20_000 }, (_, index) => `gone/${index}.mp4\treal\n`).join('');
  const texts = new Map([['set/labels.tsv', `path\tlabel\n${rows}videos/7.mp4\tfake\n`]]);
  const plan = planDataset('labelled', { paths: [...paths, 'set/labels.tsv'], texts });
  expect(plan.videos.map(({ path, trueLabel }) => [path, trueLabel])).toEqual([['set/videos/7.mp4', 'FAKE']]);
});

test.each(['=1', '+1', '-1', '@a', '\ta', '\ra', '\na', '＝1', '＠a'])('%j begins no formula', (text) => {
  expect(csvField(text).replace(/^"/, '')).toBe(`'${text}${/[\r\n]/.test(text) ? '"' : ''}`);
});

test('numbers and other texts are fields as they are', () => {
  expect([-1.5, 'a=b', 'a,"b"', ''].map(csvField)).toEqual(['-1.5', 'a=b', '"a,""b"""', '']);
});
