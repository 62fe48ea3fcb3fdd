import { frameFolders, nameOf } from '../../models/evaluation/dataset-layouts.ts';
import type { GivenVideo } from '../../models/evaluation/evaluate-videos.ts';
import { chooseFrames } from '../../models/frames/images-source.ts';
import { keepEvaluated, keepRun, readRun } from '../../utils/browser/evaluation-db.ts';
import type { StoredRun } from '../../utils/browser/evaluation-db.ts';
import { settingsKeyOf } from '../../utils/domain/evaluation.ts';
import type { EvaluatedVideo, EvaluationSettings, FileStamp } from '../../utils/domain/evaluation.ts';
import type { Gathered, GatheredFile } from './gather-files.ts';
import type { RunStore } from './run-store.ts';

/** Judges the videos of which no result is kept under the same settings, and keeps each result as it comes. */
export async function beginRun(store: RunStore, next: StoredRun, { files, folder }: Gathered): Promise<void> {
  const videos = videosIn(files, next.settings);
  const known = await knownResults(next, videos);
  await keepRun({ ...next, folder }, known);
  store.plan({
    videos: next.videos,
    known,
    options: next.settings,
    open: async ({ path }) => {
      const open = videos.get(path);
      if (open === undefined) {
        throw new DOMException('the folder does not have it any more', 'NotFoundError');
      }
      return await open();
    },
    keep: keepEvaluated,
  });
  await store.start();
}

/** Opens a video. @throws DOMException where it has gone or may not be read any more */
type OpenVideo = () => Promise<GivenVideo>;

/** The files, and the folders of frames, by path. */
function videosIn(
  files: readonly GatheredFile[],
  { framesAsked, sampling }: EvaluationSettings,
): ReadonlyMap<string, OpenVideo> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const videos = new Map(
    files.map(({ path, open }): [string, OpenVideo] => [
      path,
      async () => {
        const file = await open();
        return { kind: 'file', file, stamp: stampOf([file]) };
      },
    ]),
  );
  for (const [folder, paths] of frameFolders([...byPath.keys()])) {
    videos.set(folder, async () => {
      const pictures = await Promise.all(
        paths.map(async (path) => ({ name: nameOf(path), file: await byPath.get(path)!.open() })),
      );
      const images = chooseFrames(pictures, framesAsked, sampling).map(({ number, file: { file } }) => ({
        number,
        file,
      }));
      return { kind: 'images', images, stamp: stampOf(pictures.map(({ file }) => file)) };
    });
  }
  return videos;
}

/** Results of the same files, by path, size and time, under the same settings. */
async function knownResults(
  { settings }: StoredRun,
  videos: ReadonlyMap<string, OpenVideo>,
): Promise<readonly EvaluatedVideo[]> {
  const evaluated = (await readRun())?.evaluated ?? [];
  const settingsKey = settingsKeyOf(settings);
  const known: EvaluatedVideo[] = [];
  for (const each of evaluated) {
    if (each.settingsKey !== settingsKey) continue;
    const given = await videos
      .get(each.video.path)?.()
      .catch(() => undefined);
    if (given === undefined) continue;
    const { byteLength, modifiedAt } = given.stamp;
    if (byteLength === each.stamp.byteLength && modifiedAt === each.stamp.modifiedAt) known.push(each);
  }
  return known;
}

function stampOf(files: readonly File[]): FileStamp {
  return {
    byteLength: files.reduce((sum, { size }) => sum + size, 0),
    modifiedAt: Math.max(...files.map(({ lastModified }) => lastModified)),
  };
}
