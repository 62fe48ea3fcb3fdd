import { open, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { REGISTRY } from '../../models/detectors/registry.ts';
import type { ExtractionReport } from '../../models/evaluation/commanded-run.ts';
import { nameOf } from '../../models/evaluation/dataset-layouts.ts';
import { planExtraction } from '../../models/evaluation/extraction-plan.ts';
import { encodePng } from '../../models/image/png.ts';
import { SAMPLINGS } from '../../utils/domain/evaluation.ts';
import {
  parseChoice,
  parseCommandLine,
  parseCount,
  parseFrames,
  print,
  printable,
  runCommand,
  UsageError,
} from './command-line.ts';
import { openEvaluationBrowser } from './evaluation-browser.ts';
import { openExtractionOutput, settingsOf } from './extraction-output.ts';
import type { DoneVideo, Extracted, ExtractionOutput, FaceLine } from './extraction-output.ts';
import { commandedVideo, MAX_JOBS } from './judge-in-browser.ts';
import { filesOf, listFiles, originsOf } from './list-videos.ts';
import { createProgress } from './progress.ts';

const DETECTORS = REGISTRY.detectors.map(({ id }) => id);

const USAGE = `Cuts the faces of a divided data set as the extension gives them to its networks, for training.

npm run extract-faces -- DIR --out DIR [--detector ${DETECTORS.join('|')}] [--frames N|all] [--sampling ${SAMPLINGS.join('|')}] [--jobs N]
  [--resume]

  DIR         a folder with {train,valid,test}_vid/{real,fake}/, such as npm run split makes; a folder of pictures in it is a video
  --out       a folder for {train,valid,test}/{real,fake}/NAME_face_I.png, for faces.jsonl with a line for each face (its video,
              frame, time, box [left, top, right, bottom] in the frame's pixels, person and the face detector's score), and for
              videos.jsonl with a line for each video that is done
  --detector  for whose networks the faces are cut (${DETECTORS[0]!})
  --frames    of each video (15)
  --sampling  linspace: evenly spread; step: every so many frames (linspace)
  --jobs      videos at the same time (one for each spare core)
  --resume    continues in the same folder: videos that are done are not read again

Exit code 0; 1 where some videos could not be read, which are listed; 2 for a wrong command line.`;

await runCommand(
  USAGE,
  async (args, signal) => {
    const { values, positionals } = parseCommandLine({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        detector: { type: 'string', default: DETECTORS[0]! },
        frames: { type: 'string', default: '15' },
        sampling: { type: 'string', default: 'linspace' },
        jobs: { type: 'string' },
        resume: { type: 'boolean', default: false },
      },
    });
    const [folder, ...others] = positionals;
    if (folder === undefined || others.length > 0) throw new UsageError('one folder is needed');
    const { out } = values;
    if (out === undefined) throw new UsageError('--out DIR is missing');
    const { crop, sidePixels } = REGISTRY.get(parseChoice('detector', values.detector, DETECTORS)).input;
    const options = {
      framesAsked: parseFrames(values.frames),
      sampling: parseChoice('sampling', values.sampling, SAMPLINGS),
      input: { cropMargin: crop.margin, sidePixels },
    };
    const jobs = values.jobs === undefined ? null : parseCount('jobs', values.jobs, MAX_JOBS);

    const listing = await listFiles([folder], signal);
    const plan = planExtraction(listing.files.map(({ path }) => path));
    if (plan.videos.length === 0) {
      throw new UsageError(`no video in ${folder}/{train,valid,test}_vid/{real,fake}/`);
    }
    process.stderr.write(`${plan.videos.length} videos\n`);
    if (plan.missing.length > 0) process.stderr.write(`without a video: ${plan.missing.join(', ')}\n`);
    if (plan.elsewhere.length > 0) {
      const [first] = plan.elsewhere;
      process.stderr.write(
        `elsewhere, so left out: ${plan.elsewhere.length}, such as ${printable(first!)}\n`,
      );
    }
    const origins = originsOf(listing.files, options);
    const output = await openExtractionOutput(out, {
      videos: plan.videos,
      origins,
      options,
      isResumed: values.resume,
    });
    const failed = await extract({ ...output, out, videos: plan.videos, origins, options, jobs }, signal);

    for (const { video, code, message } of listing.failed) failed.set(video.path, `${code}: ${message}`);
    for (const [path, reason] of failed) process.stderr.write(`${printable(`${path}: ${reason}`)}\n`);
    const done = [...output.done.values()];
    const faces = done.reduce((sum, video) => sum + video.faces, 0);
    const faceless = done.filter((video) => video.faces === 0).length;
    await print(
      `${faces} faces of ${done.length} videos (${faceless} without a face) in ${printable(out)}, ${failed.size} not read\n`,
    );
    if (failed.size > 0) process.exitCode = 1;
  },
  () => 'stopped; the same command with --resume continues it',
);

/** Cuts the faces of the videos that are not done. @returns why videos could not be read, by path */
async function extract(
  {
    facesFile,
    videosFile,
    done,
    out,
    videos,
    origins,
    options,
    jobs,
  }: ExtractionOutput & Extracted & { readonly out: string; readonly jobs: number | null },
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  const pending = videos.filter(({ path }) => !done.has(path));
  if (pending.length === 0) return failed;
  const targets = new Map(pending.map(({ path, target }) => [path, target]));
  const linesOf = new Map<string, FaceLine[]>(pending.map(({ path }) => [path, []]));
  const progress = createProgress(videos.length, done.size);
  const lists: FileHandle[] = [];
  try {
    const [faceList, videoList] = [await open(facesFile, 'a'), await open(videosFile, 'a')];
    lists.push(faceList, videoList);
    const onEvent = async (event: ExtractionReport): Promise<void> => {
      switch (event.kind) {
        case 'face': {
          const { rgb, ...face } = event.face;
          const lines = linesOf.get(event.path)!;
          const file = `${targets.get(event.path)!}_face_${lines.length}.png`;
          lines.push({ video: event.path, file, ...face });
          progress.sawFrame(event.path, face.frameIndex);
          const side = options.input.sidePixels;
          const picture = {
            data: Buffer.from(rgb, 'base64'),
            width: side,
            height: side,
            channels: 3,
          } as const;
          await writeFile(join(out, file), encodePng(picture));
          return;
        }
        case 'extracted': {
          const { path, framesScanned, refusal } = event;
          const lines = linesOf.get(path)!;
          if (refusal === null) {
            await faceList.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
            const video: DoneVideo = {
              video: path,
              stamp: origins.get(path)!.stamp,
              settings: settingsOf(options),
              framesScanned,
              faces: lines.length,
            };
            await videoList.appendFile(`${JSON.stringify(video)}\n`);
            done.set(path, video);
            linesOf.delete(path);
          } else failed.set(path, refusal);
          progress.ended(path, refusal ?? `${lines.length} faces`);
          return;
        }
        case 'failed': {
          const { video, code, message } = event.failed;
          failed.set(video.path, `${code}: ${message}`);
          progress.ended(video.path, code);
          return;
        }
        default:
          event satisfies never;
      }
    };
    const browser = await openEvaluationBrowser(false, signal);
    try {
      const given = pending.map(({ path, label }) => {
        const video = {
          path,
          name: nameOf(path),
          klass: 'uncategorized',
          trueLabel: label,
          compression: null,
        };
        return commandedVideo({ video, origin: origins.get(path)! });
      });
      const engines = jobs ?? (await browser.suitableJobs([], 'wasm'));
      await browser.extract(
        { videos: given, options: { ...options, jobs: Math.min(pending.length, engines) } },
        pending.flatMap(({ path }) => filesOf(origins.get(path)!)),
        onEvent,
      );
    } finally {
      await browser.close();
    }
  } finally {
    progress.end();
    for (const list of lists) await list.close();
    // Of videos that failed, or were begun.
    const left = [...linesOf.values()].flat();
    for (const { file } of left) await rm(join(out, file), { force: true });
  }
  return failed;
}
