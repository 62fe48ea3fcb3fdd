import * as v from 'valibot';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { TrueLabel } from '../../utils/domain/evaluation.ts';
import type { LabelledScore } from './metrics.ts';

/** One video of a file of results. */
export type VideoResult = LabelledScore & {
  readonly name: string;
  /** What the data set calls this kind of video, such as a method of manipulation. */
  readonly klass: string;
  /** The data set's name of it, such as `c40`; null where the file does not tell. */
  readonly compression: string | null;
  /** Median side of the judged faces in pixels; null where the file does not tell. */
  readonly faceSidePixels: number | null;
  /** The part of the data set, such as `test_vid`; null where the file does not tell. */
  readonly split: string | null;
};

/** The largest data set that this reads has 128,154 videos (all of DFDC); some room above. */
export const MAX_VIDEOS = 200_000;
/** A video takes 80 to 160 bytes in either form of file. */
export const MAX_RESULTS_BYTE_LENGTH = 64 * 2 ** 20;
/** The longest name of a file in the usual file systems. */
const MAX_NAME_LENGTH = 1024;

const name = v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH));
const score = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const label = v.picklist(['FAKE', 'REAL']);
const columnOf = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.maxLength(MAX_VIDEOS));

const resultJson = v.object({
  video: v.object({
    name: columnOf(name),
    pred: columnOf(score),
    klass: columnOf(v.union([name, v.array(name)])),
    pred_label: columnOf(label),
    correct_label: columnOf(v.union([label, v.literal('unknown')])),
    compression: v.optional(columnOf(v.nullable(name))),
  }),
  /** Of the same videos in the same order. It lies beside the original's object, which has the original's keys alone. */
  face_side_pixels: v.optional(columnOf(v.nullable(v.pipe(v.number(), v.minValue(0))))),
});

/** The videos of a file of results that figures can be computed of. */
export type Results = {
  /** At least one. */
  readonly videos: readonly VideoResult[];
  /** Count of the videos whose true label is unknown: no figure counts them. */
  readonly unlabelled: number;
};

/**
 * The videos of a file of results: the original's JSON (`video: {name, pred, klass, pred_label, correct_label,
 * compression?}`, one column each), or the CSV of its benchmark.
 * @throws DetectorError `results-invalid`
 */
export function parseResults(text: string): Results {
  const results = text.trimStart().startsWith('{')
    ? parseJson(text)
    : { videos: parseBenchmarkCsv(text), unlabelled: 0 };
  if (results.videos.length === 0) throw invalid('there is no video with a true label in it');
  return results;
}

function parseJson(text: string): Results {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid('it is no JSON', error);
  }
  const parsed = v.safeParse(resultJson, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(`${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  }
  const { video, face_side_pixels: faceSides } = parsed.output;
  const count = video.name.length;
  const columns = Object.entries(video).map(([key, column]) => [`video.${key}`, column] as const);
  for (const [key, column] of [...columns, ['face_side_pixels', faceSides] as const]) {
    if (column !== undefined && column.length !== count) {
      throw invalid(`${key} has ${column.length} entries, but there are ${count} names`);
    }
  }
  const videos = video.name.flatMap((each, index) => {
    const klass = video.klass[index]!;
    const trueLabel = video.correct_label[index]!;
    if (trueLabel === 'unknown') return [];
    return {
      name: each,
      score: video.pred[index]!,
      label: video.pred_label[index]!,
      trueLabel,
      klass: typeof klass === 'string' ? klass : klass.join(' and '),
      compression: video.compression?.[index] ?? compressionInName(each),
      faceSidePixels: faceSides?.[index] ?? null,
      split: null,
    };
  });
  return { videos, unlabelled: count - videos.length };
}

/** FaceForensics++ and the videos of actors beside it have it at the end of the name. */
export function compressionInName(fileName: string): string | null {
  return /_(raw|c23|c40)\.\w+$/.exec(fileName)?.[1] ?? null;
}

/** A video that is written: its true label may be unknown. */
export type WrittenResult = Omit<VideoResult, 'trueLabel'> & { readonly trueLabel: TrueLabel | null };

/**
 * The original's result file of these videos, key for key; `face_side_pixels` lies beside it, where it is known.
 * @param unjudged videos without a score, under a key of their own; the key is missing where this is left out
 */
export function formatResultJson(videos: readonly WrittenResult[], unjudged?: readonly object[]): string {
  const hasCompression = videos.some(({ compression }) => compression !== null);
  const hasSize = videos.some(({ faceSidePixels }) => faceSidePixels !== null);
  return `${JSON.stringify({
    video: {
      name: videos.map((video) => video.name),
      pred: videos.map((video) => video.score),
      klass: videos.map((video) => video.klass),
      pred_label: videos.map((video) => video.label),
      correct_label: videos.map((video) => labelWord(video.trueLabel)),
      ...(hasCompression && { compression: videos.map((video) => video.compression) }),
    },
    ...(hasSize && { face_side_pixels: videos.map((video) => video.faceSidePixels) }),
    ...(unjudged !== undefined && { unjudged }),
  })}\n`;
}

/** As the original writes it. */
export function labelWord(trueLabel: TrueLabel | null): string {
  return trueLabel ?? 'unknown';
}

const CSV_COLUMNS = ['Split', 'Label', 'Filename', 'Prediction', 'Confidence'] as const;
const csvRow = v.object({
  Split: v.optional(name),
  Label: label,
  Filename: name,
  Prediction: label,
  Confidence: v.pipe(
    v.string(),
    v.regex(/^[\d.]+(e-?\d+)?$/i),
    v.transform((text) => Number(text)),
    score,
  ),
});

/**
 * The CSV of the original's benchmark: `Split,Label,Filename,Prediction,Confidence`, the first one missing where it judged a
 * folder without parts. `Confidence` is the score.
 * @throws DetectorError `results-invalid`
 */
export function parseBenchmarkCsv(text: string): readonly VideoResult[] {
  const [head = [], ...rows] = csvRows(text);
  const missing = CSV_COLUMNS.filter((column) => column !== 'Split' && !head.includes(column));
  if (missing.length > 0) throw invalid(`neither JSON, nor a CSV with the columns ${missing.join(', ')}`);
  if (rows.length > MAX_VIDEOS) throw invalid(`more than ${MAX_VIDEOS} videos`);
  return rows.map((row, index) => {
    if (row.length !== head.length) {
      throw invalid(`row ${index + 2} has ${row.length} values, but there are ${head.length} columns`);
    }
    const fields = Object.fromEntries(head.map((column, at) => [column, row[at]!]));
    const parsed = v.safeParse(csvRow, fields, { abortEarly: true });
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw invalid(`row ${index + 2}, ${v.getDotPath(issue) ?? ''}: ${issue.message}`);
    }
    const { Split, Label, Filename, Prediction, Confidence } = parsed.output;
    return {
      name: Filename,
      score: Confidence,
      label: Prediction,
      trueLabel: Label,
      klass: '',
      compression: compressionInName(Filename),
      faceSidePixels: null,
      split: Split ?? null,
    };
  });
}

/** The same CSV of these videos, as pandas writes it. */
export function formatBenchmarkCsv(videos: readonly VideoResult[]): string {
  const rows = videos.map(({ split, trueLabel, name: fileName, label: given, score: confidence }) => [
    split ?? '',
    trueLabel,
    fileName,
    given,
    String(confidence),
  ]);
  return [CSV_COLUMNS, ...rows].map((row) => `${row.map(csvValue).join(',')}\n`).join('');
}

/** As RFC 4180: quoted where it holds a comma, a quote or the end of a line. */
function csvValue(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * One value of a row with what ends it: a comma, the end of a line, or the end of the text. A quoted value has at most 4096
 * characters: the engine of regular expressions keeps each of them on its stack.
 */
const CSV_VALUE = /(?:"((?:[^"]|""){0,4096})"|([^",\r\n]*))(,|\r?\n|$)/y;

/** @throws DetectorError `results-invalid` for a quote in the middle of a value, one that is not closed, or a value of no end */
function csvRows(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  CSV_VALUE.lastIndex = 0;
  while (CSV_VALUE.lastIndex < text.length || row.length > 0) {
    const found = CSV_VALUE.exec(text);
    if (found === null) {
      throw invalid(`row ${rows.length + 1} has a quote where none may be, or too long a value`);
    }
    const [, quoted, plain = '', end] = found;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    // An empty line holds no row.
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}

function invalid(problem: string, cause?: unknown): DetectorError {
  return new DetectorError('results-invalid', problem, cause === undefined ? {} : { cause });
}
