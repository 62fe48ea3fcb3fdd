import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { Queue, QueueEvents } from 'bullmq';
import { readFrames, readQueuedResult } from '../../../models/evaluation/queued-video.ts';
import type { QueuedVideo } from '../../../models/evaluation/queued-video.ts';
import { storedSha256Of } from '../../../models/store/model-store.ts';
import { settingsKeyOf } from '../../../utils/domain/evaluation.ts';
import type { GraphDevice } from '../../../utils/domain/model.ts';
import { untilAborted } from '../../../utils/domain/until-aborted.ts';
import {
  closeInTime,
  connectionOf,
  createOutageReporter,
  MAX_ATTEMPTS,
  QUEUE_NAME,
  requireQueue,
} from '../job-queue.ts';
import type { ModelFolder } from '../model-folders.ts';
import { createServedBrowser } from '../served-browser.ts';
import type { EngineState, ServeEngine } from './engine.ts';
import { ServeError } from './serve-error.ts';

/** The queue's counts, and whether a worker is there, are as old as this at most. */
const REFRESH_MILLISECONDS = 1000;
/** Results stay in Redis for an hour. */
const KEPT_SECONDS = 3600;

export type QueueEngineOptions = {
  /** Of the Redis server. */
  readonly address: string;
  /** The folder that the workers see, too. */
  readonly videos: string;
  readonly models: readonly ModelFolder[];
  readonly device: GraphDevice | null;
  readonly onState: (state: EngineState) => void;
};

/** Judges with the workers of a queue. @throws DetectorError `unreachable` */
export async function createQueueEngine({
  address,
  videos,
  models,
  device,
  onState,
}: QueueEngineOptions): Promise<ServeEngine> {
  await requireQueue(address);
  const closing = new AbortController();
  const options = { connection: connectionOf(address) };
  const queue = new Queue(QUEUE_NAME, options);
  const events = new QueueEvents(QUEUE_NAME, options);
  const outage = createOutageReporter(address);
  queue.on('error', outage.failed);
  events.on('error', outage.failed);
  await events.waitUntilReady();
  const watchers = new Map<string, (framesScanned: number) => void>();
  events.on('progress', ({ jobId, data }) => {
    const framesScanned = readFrames(data);
    if (framesScanned !== null) watchers.get(jobId)?.(framesScanned);
  });
  const sha256s = new Map<string, string>();
  for (const { modelId, description } of models) sha256s.set(modelId, await storedSha256Of(description));
  /** Only draws reports: no network is in it. */
  const browser = createServedBrowser(
    { models: [], device: null, jobs: 1, readsAddresses: false },
    closing.signal,
  );

  let state: EngineState = { kind: 'starting' };
  let counts = { waiting: 0, running: 0 };
  async function refresh(): Promise<void> {
    let next: EngineState;
    try {
      const { waiting = 0, active = 0 } = await queue.getJobCounts('waiting', 'active');
      counts = { waiting, running: active };
      const workers = await queue.getWorkersCount();
      outage.answered();
      next =
        workers > 0
          ? { kind: 'ready', jobs: workers, devices: device === null ? [] : [device] }
          : { kind: 'down', reason: 'no worker is at the queue' };
    } catch (error) {
      next = { kind: 'down', reason: `the queue: ${error instanceof Error ? error.message : String(error)}` };
    }
    const isNew = next.kind !== state.kind;
    state = next;
    if (isNew) onState(next);
  }
  await refresh();
  const timer = setInterval(() => void refresh(), REFRESH_MILLISECONDS);

  return {
    state: () => state,
    waiting: () => counts.waiting,
    running: () => counts.running,
    restarts: () => 0,
    judge: async ({ video, settings }, { files, onFrame }, signal) => {
      const [file] = files;
      const path = relative(videos, file!).split(sep).join('/');
      if (path.startsWith('../')) {
        throw new ServeError(400, 'path-refused', 'the workers do not see this file');
      }
      const facts = await stat(file!);
      const queued: QueuedVideo = {
        formatVersion: 1,
        video: { ...video, path },
        stamp: { byteLength: facts.size, modifiedAt: Math.floor(facts.mtimeMs) },
        url: null,
        frames: null,
        // Workers have all models of the server, and are told which of them judge.
        settings: { ...settings, modelIds: [...settings.modelIds], device },
        models: settings.modelIds.map((modelId) => sha256s.get(modelId)!),
      };
      const jobId = randomUUID();
      if (onFrame !== undefined) watchers.set(jobId, onFrame);
      try {
        const kept = { age: KEPT_SECONDS };
        const job = await queue.add('judge', queued, {
          jobId,
          attempts: MAX_ATTEMPTS,
          removeOnComplete: kept,
          removeOnFail: kept,
        });
        const ended = job.waitUntilFinished(events).catch((cause: unknown) => {
          const message = cause instanceof Error ? cause.message : String(cause);
          throw new ServeError(503, 'engine-ended', message, { cause, retryAfterSeconds: 5 });
        });
        ended.catch(() => undefined);
        const result: unknown = await untilAborted(ended, signal);
        return readQueuedResult(result, queued.video, settingsKeyOf(queued.settings));
      } catch (error) {
        // One that a worker has begun goes on there.
        if (signal.aborted) await queue.remove(jobId).catch(() => undefined);
        throw error;
      } finally {
        watchers.delete(jobId);
      }
    },
    renderReport: browser.renderReport,
    close: async () => {
      clearInterval(timer);
      closing.abort();
      await browser.close();
      await closeInTime([queue, events]);
    },
  };
}
