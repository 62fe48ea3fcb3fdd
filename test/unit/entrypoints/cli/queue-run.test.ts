import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import * as v from 'valibot';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectionOf, QUEUE_NAME } from '../../../../entrypoints/cli/job-queue.ts';
import { createQueueExecutor } from '../../../../entrypoints/cli/queue-run.ts';
import type { CommandEvent } from '../../../../models/evaluation/commanded-run.ts';
import { queuedVideoSchema } from '../../../../models/evaluation/queued-video.ts';
import { settingsKeyOf } from '../../../../utils/domain/evaluation.ts';
import { reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';
import { startRedis, whyNoRedis } from '../../../support/redis.ts';
import type { RunningRedis } from '../../../support/redis.ts';

const queueTest = test.skipIf((await whyNoRedis()) !== null);
const VIDEOS = Array.from({ length: 6 }, (_, index) => `set/${index}.mp4`);

let redis: RunningRedis;
let folder: string;
let closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'queue-run-'));
});
afterEach(async () => {
  await Promise.all(closers.map((close) => close()));
  closers = [];
  await redis.close();
  await rm(folder, { recursive: true, force: true });
});

/** A run over {@link VIDEOS}, with what it has reported until now. */
function start(signal: AbortSignal, isResumed = false, videos = VIDEOS) {
  const execute = createQueueExecutor({
    address: redis.address,
    nameFile: join(folder, 'run'),
    isResumed,
    models: [],
    settings: { framesAsked: 4, sampling: 'linspace', modelIds: [], device: null },
  });
  const seen: CommandEvent[] = [];
  const pending = videos.map((path) => ({
    video: { path, name: path, klass: 'uncategorized', trueLabel: null, compression: null },
    origin: { kind: 'file' as const, file: `/${path}`, stamp: { byteLength: 1, modifiedAt: 1 } },
  }));
  const ended = execute(
    pending,
    (event) => {
      seen.push(event);
      return Promise.resolve();
    },
    signal,
  );
  ended.catch(() => undefined);
  const judged = (): readonly string[] =>
    seen.flatMap((event) => (event.kind === 'done' ? [event.evaluated.video.path] : []));
  return { ended, judged };
}

/** Stands for `npm run worker`, whose browser is tested from end to end. @returns the paths in the order of their jobs */
function startWorker(): readonly string[] {
  const taken: string[] = [];
  const worker = new Worker(
    QUEUE_NAME,
    (job) => {
      const { video, stamp, settings } = v.parse(queuedVideoSchema, job.data);
      taken.push(video.path);
      const settingsKey = settingsKeyOf(settings);
      const evaluated = { video, stamp, settingsKey, milliseconds: 1, report: reportOf(verdictOf(0.8)) };
      return Promise.resolve({ kind: 'done', evaluated });
    },
    { connection: connectionOf(redis.address) },
  );
  worker.on('error', () => undefined);
  closers.push(() => worker.close(true));
  return taken;
}

function openQueue(): Queue {
  const queue = new Queue(QUEUE_NAME, { connection: connectionOf(redis.address) });
  queue.on('error', () => undefined);
  closers.push(() => queue.close());
  return queue;
}

const NEVER = new AbortController().signal;

queueTest(
  'videos are taken in their order, each result comes once, and nothing stays in the queue',
  async () => {
    const run = start(NEVER);
    await expect.poll(() => openQueue().getWaitingCount()).toBe(VIDEOS.length);
    const taken = startWorker();
    await run.ended;
    expect(taken).toEqual(VIDEOS);
    expect(run.judged().toSorted()).toEqual(VIDEOS);
    expect(await openQueue().getJobCounts()).toMatchObject({ waiting: 0, completed: 0, failed: 0 });
    await expect(access(join(folder, 'run'))).rejects.toThrow('ENOENT');
  },
);

queueTest('two runs at the same queue take their own results alone', async () => {
  const one = start(NEVER, false, VIDEOS.slice(0, 3));
  await expect.poll(() => readFile(join(folder, 'run'), 'utf8').catch(() => '')).not.toBe('');
  const other = start(NEVER, false, VIDEOS.slice(2));
  startWorker();
  await Promise.all([one.ended, other.ended]);
  expect(one.judged().toSorted()).toEqual(VIDEOS.slice(0, 3));
  expect(other.judged().toSorted()).toEqual(VIDEOS.slice(2));
});

queueTest('a stop takes the videos back; results of videos that were begun wait for --resume', async () => {
  const stop = new AbortController();
  const first = start(stop.signal);
  const queue = openQueue();
  await expect.poll(() => queue.getWaitingCount()).toBe(VIDEOS.length);
  stop.abort();
  await expect(first.ended).rejects.toThrow('abort');
  expect(await queue.getWaitingCount()).toBe(0);
  startWorker();
  const second = start(NEVER, true);
  await second.ended;
  expect(second.judged().toSorted()).toEqual(VIDEOS);
});

queueTest('a server that comes back without what it held is given the videos again', async () => {
  const run = start(NEVER);
  await expect.poll(() => openQueue().getWaitingCount()).toBe(VIDEOS.length);
  await redis.close();
  redis = await startRedis(redis.port);
  startWorker();
  await run.ended;
  expect(run.judged().toSorted()).toEqual(VIDEOS);
});

queueTest('a stop ends the run though the server has gone', async () => {
  const stop = new AbortController();
  const run = start(stop.signal);
  await expect.poll(() => openQueue().getWaitingCount()).toBe(VIDEOS.length);
  await Promise.all(closers.map((close) => close()));
  closers = [];
  await redis.close();
  stop.abort();
  await expect(run.ended).rejects.toThrow('abort');
});
