import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { basename } from 'node:path';
import { RESAMPLES } from '../../models/evaluation/bootstrap.ts';
import { evaluate, evaluateStrata } from '../../models/evaluation/evaluate.ts';
import { rankVideos } from '../../models/evaluation/metrics.ts';
import { plotDataOf } from '../../models/evaluation/plot-data.ts';
import {
  formatBenchmarkCsv,
  formatResultJson,
  MAX_RESULTS_BYTE_LENGTH,
  MAX_VIDEOS,
} from '../../models/evaluation/results.ts';
import type { Results, VideoResult } from '../../models/evaluation/results.ts';
import { splitInHalves, tuneThreshold } from '../../models/evaluation/thresholds.ts';
import type { TuningRule } from '../../models/evaluation/thresholds.ts';
import { VERDICT_BANDS } from '../../utils/domain/verdict.ts';
import { formatJson, parseCommandLine, print, runCommand, UsageError } from './command-line.ts';
import { evaluationJson, formatEvaluation } from './evaluation-text.ts';
import type { FileEvaluation } from './evaluation-text.ts';
import { readResults } from './read-results.ts';

/** Each file makes four plots and its tables; more belong into one file. */
const MAX_FILES = 50;

const USAGE = `Says how well the scores of labelled videos tell manipulated ones from real ones.

npm run evaluate -- RESULT… [--threshold X | --tune youden|fpr=X|cost=A:B [--tune-on RESULT]]
                            [--seed N] [--json] [--html FILE] [--write FILE.csv|FILE.json]

  RESULT       a result file of the original (JSON), or the CSV of its benchmark: Split,Label,Filename,Prediction,Confidence
  --threshold  a video that scores X or more is called manipulated; without it, as the file's own labels say
  --tune       chooses the threshold: the largest sum of both rates (youden); at most this share of false alarms (fpr=0.05);
               or the lowest cost of false alarms and misses (cost=1:5)
  --tune-on    the file on which it is chosen; without it, one half of each file, and the figures are of the other half
  --seed       of the halves and of the 95 % intervals (bootstrap, ${RESAMPLES} draws), 0 to 4294967295 (0)
  --json       prints one line of JSON
  --html       writes a page with plots and their tables, which needs nothing else
  --write      writes the videos of all files as CSV or JSON

At most ${MAX_FILES} files of ${MAX_RESULTS_BYTE_LENGTH / 2 ** 20} MB and ${MAX_VIDEOS} videos each. The bands are ${VERDICT_BANDS.noManipulationUpTo} and ${VERDICT_BANDS.likelyManipulatedFrom}.`;

await runCommand(USAGE, async (args, signal) => {
  const { values, positionals } = parseCommandLine({
    args: [...args],
    allowPositionals: true,
    options: {
      threshold: { type: 'string' },
      tune: { type: 'string' },
      'tune-on': { type: 'string' },
      seed: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      html: { type: 'string' },
      write: { type: 'string' },
    },
  });
  if (positionals.length === 0) throw new UsageError('no result files');
  if (positionals.length > MAX_FILES) throw new UsageError(`at most ${MAX_FILES} files`);
  const rule = values.tune === undefined ? null : parseRule(values.tune);
  if (rule !== null && values.threshold !== undefined) {
    throw new UsageError('--threshold and --tune exclude each other');
  }
  const tuneOn = values['tune-on'];
  if (rule === null && tuneOn !== undefined) throw new UsageError('--tune-on needs --tune');
  const given = values.threshold === undefined ? null : parseShare('--threshold', values.threshold);
  const seed = parseSeed(values.seed);
  const formatVideos = values.write === undefined ? null : formatOf(values.write);

  const needed = rule === null ? [] : (['FAKE', 'REAL'] as const);
  const files: (Results & { readonly name: string })[] = [];
  // Before the first figure is computed: one bad file among many is not found after a minute.
  for (const path of positionals) {
    const results = await readResults(path, tuneOn === undefined ? needed : []);
    files.push({ name: basename(path), ...results });
  }
  const common =
    rule === null || tuneOn === undefined
      ? null
      : {
          threshold: tuneThreshold((await readResults(tuneOn, needed)).videos, rule),
          tunedOn: basename(tuneOn),
        };

  const evaluated: { readonly result: FileEvaluation; readonly videos: readonly VideoResult[] }[] = [];
  for (const { name, videos: all, unlabelled } of files) {
    // The draws never give the event loop a turn, and Ctrl-C needs one.
    await setImmediate();
    signal.throwIfAborted();
    const halves = rule === null || common !== null ? null : splitInHalves(all, seed);
    const videos = halves?.[1] ?? all;
    const { threshold, tunedOn } =
      halves === null
        ? (common ?? { threshold: given, tunedOn: null })
        : {
            threshold: tuneThreshold(halves[0], rule!),
            tunedOn: `the other half, ${halves[0].length} videos`,
          };
    if (videos.length === 0) throw new UsageError(`${name}: a half of its videos is none`);
    const options = { bands: VERDICT_BANDS, threshold, seed };
    const result = {
      name,
      unlabelled,
      threshold,
      tunedOn,
      all: evaluate(videos, options),
      strata: evaluateStrata(videos, options),
    };
    evaluated.push({ result, videos });
  }

  if (formatVideos !== null) {
    await writeFile(values.write!, formatVideos(files.flatMap(({ videos }) => videos)));
  }
  if (values.html !== undefined) {
    // The plotting library takes as long to load as all else together.
    const { evaluationPage } = await import('./evaluation-page.ts');
    const sets = evaluated.map(({ result, videos }) => ({
      ...result,
      plots: plotDataOf(rankVideos(videos)),
    }));
    await writeFile(values.html, evaluationPage(sets, VERDICT_BANDS));
  }
  const results = evaluated.map(({ result }) => result);
  await print(
    values.json
      ? `${formatJson({ seed, resamples: RESAMPLES, files: results.map((each) => evaluationJson(each, VERDICT_BANDS)) })}\n`
      : results.map((each) => `${formatEvaluation(each)}\n`).join(''),
  );
});

/** @throws UsageError */
function parseRule(text: string): TuningRule {
  if (text === 'youden') return { kind: 'youden' };
  const share = /^fpr=(.+)$/.exec(text)?.[1];
  if (share !== undefined) return { kind: 'fpr', most: parseShare('--tune fpr', share) };
  const costs = /^cost=(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(text)?.slice(1).map(Number);
  if (costs === undefined || costs.every((cost) => cost === 0)) {
    throw new UsageError(`--tune ${text}: expected youden, fpr=X or cost=A:B`);
  }
  return { kind: 'cost', falseAlarm: costs[0]!, miss: costs[1]! };
}

/** @throws UsageError */
function parseShare(name: string, text: string): number {
  const value = /^(\d*\.)?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 1)) throw new UsageError(`${name} ${text}: expected a number from 0 to 1`);
  return value;
}

/** @throws UsageError */
function parseSeed(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seed <= 0xffffffff)) throw new UsageError(`--seed ${text}: expected 0 to 4294967295`);
  return seed;
}

/** @throws UsageError */
function formatOf(path: string): (videos: readonly VideoResult[]) => string {
  if (path.endsWith('.csv')) return formatBenchmarkCsv;
  if (path.endsWith('.json')) return (videos) => formatResultJson(videos);
  throw new UsageError(`--write ${path}: expected a name that ends with .csv or .json`);
}
