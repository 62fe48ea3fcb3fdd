import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { ExtractionReport } from '../../models/evaluation/commanded-run.ts';
import { targetOfFaceFile } from '../../models/evaluation/extraction-plan.ts';
import type { ExtractableVideo } from '../../models/evaluation/extraction-plan.ts';
import type { ExtractionOptions } from '../../models/evaluation/extract-videos.ts';
import { fileStampSchema } from '../../utils/domain/evaluation.ts';
import { UsageError } from './command-line.ts';
import type { VideoOrigin } from './list-videos.ts';
import { readIfThere, writeWhole } from './output-files.ts';

/** One line of faces.jsonl. */
export type FaceLine = Omit<Extract<ExtractionReport, { readonly kind: 'face' }>['face'], 'rgb'> & {
  readonly video: string;
  /** Below the output folder. */
  readonly file: string;
};

/** One line of videos.jsonl: the video's faces are all there. */
const doneVideo = v.object({
  video: v.string(),
  stamp: fileStampSchema,
  /** What was asked for: with other settings the video is read again. */
  settings: v.string(),
  framesScanned: v.number(),
  faces: v.number(),
});
export type DoneVideo = v.InferOutput<typeof doneVideo>;

export type ExtractionOutput = {
  readonly facesFile: string;
  readonly videosFile: string;
  /** By the video's path. */
  readonly done: Map<string, DoneVideo>;
};

type Settings = Omit<ExtractionOptions, 'jobs'>;

export type Extracted = {
  readonly videos: readonly ExtractableVideo[];
  readonly origins: ReadonlyMap<string, VideoOrigin>;
  readonly options: Settings;
};

export function settingsOf({ framesAsked, sampling, input }: Settings): string {
  return [framesAsked ?? 'all', sampling, input.cropMargin, input.sidePixels].join(' ');
}

/**
 * Leaves in the output folder what an earlier run has finished, and nothing of videos that it had begun.
 * @throws UsageError if there is an earlier run, and the user has not asked to continue it
 */
export async function openExtractionOutput(
  out: string,
  { videos, origins, options, isResumed }: Extracted & { readonly isResumed: boolean },
): Promise<ExtractionOutput> {
  const facesFile = join(out, 'faces.jsonl');
  const videosFile = join(out, 'videos.jsonl');
  const former = (await readIfThere(videosFile)) ?? '';
  const formerFaces = (await readIfThere(facesFile)) ?? '';
  if (!isResumed && former + formerFaces !== '') {
    throw new UsageError(`${videosFile} is there already: --resume continues it`);
  }
  const done = new Map<string, DoneVideo>();
  for (const line of former.split('\n')) {
    const read = v.safeParse(doneVideo, parseJson(line));
    if (!read.success || read.output.settings !== settingsOf(options)) continue;
    const stamp = origins.get(read.output.video)?.stamp;
    const { byteLength, modifiedAt } = read.output.stamp;
    if (stamp?.byteLength === byteLength && stamp.modifiedAt === modifiedAt) {
      done.set(read.output.video, read.output);
    }
  }
  const begun = new Set(videos.filter(({ path }) => !done.has(path)).map(({ target }) => target));
  for (const folder of new Set(videos.map(({ target }) => dirname(target)))) {
    await mkdir(join(out, folder), { recursive: true });
    for (const name of await readdir(join(out, folder))) {
      const target = targetOfFaceFile(`${folder}/${name}`);
      if (target !== null && begun.has(target)) await rm(join(out, folder, name));
    }
  }
  const keptFaces = formerFaces.split('\n').filter((line) => {
    const { video } = Object(parseJson(line)) as { readonly video?: unknown };
    return typeof video === 'string' && done.has(video);
  });
  await writeWhole(facesFile, keptFaces.map((line) => `${line}\n`).join(''));
  await writeWhole(videosFile, [...done.values()].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { facesFile, videosFile, done };
}

/** undefined where a line was cut off by the end of its program. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
