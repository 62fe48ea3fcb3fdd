import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import * as v from 'valibot';
import { placesOf, queuedVideoSchema, refusalOf } from '../../models/evaluation/queued-video.ts';
import type { QueuedResult, QueuedVideo, WorkerEngine } from '../../models/evaluation/queued-video.ts';
import { storedSha256Of } from '../../models/store/model-store.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import { GRAPH_DEVICES } from '../../utils/domain/model.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import {
  parseChoice,
  parseCommandLine,
  parseCount,
  printable,
  runCommand,
  UsageError,
} from './command-line.ts';
import {
  closeInTime,
  connectionOf,
  createOutageReporter,
  inTime,
  LOCK_MILLISECONDS,
  MAX_LOST_WORKERS,
  parseQueueAddress,
  QUEUE_NAME,
  requireQueue,
  shownAddress,
  STALLED_CHECK_MILLISECONDS,
} from './job-queue.ts';
import { MAX_JOBS } from './judge-in-browser.ts';
import { outcomeText } from './judge-videos.ts';
import { chooseModelFolders } from './model-folders.ts';
import { createServedBrowser } from './served-browser.ts';
import type { ServedBrowser } from './served-browser.ts';

const USAGE = `Judges the videos of npm run predict -- --queue, together with the workers of any other computer.

npm run worker -- --queue ADDRESS --videos DIR --model DIR [--model DIR] [--device ${GRAPH_DEVICES.join('|')}] [--jobs N]

  --queue     redis://HOST[:PORT][/DATABASE] of a Redis server, rediss:// for TLS
  --videos    the folder that predict is given, or the one above it, as this computer sees it; may be given several times
  --model     a folder of npm run convert, for each network of the run. A worker whose models are not the run's refuses
  --device    as in predict
  --jobs      videos at the same time (one for each spare core, as the memory allows)

Runs until Ctrl-C, which gives the videos that it has begun back. Those of a worker that is lost come back after
${(LOCK_MILLISECONDS + 2 * STALLED_CHECK_MILLISECONDS) / 1000} seconds at most.`;

/** A terminal shows no more frames a second than this would be. */
const PROGRESS_MILLISECONDS = 500;

await runCommand(
  USAGE,
  async (args, signal) => {
    const { values } = parseCommandLine({
      args: [...args],
      options: {
        queue: { type: 'string' },
        videos: { type: 'string', multiple: true },
        model: { type: 'string', multiple: true },
        device: { type: 'string' },
        jobs: { type: 'string' },
      },
    });
    if (values.queue === undefined) throw new UsageError('--queue ADDRESS is missing');
    const address = parseQueueAddress(values.queue);
    const folders = (values.videos ?? []).map((folder) => resolve(folder));
    if (folders.length === 0) throw new UsageError('--videos DIR is missing');
    for (const folder of folders) {
      if (!(await stat(folder)).isDirectory()) throw new UsageError(`--videos ${folder}: no folder`);
    }
    const device = values.device === undefined ? null : parseChoice('device', values.device, GRAPH_DEVICES);
    const jobs = values.jobs === undefined ? null : parseCount('jobs', values.jobs, MAX_JOBS);
    const models = await chooseModelFolders(values.model ?? [], { network: undefined, dtype: null });
    await requireQueue(address);

    const engine: WorkerEngine = {
      modelIds: models.map(({ modelId }) => modelId),
      models: await Promise.all(models.map(({ description }) => storedSha256Of(description))),
      device,
    };
    const browser = createServedBrowser({ models, device, jobs, readsAddresses: true }, signal);
    try {
      const { jobs: concurrency } = await browser.start();
      await work({ address, folders, engine, browser, concurrency }, signal);
    } finally {
      await browser.close();
    }
  },
  () => 'stopped; what it had begun is back in the queue',
);

type Work = {
  readonly address: string;
  readonly folders: readonly string[];
  readonly engine: WorkerEngine;
  readonly browser: ServedBrowser;
  readonly concurrency: number;
};

/** Takes videos until the signal aborts. @throws AbortError; DetectorError `model-invalid` for a run with other models */
async function work(
  { address, folders, engine, browser, concurrency }: Work,
  signal: AbortSignal,
): Promise<never> {
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => undefined);
  const outage = createOutageReporter(address);

  /** The job is at the head of the queue again. */
  async function giveBack(job: Job, token: string): Promise<never> {
    // Takes no further job, and above all not this one again.
    void worker.pause(true);
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async function judge(job: Job, token = ''): Promise<QueuedResult> {
    outage.answered();
    const read = v.safeParse(queuedVideoSchema, job.data);
    if (!read.success) throw new UnrecoverableError('the job is not of this version of predict');
    const queued = read.output;
    const refusal = refusalOf(queued, engine);
    if (refusal !== null) {
      refused.reject(new DetectorError('model-invalid', refusal));
      return await giveBack(job, token);
    }
    const files = await findFiles(folders, queued);
    if (files === null) return unseen(queued, folders);
    let reportedAt = 0;
    const onFrame = (framesScanned: number): void => {
      const now = performance.now();
      if (now - reportedAt < PROGRESS_MILLISECONDS) return;
      reportedAt = now;
      // Progress may be lost with the connection.
      void job.updateProgress({ framesScanned }).catch(() => undefined);
    };
    try {
      const { video, stamp, url, settings, frames } = queued;
      const frameNumbers = frames?.map(({ number }) => number) ?? null;
      const served = { video, stamp, url, settings, frameNumbers };
      return await browser.judge(served, { files, onFrame }, signal);
    } catch (error) {
      if (signal.aborted) return await giveBack(job, token);
      throw error;
    }
  }

  const worker = new Worker<unknown, QueuedResult>(QUEUE_NAME, judge, {
    connection: connectionOf(address),
    name: `${hostname()}-${process.pid}`,
    autorun: false,
    concurrency,
    lockDuration: LOCK_MILLISECONDS,
    stalledInterval: STALLED_CHECK_MILLISECONDS,
    maxStalledCount: MAX_LOST_WORKERS,
  });
  worker.on('error', outage.failed);
  worker.on('completed', (_job, result) => {
    const { video } = result.kind === 'done' ? result.evaluated : result.failed;
    const outcome = result.kind === 'done' ? outcomeText(result.evaluated) : result.failed.code;
    process.stderr.write(`${printable(video.path)}: ${outcome}\n`);
  });
  worker.on('failed', (job, { message }) => {
    const read = v.safeParse(queuedVideoSchema, job?.data);
    process.stderr.write(`${printable(`${read.success ? read.output.video.path : 'a job'}: ${message}`)}\n`);
  });
  try {
    const running = worker.run();
    process.stderr.write(
      `at the queue ${shownAddress(address)}, ${concurrency} at the same time, models ${engine.modelIds.join(', ')}\n`,
    );
    return await untilAborted(Promise.race([refused.promise, running.then(() => refused.promise)]), signal);
  } finally {
    void worker.pause(true);
    await inTime(worker.close());
    await closeInTime([{ close: () => worker.close(true), disconnect: () => worker.disconnect() }]);
  }
}

/**
 * The files that the browser is given for a video.
 * @returns none for an address; null where this computer does not see the video, or sees a file of another size
 */
async function findFiles(folders: readonly string[], queued: QueuedVideo): Promise<readonly string[] | null> {
  if (queued.url !== null) return [];
  for (const folder of folders) {
    for (const place of placesOf(queued.video)) {
      const path = join(folder, place);
      const facts = await stat(path).catch(() => null);
      if (facts === null) continue;
      if (queued.frames === null) {
        if (facts.isFile() && facts.size === queued.stamp.byteLength) return [path];
      } else if (facts.isDirectory()) {
        return queued.frames.map(({ name }) => join(path, name));
      }
    }
  }
  return null;
}

function unseen({ video }: QueuedVideo, folders: readonly string[]): QueuedResult {
  const message = `the worker ${hostname()} does not see this file in ${folders.join(', ')}, or sees one of another size`;
  return { kind: 'failed', failed: { video, code: 'source-failed', message } };
}
