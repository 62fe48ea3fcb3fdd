import * as v from 'valibot';
import { csvField } from '../../utils/domain/csv.ts';
import { evaluatedVideoSchema, outcomeOf } from '../../utils/domain/evaluation.ts';
import type { EvaluatedVideo, FailedVideo, PlannedVideo, TrueLabel } from '../../utils/domain/evaluation.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import { compressionInName, formatResultJson, labelWord } from './results.ts';
import type { VideoResult, WrittenResult } from './results.ts';

/** The videos of a run that have ended, in the order of the result files. */
export type RunResults = {
  readonly evaluated: readonly EvaluatedVideo[];
  readonly failed: readonly FailedVideo[];
};

/** The original's two figures of a video; null where it has no verdict. */
export function predictionOf({
  verdict,
}: ScanReport): { readonly score: number; readonly label: TrueLabel } | null {
  if (verdict.kind === 'refused') return null;
  const { pooledScore, pooledLabel } = verdict;
  // Reports of versions without the class have the score alone.
  return { score: pooledScore, label: pooledLabel ?? (pooledScore > 0.5 ? 'FAKE' : 'REAL') };
}

/** The videos that have a score, as they are written into a file of results. */
function scoredResults(evaluated: RunResults['evaluated']): readonly WrittenResult[] {
  return evaluated.flatMap(({ video, report }) => {
    const prediction = predictionOf(report);
    if (prediction === null) return [];
    const { name, klass, trueLabel, compression } = video;
    const faceSidePixels = medianSideOf(report);
    return [{ name, klass, trueLabel, compression, faceSidePixels, split: null, ...prediction }];
  });
}

/** The videos of a run that figures can be computed of: those that parseResults finds in the run's file of results. */
export function labelledResults(evaluated: RunResults['evaluated']): readonly VideoResult[] {
  return scoredResults(evaluated).flatMap(({ trueLabel, ...result }) =>
    trueLabel === null
      ? []
      : [{ ...result, trueLabel, compression: result.compression ?? compressionInName(result.name) }],
  );
}

/**
 * The original's result file of a run. Its script gives a video without a face .5 and FAKE; here such a video is in `unjudged`
 * with its reason, as every other one without a score.
 */
export function formatPredictions(results: RunResults): string {
  const unjudged = listUnjudged(results).map(({ video: { name, path, klass, trueLabel }, reason }) => ({
    name,
    path,
    klass,
    correct_label: labelWord(trueLabel),
    reason,
  }));
  return formatResultJson(scoredResults(results.evaluated), unjudged);
}

/** Of all judged faces, in whole pixels: the upper one of the two middle ones. null where none was measured. */
function medianSideOf({ frameScores }: ScanReport): number | null {
  const sides = frameScores.flatMap(({ measures }) => measures?.sidePixels ?? []).sort((a, b) => a - b);
  const median = sides[sides.length >> 1];
  return median === undefined ? null : Math.round(median);
}

export type UnjudgedVideo = {
  readonly video: PlannedVideo;
  /** A refusal's or a failure's code, with the system's message where there is one. */
  readonly reason: string;
  /** The file or the engine has failed. Other videos were refused, such as those without a face. */
  readonly isFailure: boolean;
};

export function listUnjudged({ evaluated, failed }: RunResults): readonly UnjudgedVideo[] {
  return [
    ...evaluated.flatMap(({ video, report }) =>
      report.verdict.kind === 'refused'
        ? [{ video, reason: report.verdict.reason, isFailure: outcomeOf(report) === 'unreadable' }]
        : [],
    ),
    ...failed.map(({ video, code, message }) => ({
      video,
      reason: message === '' ? code : `${code}: ${message}`,
      isFailure: true,
    })),
  ];
}

/** The report of one video on one line, with the video beside the report's own fields. */
export function formatReportLine({ report, ...evaluation }: EvaluatedVideo): string {
  return `${JSON.stringify({ ...report, evaluation })}\n`;
}

/** Of the lines that a run has appended. A last line that was cut off by the end of its program is left out. */
export function parseReportLines(text: string): readonly EvaluatedVideo[] {
  return text.split('\n').flatMap((line) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      return [];
    }
    const { evaluation, ...report } = Object(parsed) as Readonly<Record<string, unknown>>;
    const evaluated = { ...(Object(evaluation) as object), report };
    const read = v.safeParse(evaluatedVideoSchema, evaluated);
    return read.success ? [read.output] : [];
  });
}

const COLUMNS = [
  'path',
  'class',
  'true label',
  'score',
  'label',
  'verdict',
  'reason',
  'frames',
  'seconds',
] as const;

/** The page's table as RFC 4180. */
export function formatTable({ evaluated, failed }: RunResults): string {
  const rows = evaluated.map(({ video, report, milliseconds }) => {
    const { verdict } = report;
    const prediction = predictionOf(report);
    return [
      video.path,
      video.klass,
      video.trueLabel ?? '',
      prediction?.score ?? '',
      prediction?.label ?? '',
      verdict.kind,
      verdict.kind === 'refused' ? verdict.reason : '',
      verdict.framesScanned,
      milliseconds / 1000,
    ];
  });
  const failures = failed.map(({ video, code }) => [
    video.path,
    video.klass,
    video.trueLabel ?? '',
    '',
    '',
    'failed',
    code,
    '',
    '',
  ]);
  return [COLUMNS, ...rows, ...failures].map((cells) => `${cells.map(csvField).join(',')}\r\n`).join('');
}
