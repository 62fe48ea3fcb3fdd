import * as v from 'valibot';
import { csvField } from './csv.ts';
import { REPORT_VERSION, upgradeReport } from './report.ts';
import { historyEntrySchema } from './scan.ts';
import type { HistoryEntry } from './scan.ts';

/**
 * The history as a file. JSON: an object with `format`, `version`, `exportedAt` (ISO 8601) and `entries`, one entry a line, as
 * {@link historyEntrySchema} has them without pictures. CSV: RFC 4180, one line a scan, for spreadsheets; it can't be read back.
 */
const HISTORY_FORMAT = 'trueframe-history';
/** Raised with every change that older code can't read. Each report in the file has its own version. */
export const HISTORY_FILE_VERSION = 1;

/**
 * Twenty thousand entries of 10 kB, and some room. The file is read as one text, and a browser's longest text is 500
 * MB.
 */
export const MAX_IMPORT_BYTES = 256_000_000;
/** Pages cut titles at 300, but the name of a file on the disk may be longer. */
const MAX_IMPORTED_TITLE = 10_000;
const MAX_IMPORTED_ADDRESS = 100_000;
const MAX_IMPORTED_ID = 100;
/** The end of the year 9999, in milliseconds since the epoch. The browser's dates end there or later. */
const MAX_TIME = 253_402_300_799_999;

/** The parts of a file whose entries are written one after the other. */
export type HistoryWriter = {
  readonly head: string;
  readonly entry: (entry: HistoryEntry, isFirst: boolean) => string;
  readonly tail: string;
};

/** @param now milliseconds since the epoch */
export function jsonWriter(now: number): HistoryWriter {
  const exportedAt = JSON.stringify(new Date(now).toISOString());
  return {
    head: `{"format":"${HISTORY_FORMAT}","version":${HISTORY_FILE_VERSION},"exportedAt":${exportedAt},"entries":[`,
    // Pictures are left out: a file of the history is for other people to read, faces are not.
    entry: ({ facePicture: _, ...entry }, isFirst) => `${isFirst ? '' : ','}\n${JSON.stringify(entry)}`,
    tail: '\n]}\n',
  };
}

const COLUMNS: Readonly<Record<string, (entry: HistoryEntry) => string | number>> = {
  finishedAt: ({ finishedAt }) => new Date(finishedAt).toISOString(),
  verdict: ({ report }) => report.verdict.kind,
  refusal: ({ report: { verdict } }) => (verdict.kind === 'refused' ? verdict.reason : ''),
  score: ({ report: { verdict } }) => (verdict.kind === 'refused' ? '' : verdict.score),
  framesJudged: ({ report: { verdict } }) => (verdict.kind === 'refused' ? 0 : verdict.framesUsed),
  framesScanned: ({ report }) => report.verdict.framesScanned,
  title: ({ title }) => title,
  page: ({ pageUrl }) => pageUrl,
  file: ({ fileUrl }) => fileUrl ?? '',
  model: ({ report }) => report.used.model?.modelId ?? '',
  isDemo: ({ report }) => String(report.used.model?.isDemo === true),
  dtype: ({ report }) => report.used.model?.dtype ?? '',
  device: ({ report }) => report.used.model?.device ?? '',
  ownLabel: ({ ownLabel }) => ownLabel ?? '',
  note: ({ note }) => note,
  scanId: ({ scanId }) => scanId,
};

/** The names of its columns are the fields' own, in every language. */
export function csvWriter(): HistoryWriter {
  return {
    // Spreadsheets take a file without this sign for one of another encoding.
    head: `\uFEFF${Object.keys(COLUMNS).join(',')}\r\n`,
    entry: (entry) =>
      `${Object.values(COLUMNS)
        .map((column) => csvField(column(entry)))
        .join(',')}\r\n`,
    tail: '',
  };
}

/** Why a file is not imported. Nothing has changed then. */
export type ImportProblem =
  | { readonly code: 'too-large' }
  /** The file is no JSON, or was cut short. */
  | { readonly code: 'not-json' }
  /** The file is JSON of another kind. */
  | { readonly code: 'foreign' }
  /** The file, or a report in it, is of a later version than this extension's. */
  | { readonly code: 'newer' }
  /** The file is of a version that was never in use. */
  | { readonly code: 'older' }
  /** @property number of the entry, from 1 */
  | { readonly code: 'entry-invalid'; readonly number: number }
  | { readonly code: 'entry-newer'; readonly number: number }
  | { readonly code: 'too-many' }
  /** The history would forget the entries at once. */
  | { readonly code: 'expired'; readonly count: number };

export type ImportedFile =
  { readonly entries: readonly HistoryEntry[] } | { readonly problem: ImportProblem };

const file = v.object({
  format: v.literal(HISTORY_FORMAT),
  version: v.pipe(v.number(), v.integer()),
  entries: v.array(v.unknown()),
});

const text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength));
const importedEntry = v.object({
  ...historyEntrySchema.entries,
  scanId: v.pipe(text(MAX_IMPORTED_ID), v.minLength(1)),
  title: text(MAX_IMPORTED_TITLE),
  pageUrl: text(MAX_IMPORTED_ADDRESS),
  fileUrl: v.nullable(text(MAX_IMPORTED_ADDRESS)),
  finishedAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_TIME)),
});

/** Validated in one task, twenty thousand entries would hold the page for seconds. */
const ENTRIES_A_TASK = 200;

/** Validates the text of a file as a whole: if one entry is not right, none is imported. */
export async function parseHistoryFile(content: string): Promise<ImportedFile> {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return { problem: { code: 'not-json' } };
  }
  const parsed = v.safeParse(file, json);
  if (!parsed.success) return { problem: { code: 'foreign' } };
  const { version, entries: stored } = parsed.output;
  if (version > HISTORY_FILE_VERSION) return { problem: { code: 'newer' } };
  if (version < HISTORY_FILE_VERSION) return { problem: { code: 'older' } };
  const byId = new Map<string, HistoryEntry>();
  for (const [index, value] of stored.entries()) {
    if (index % ENTRIES_A_TASK === ENTRIES_A_TASK - 1) await new Promise((next) => setTimeout(next));
    const own = Object(value) as { readonly report?: unknown };
    const candidate = { ...own, report: upgradeReport(own.report), facePicture: null };
    const entry = v.safeParse(importedEntry, candidate, { abortEarly: true });
    if (!entry.success) {
      return { problem: { code: isNewer(own.report) ? 'entry-newer' : 'entry-invalid', number: index + 1 } };
    }
    byId.set(entry.output.scanId, entry.output);
  }
  return { entries: [...byId.values()] };
}

function isNewer(report: unknown): boolean {
  const { version } = Object(report) as { readonly version?: unknown };
  return typeof version === 'number' && version > REPORT_VERSION;
}
