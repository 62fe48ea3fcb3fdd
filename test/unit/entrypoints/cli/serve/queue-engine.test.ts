import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { QUEUE_NAME } from '../../../../../entrypoints/cli/job-queue.ts';
import type { ModelFolder } from '../../../../../entrypoints/cli/model-folders.ts';
import type { ServeEngine } from '../../../../../entrypoints/cli/serve/engine.ts';
import { createRedisStore } from '../../../../../entrypoints/cli/serve/job-stores.ts';
import { answerOf } from '../../../../../entrypoints/cli/serve/predict-request.ts';
import { createQueueEngine } from '../../../../../entrypoints/cli/serve/queue-engine.ts';
import { queuedVideoSchema } from '../../../../../models/evaluation/queued-video.ts';
import type { QueuedVideo } from '../../../../../models/evaluation/queued-video.ts';
import { settingsKeyOf } from '../../../../../utils/domain/evaluation.ts';
import { reportOf, verdictOf } from '../../../../fixtures/scans/scans.ts';
import { startRedis, whyNoRedis } from '../../../../support/redis.ts';
import type { RunningRedis } from '../../../../support/redis.ts';

const reason = await whyNoRedis();
const queueTest = test.skipIf(reason !== null);
const MODELS = ['ed', 'vae'].map((network) => ({
  folder: '',
  modelId: `${network}-1`,
  description: { network, graph: { sha256: network }, shards: [] },
})) as unknown as readonly ModelFolder[];

let redis: RunningRedis;
let folder: string;
let engine: ServeEngine;
let workers: Worker[] = [];
beforeAll(async () => {
  if (reason !== null) return;
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'queue-engine-'));
  await writeFile(join(folder, 'a.mp4'), 'video');
  const { address } = redis;
  engine = await createQueueEngine({
    address,
    videos: folder,
    models: MODELS,
    device: null,
    onState: () => undefined,
  });
}, 60_000);
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close(true)));
  workers = [];
});
afterAll(async () => {
  if (reason !== null) return;
  await engine.close();
  await redis.close();
  await rm(folder, { recursive: true, force: true });
});

/** Stands for `npm run worker`, whose browser is tested from end to end. */
async function startWorker(judge: (queued: QueuedVideo) => Promise<unknown>): Promise<void> {
  const connection = { url: redis.address };
  workers.push(new Worker(QUEUE_NAME, (job) => judge(v.parse(queuedVideoSchema, job.data)), { connection }));
  await expect.poll(() => engine.state(), REFRESHED).toMatchObject({ kind: 'ready', jobs: 1 });
}

const judgeWith = (file: string, signal: AbortSignal, modelIds: readonly string[] = ['ed-1', 'vae-1']) =>
  engine.judge(
    {
      video: { path: 'a', name: 'a', klass: 'uncategorized', trueLabel: null, compression: null },
      stamp: { byteLength: null, modifiedAt: null },
      url: null,
      frameNumbers: null,
      settings: { framesAsked: 4, sampling: 'linspace', modelIds },
    },
    { files: [join(folder, file)] },
    signal,
  );
/** The engine looks each second. */
const REFRESHED = { timeout: 10_000 };
const NEVER = new AbortController().signal;

queueTest('is down without a worker', async () => {
  await expect
    .poll(() => engine.state(), REFRESHED)
    .toEqual({ kind: 'down', reason: 'no worker is at the queue' });
});

queueTest(
  'gives a worker the file’s place below the folder, and the networks that are asked for',
  async () => {
    const seen: QueuedVideo[] = [];
    await startWorker(({ video, stamp, settings, ...rest }) => {
      seen.push({ video, stamp, settings, ...rest });
      const evaluated = {
        video,
        stamp,
        settingsKey: settingsKeyOf(settings),
        milliseconds: 1,
        report: reportOf(verdictOf(0.82)),
      };
      return Promise.resolve({ kind: 'done', evaluated });
    });
    const judged = await judgeWith('a.mp4', NEVER, ['vae-1']);
    expect(answerOf(judged, 0.5)).toMatchObject({ df_probability: 0.82, prediction: 'FAKE' });
    expect(seen).toMatchObject([
      { video: { path: 'a.mp4' }, stamp: { byteLength: 5 }, settings: { modelIds: ['vae-1'] } },
    ]);
    expect(seen[0]!.models).toHaveLength(1);
  },
);

queueTest('answers 503 for a worker that fails, and takes no result that is none', async () => {
  await startWorker(() => Promise.reject(new UnrecoverableError('the worker has failed')));
  await expect(judgeWith('a.mp4', NEVER)).rejects.toMatchObject({
    statusCode: 503,
    message: 'the worker has failed',
  });
  await workers.pop()!.close(true);
  await startWorker(() => Promise.resolve({ kind: 'done' }));
  expect(await judgeWith('a.mp4', NEVER)).toMatchObject({ failed: { code: 'results-invalid' } });
});

queueTest('takes back a video that no worker has begun', async () => {
  const queue = new Queue(QUEUE_NAME, { connection: { url: redis.address } });
  const stop = new AbortController();
  const judging = judgeWith('a.mp4', stop.signal);
  await expect.poll(() => queue.getWaitingCount()).toBe(1);
  stop.abort();
  await expect(judging).rejects.toThrow('abort');
  expect(await queue.getWaitingCount()).toBe(0);
  await queue.close();
});

queueTest('refuses a file that the workers do not see', async () => {
  await expect(judgeWith('../other.mp4', NEVER)).rejects.toMatchObject({ statusCode: 400 });
});

queueTest('states of jobs are there for another server, for an hour', async () => {
  const [one, other] = [createRedisStore(redis.address), createRedisStore(redis.address)];
  await one.set('x', { status: 'running', frames_scanned: 3 });
  expect(await other.get('x')).toEqual({ status: 'running', frames_scanned: 3 });
  expect(await other.get('y')).toBeNull();
  one.close();
  other.close();
});
