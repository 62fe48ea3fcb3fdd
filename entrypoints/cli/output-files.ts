import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import type { EvaluatedVideo } from '../../utils/domain/evaluation.ts';
import { UsageError } from './command-line.ts';

/** The files that a run writes. */
export type OutputFiles = {
  readonly results: string;
  /** A report of each video a line, written as they come. */
  readonly reports: string;
  /** Of an earlier run. */
  readonly known: readonly EvaluatedVideo[];
};

/** @throws UsageError if there are results or reports, and the user has not asked to continue them */
export async function openOutput(out: string, isResumed: boolean): Promise<OutputFiles> {
  const reports = `${out.replace(/\.json$/, '')}.report.jsonl`;
  const former = await readIfThere(reports);
  if (!isResumed && (former !== null || (await exists(out)))) {
    throw new UsageError(`${former === null ? out : reports} is there already: --resume continues it`);
  }
  return { results: out, reports, known: former === null ? [] : parseReportLines(former) };
}

/** null where there is no such file. */
export async function readIfThere(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** A file has its name only when it is whole. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, content);
  await rename(unfinished, path);
}
