import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Queue, QueueEvents } from 'bullmq';
import type { Job } from 'bullmq';
import type { CommandEvent } from '../../models/evaluation/commanded-run.ts';
import { readFrames, readQueuedResult } from '../../models/evaluation/queued-video.ts';
import type { QueuedResult, QueuedVideo } from '../../models/evaluation/queued-video.ts';
import { storedSha256Of } from '../../models/store/model-store.ts';
import { settingsKeyOf } from '../../utils/domain/evaluation.ts';
import type { EvaluationSettings } from '../../utils/domain/evaluation.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import {
  closeInTime,
  connectionOf,
  createOutageReporter,
  inTime,
  KEPT_SECONDS,
  MAX_ATTEMPTS,
  QUEUE_NAME,
  requireQueue,
  shownAddress,
} from './job-queue.ts';
import type { VideoExecutor } from './judge-videos.ts';
import type { ModelFolder } from './model-folders.ts';
import { readIfThere, writeWhole } from './output-files.ts';

/** Jobs of one message to the server: a data set has some thousand. */
const JOBS_AT_ONCE = 500;
/** An event may be lost while the connection is: the results are looked through this often without one. */
const SWEEP_MILLISECONDS = 5000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type QueueRun = {
  /** Of the Redis server. */
  readonly address: string;
  /** Holds the run's name in the queue, by which a run that is resumed finds its results. It goes with the last result. */
  readonly nameFile: string;
  readonly isResumed: boolean;
  readonly models: readonly ModelFolder[];
  readonly settings: EvaluationSettings;
};

/**
 * Gives videos to the workers of a queue, in their order, and takes each result once. A stop takes back the videos that no
 * worker has begun. It throws DetectorError `unreachable` without a server.
 */
export function createQueueExecutor({ models, settings, ...run }: QueueRun): VideoExecutor {
  return async (videos, onEvent, signal) => {
    const sha256s = await Promise.all(models.map(({ description }) => storedSha256Of(description)));
    const queued = videos.map(({ video, origin }): QueuedVideo => ({
      formatVersion: 1,
      video,
      stamp: origin.stamp,
      url: origin.kind === 'address' ? origin.url : null,
      frames:
        origin.kind === 'frames'
          ? origin.frames.map(({ number, file }) => ({ number, name: basename(file) }))
          : null,
      settings,
      models: sha256s,
    }));
    await runOnQueue({ ...run, videos: queued, onEvent }, signal);
  };
}

type RunOnQueue = Pick<QueueRun, 'address' | 'nameFile' | 'isResumed'> & {
  readonly videos: readonly QueuedVideo[];
  readonly onEvent: (event: CommandEvent) => Promise<void>;
};

async function runOnQueue(
  { address, nameFile, isResumed, videos, onEvent }: RunOnQueue,
  signal: AbortSignal,
): Promise<void> {
  await requireQueue(address);
  const name = (isResumed ? await readRunName(nameFile) : null) ?? (await nameRun(nameFile));
  const pending = new Map(videos.map((queued) => [jobIdOf(name, queued), queued]));
  const outage = createOutageReporter(address);
  const options = { connection: connectionOf(address) };
  const queue = new Queue(QUEUE_NAME, options);
  const events = new QueueEvents(QUEUE_NAME, options);
  let wake = Promise.withResolvers<null>();
  const onEnded = ({ jobId }: { readonly jobId: string }): void => {
    if (pending.has(jobId)) wake.resolve(null);
  };
  queue.on('error', outage.failed);
  events.on('error', outage.failed);
  events.on('completed', onEnded);
  events.on('failed', onEnded);
  events.on('progress', ({ jobId, data }) => {
    const queued = pending.get(jobId);
    const framesScanned = readFrames(data);
    if (queued === undefined || framesScanned === null) return;
    void onEvent({ kind: 'progress', path: queued.video.path, framesScanned });
  });

  /** Takes what has ended. The result is kept on the disk before it leaves the queue. */
  async function takeEnded(): Promise<number> {
    const ended = (await queue.getRanges(['completed', 'failed'], 0, -1)).filter((jobId) =>
      jobId.startsWith(name),
    );
    for (const jobId of ended) {
      const queued = pending.get(jobId);
      if (queued === undefined) {
        // An earlier sitting was killed between keeping the result and removing it.
        await queue.remove(jobId);
        continue;
      }
      const job = await queue.getJob(jobId);
      if (job === undefined) continue;
      const result = await resultOf(job, queued);
      signal.throwIfAborted();
      await onEvent(result);
      pending.delete(jobId);
      await job.remove();
    }
    return ended.length;
  }

  try {
    await untilAborted(events.waitUntilReady(), signal);
    await untilAborted(addJobs(queue, pending, signal), signal);
    process.stderr.write(`${pending.size} videos are in the queue ${shownAddress(address)}\n`);
    let hasAsked = false;
    while (pending.size > 0) {
      wake = Promise.withResolvers();
      const ended = await untilAborted(takeEnded(), signal);
      outage.answered();
      if (ended > 0) continue;
      // A server that was started again has lost what it held. What it still has is not added again.
      const [first] = pending.keys();
      const job = await untilAborted(queue.getJob(first!), signal);
      if (job === undefined) await untilAborted(addJobs(queue, pending, signal), signal);
      if (!hasAsked && (await untilAborted(queue.getWorkersCount(), signal)) === 0) {
        hasAsked = true;
        process.stderr.write('no worker is at the queue yet: npm run worker\n');
      }
      const timer = setTimeout(() => wake.resolve(null), SWEEP_MILLISECONDS);
      await untilAborted(wake.promise, signal).finally(() => clearTimeout(timer));
    }
    await rm(nameFile, { force: true });
  } catch (error) {
    // Workers keep the videos that they have begun, and --resume takes their results.
    if (signal.aborted) await inTime(removeJobs(queue, [...pending.keys()]));
    throw error;
  } finally {
    await closeInTime([queue, events]);
  }
}

/** Jobs of an earlier sitting are still there, and are not added again. */
async function addJobs(
  queue: Queue,
  pending: ReadonlyMap<string, QueuedVideo>,
  signal: AbortSignal,
): Promise<void> {
  const jobs = [...pending].map(([jobId, data]) => ({
    name: 'judge',
    data,
    opts: {
      jobId,
      attempts: MAX_ATTEMPTS,
      removeOnComplete: { age: KEPT_SECONDS },
      removeOnFail: { age: KEPT_SECONDS },
    },
  }));
  for (let from = 0; from < jobs.length; from += JOBS_AT_ONCE) {
    signal.throwIfAborted();
    await queue.addBulk(jobs.slice(from, from + JOBS_AT_ONCE));
  }
}

/** Those that a worker has begun are locked, and stay. */
async function removeJobs(queue: Queue, jobIds: readonly string[]): Promise<void> {
  for (let from = 0; from < jobIds.length; from += JOBS_AT_ONCE) {
    await Promise.allSettled(jobIds.slice(from, from + JOBS_AT_ONCE).map((jobId) => queue.remove(jobId)));
  }
}

async function resultOf(job: Job, { video, settings }: QueuedVideo): Promise<QueuedResult> {
  if (await job.isCompleted()) return readQueuedResult(job.returnvalue, video, settingsKeyOf(settings));
  const message = `after ${job.attemptsStarted} attempts: ${job.failedReason}`;
  return { kind: 'failed', failed: { video, code: 'engine-ended', message } };
}

/** The same video of the same run has the same name in the queue, whichever sitting has put it there. */
function jobIdOf(runName: string, { video, stamp, settings }: QueuedVideo): string {
  const key = JSON.stringify([video.path, stamp.byteLength, stamp.modifiedAt, settingsKeyOf(settings)]);
  // 96 bits tell the videos of one run apart. BullMQ allows no colon in a name.
  return `${runName}_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
}

/** The name that an earlier sitting of the run has written; null without one. */
async function readRunName(file: string): Promise<string | null> {
  const written = await readIfThere(file);
  return written !== null && UUID.test(written) ? written : null;
}

async function nameRun(file: string): Promise<string> {
  const name = randomUUID();
  await writeWhole(file, name);
  return name;
}
