import { readFile } from 'node:fs/promises';
import {
  ownList,
  planDataset,
  recognizeDataset,
  textFilesOf,
} from '../../models/evaluation/dataset-layouts.ts';
import type { DatasetPlan, VideoList } from '../../models/evaluation/dataset-layouts.ts';
import { parseNameList } from '../../models/evaluation/label-file.ts';
import { publishedList } from '../../models/evaluation/published-lists.ts';
import { formatPredictions, listUnjudged, predictionOf } from '../../models/evaluation/result-files.ts';
import { DATASET_KINDS, SAMPLINGS } from '../../utils/domain/evaluation.ts';
import type { DatasetKind, FailedVideo, PlannedVideo } from '../../utils/domain/evaluation.ts';
import { GRAPH_DEVICES, WEIGHT_DTYPES } from '../../utils/domain/model.ts';
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
import { parseQueueAddress } from './job-queue.ts';
import { createBrowserExecutor, MAX_JOBS } from './judge-in-browser.ts';
import { judgeVideos } from './judge-videos.ts';
import { listFiles, originsOf, readTexts, videoOfAddress } from './list-videos.ts';
import type { ListedFile } from './list-videos.ts';
import { chooseModelFolders, NETWORK_WORDS } from './model-folders.ts';
import type { ModelFolder } from './model-folders.ts';
import { createQueueExecutor } from './queue-run.ts';
import { openOutput, writeWhole } from './output-files.ts';

const USAGE = `Judges videos with the extension in a Chromium of its own, and writes the result file of the original.

npm run predict -- --model DIR [--model DIR] PATH… [--dataset auto|${DATASET_KINDS.join('|')}] [--list authors|all|FILE]
  [--network ${NETWORK_WORDS.join('|')}] [--dtype ${WEIGHT_DTYPES.join('|')}] [--device ${GRAPH_DEVICES.join('|')}]
  [--frames N|all] [--sampling ${SAMPLINGS.join('|')}] [--jobs N] [--out FILE] [--resume]
  [--queue ADDRESS]

  PATH        a video, a folder, or an http(s) address of a video that the browser plays. A folder whose pictures (PNG, JPEG) are
              the frames of a video counts as one
  --model     a folder of npm run convert; one for each network that judges
  --dataset   what each folder is (auto: recognised by its folders and files)
  --list      which videos of it: the authors' test videos, all, or those that a file names, as a JSON array or one in a
              line (the data set's own list, else the authors', where there is one)
  --network   which of the models judge (all that are given)
  --dtype     only models in this form
  --device    where the networks run (as the model's self-test chooses)
  --frames    of each video (15)
  --sampling  linspace: evenly spread; step: every so many frames (linspace)
  --jobs      videos at the same time (one for each spare core, as the memory allows)
  --out       the result file; beside it .report.jsonl has one report a line, written as they come
  --resume    continues the run whose reports are there: what is judged is not judged again
  --queue     redis://HOST[:PORT][/DATABASE]: the workers of this Redis server judge (npm run worker), on any number of
              computers that see the same files

Exit code 0; 1 where some videos could not be judged, which are listed; 2 for a wrong command line.`;

const PROBLEM_TEXTS: Readonly<Record<DatasetPlan['problems'][number]['code'], string>> = {
  missing: 'not there',
  'listed-absent': 'on the list, and not in the folder',
  unlisted: 'not on the list, so left out',
  'label-unknown': 'without a label that is real or fake, so left out',
  'labelled-absent': 'in the label file, and not in the folder',
  unreadable: 'unreadable',
};

/** Once there is something that can be continued. */
let out: string | null = null;

await runCommand(
  USAGE,
  async (args, signal) => {
    const { values, positionals } = parseCommandLine({
      args: [...args],
      allowPositionals: true,
      options: {
        model: { type: 'string', multiple: true },
        dataset: { type: 'string', default: 'auto' },
        list: { type: 'string' },
        network: { type: 'string' },
        dtype: { type: 'string' },
        device: { type: 'string' },
        frames: { type: 'string', default: '15' },
        sampling: { type: 'string', default: 'linspace' },
        jobs: { type: 'string' },
        out: { type: 'string' },
        resume: { type: 'boolean', default: false },
        queue: { type: 'string' },
      },
    });
    if (positionals.length === 0) throw new UsageError('no videos');
    const kind = parseChoice('dataset', values.dataset, ['auto', ...DATASET_KINDS] as const);
    const sampling = parseChoice('sampling', values.sampling, SAMPLINGS);
    const device = values.device === undefined ? null : parseChoice('device', values.device, GRAPH_DEVICES);
    const framesAsked = parseFrames(values.frames);
    const jobs = values.jobs === undefined ? null : parseCount('jobs', values.jobs, MAX_JOBS);
    const queue = values.queue === undefined ? null : parseQueueAddress(values.queue);
    if (queue !== null && jobs !== null) throw new UsageError('--jobs is for each worker to say');
    if (values.resume && values.out === undefined) throw new UsageError('--resume needs --out FILE');
    const models = await chooseModelFolders(values.model ?? [], {
      network: values.network,
      dtype: values.dtype === undefined ? null : parseChoice('dtype', values.dtype, WEIGHT_DTYPES),
    });

    const listing = await listFiles(positionals, signal);
    const plans = await planFolders(listing.files, kind, values.list ?? null);
    for (const plan of plans) describePlan(plan);
    const videos = plans.flatMap((plan) => plan.videos);
    const files = await openOutput(values.out ?? defaultOutput(plans, models), values.resume);
    out = files.results;
    const settings = { framesAsked, sampling, device, modelIds: models.map(({ modelId }) => modelId) };
    const { evaluated, failed } = await judgeVideos(
      {
        videos,
        origins: originsOf(listing.files, settings),
        settings,
        files,
        execute:
          queue === null
            ? createBrowserExecutor({ models, settings, jobs })
            : createQueueExecutor({
                address: queue,
                nameFile: `${files.reports}.queue`,
                isResumed: values.resume,
                models,
                settings,
              }),
      },
      signal,
    );
    const results = {
      evaluated,
      failed: [...failed, ...plans.flatMap(({ leftOut }) => leftOut.map(leftOutVideo)), ...listing.failed],
    };
    await writeWhole(files.results, formatPredictions(results));
    const unjudged = listUnjudged(results);
    for (const { video, reason } of unjudged) {
      process.stderr.write(`${printable(`${video.path}: ${reason}`)}\n`);
    }
    const scored = evaluated.filter(({ report }) => predictionOf(report) !== null).length;
    await print(
      `${scored} judged, ${unjudged.length} not; results in ${printable(files.results)}, reports in ${printable(files.reports)}\n`,
    );
    if (unjudged.some(({ isFailure }) => isFailure)) process.exitCode = 1;
  },
  () =>
    out === null
      ? 'stopped; nothing was left behind'
      : `stopped; the same command with --out ${printable(out)} --resume continues it`,
);

/** Each given folder is a data set of its own. Files and addresses that are given themselves come together, without labels. */
async function planFolders(
  files: readonly ListedFile[],
  wanted: DatasetKind | 'auto',
  list: string | null,
): Promise<readonly DatasetPlan[]> {
  const plans: DatasetPlan[] = [];
  for (const members of Map.groupBy(files, ({ folder }) => folder).values()) {
    plans.push(await planFiles(members, wanted, list));
  }
  return plans;
}

async function planFiles(
  files: readonly ListedFile[],
  wanted: DatasetKind | 'auto',
  list: string | null,
): Promise<DatasetPlan> {
  const onDisk = files.filter(({ file }) => file !== null);
  const paths = onDisk.map(({ path }) => path);
  // An address lies in no data set's folder.
  const kind = wanted === 'auto' || paths.length === 0 ? recognizeDataset(paths) : wanted;
  const dataset = { paths, texts: await readTexts(onDisk, textFilesOf(kind, paths)) };
  const plan = planDataset(kind, dataset, await readList(list, kind, ownList(kind, dataset)));
  const addresses = files.filter(({ file }) => file === null).map(({ path }) => videoOfAddress(path));
  return { ...plan, videos: [...plan.videos, ...addresses] };
}

async function readList(given: string | null, kind: DatasetKind, own: VideoList): Promise<VideoList> {
  switch (given) {
    case null:
      return own ?? (await publishedList(kind));
    case 'all':
      return null;
    case 'authors': {
      const list = await publishedList(kind);
      if (list === null) throw new UsageError(`--list authors: there is none for ${kind}`);
      return list;
    }
    default:
      return parseNameList(await readFile(given, 'utf8'));
  }
}

function describePlan({ kind, videos, problems }: DatasetPlan): void {
  process.stderr.write(`${kind}: ${videos.length} videos\n`);
  for (const { code, count, examples } of problems) {
    process.stderr.write(`${PROBLEM_TEXTS[code]}: ${count}, such as ${printable(examples.join(', '))}\n`);
  }
}

/** The original's name of it, without its folder. */
function defaultOutput(plans: readonly DatasetPlan[], models: readonly ModelFolder[]): string {
  const kinds = [...new Set(plans.map(({ kind }) => kind))].join('+');
  const networks = models.map(({ description }) => description.network).join('+');
  const now = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return `prediction_${kinds}_${networks}_${now}.json`;
}

function leftOutVideo(video: PlannedVideo): FailedVideo {
  return { video, code: 'label-unknown', message: '' };
}
