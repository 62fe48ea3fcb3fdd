import { keepEvaluated, keepRun, readRun } from '../../utils/browser/evaluation-db.ts';
import type { StoredRun } from '../../utils/browser/evaluation-db.ts';
import { settingsKeyOf } from '../../utils/domain/evaluation.ts';
import type { EvaluatedVideo, FileStamp } from '../../utils/domain/evaluation.ts';
import type { Gathered, GatheredFile } from './gather-files.ts';
import type { RunStore } from './run-store.ts';

/** Judges the videos of which no result is kept under the same settings, and keeps each result as it comes. */
export async function beginRun(store: RunStore, next: StoredRun, { files, folder }: Gathered): Promise<void> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const known = await knownResults(next, byPath);
  await keepRun({ ...next, folder }, known);
  store.plan({
    videos: next.videos,
    known,
    options: next.settings,
    open: async ({ path }) => {
      const found = byPath.get(path);
      if (found === undefined) {
        throw new DOMException('the folder does not have it any more', 'NotFoundError');
      }
      const file = await found.open();
      return { kind: 'file', file, stamp: stampOf(file) };
    },
    keep: keepEvaluated,
  });
  await store.start();
}

/** Results of the same files, by path, size and time, under the same settings. */
async function knownResults(
  { settings }: StoredRun,
  files: ReadonlyMap<string, GatheredFile>,
): Promise<readonly EvaluatedVideo[]> {
  const evaluated = (await readRun())?.evaluated ?? [];
  const settingsKey = settingsKeyOf(settings);
  const known: EvaluatedVideo[] = [];
  for (const each of evaluated) {
    if (each.settingsKey !== settingsKey) continue;
    const file = await files
      .get(each.video.path)
      ?.open()
      .catch(() => undefined);
    if (file === undefined) continue;
    const { byteLength, modifiedAt } = stampOf(file);
    if (byteLength === each.stamp.byteLength && modifiedAt === each.stamp.modifiedAt) known.push(each);
  }
  return known;
}

function stampOf({ size, lastModified }: File): FileStamp {
  return { byteLength: size, modifiedAt: lastModified };
}
