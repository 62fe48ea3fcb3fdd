import * as v from 'valibot';
import { reportSchema } from './report.ts';
import type { DeepReadonly } from './verdict.ts';

/** Raised with every change of {@link ExportedReport} that older readers cannot read. The report has its own version. */
export const EXPORT_VERSION = 1;

/**
 * One check as a JSON file: `report.json` of an evidence bundle, or by itself. exported-report.schema.json is the same as
 * JSON Schema, for readers outside this project; a test keeps the two equal.
 */
export const exportedReportSchema = v.object({
  format: v.literal('trueframe-report'),
  version: v.literal(EXPORT_VERSION),
  /** The version of TrueFrame that wrote the file. */
  writtenBy: v.string(),
  scanId: v.string(),
  /** The page's title, or the video's own where the page gives one. */
  title: v.string(),
  /** Address of the page in the tab, or of the post in it; for a file, `file:` and its name. */
  pageUrl: v.string(),
  /** When the check began; its end, if only the history knows it. In UTC, with milliseconds. */
  checkedAt: v.pipe(
    v.string(),
    v.isoTimestamp(),
    // Not every engine knows a date for the 31st of February, and Intl formats none.
    v.check((text) => Number.isFinite(Date.parse(text))),
  ),
  report: reportSchema,
});
export type ExportedReport = DeepReadonly<v.InferOutput<typeof exportedReportSchema>>;

/** The bytes of `report.json`, as text. */
export function exportedText(exported: ExportedReport): string {
  return `${JSON.stringify(exported, null, 2)}\n`;
}

/** @returns null for a text that is no exported report of this version */
export function parseExported(exported: string): ExportedReport | null {
  try {
    const parsed = v.safeParse(exportedReportSchema, JSON.parse(exported), { abortEarly: true });
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
