import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { endedAt, startQueueWorld } from '../support/queue-run.ts';
import type { QueueWorld } from '../support/queue-run.ts';
import { whyNoRedis } from '../support/redis.ts';
import { predict, startCommand, startPredict, untilReports } from '../support/run-predict.ts';

const VIDEOS = 12;
const reason = await whyNoRedis();

let world: QueueWorld | undefined;
beforeAll(async () => {
  if (reason === null) world = await startQueueWorld(VIDEOS);
});
afterAll(() => world?.close());

const queueTest = test.skipIf(reason !== null);

queueTest('a worker with other weights refuses, and a worker with the run’s takes its video', async () => {
  const { address, set, wordsOf, read, startWorker } = world!;
  const other = await startWorker({ model: await makeDemoModel({ sizes: 'tiny', isDemo: false, seed: 99 }) });
  const run = await startPredict(...wordsOf('refused'), set, '--queue', address);
  const { code, stderr } = await other.ended;
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/^model-invalid: the run has the models .*sha256 [0-9a-f]{64}/m);
  expect(endedAt([other])).toEqual([]);

  const worker = await startWorker();
  expect((await run.ended).code).toBe(0);
  worker.kill('SIGTERM');
  expect((await worker.ended).code).toBe(143);
  const local = await predict(...wordsOf('local'), set);
  expect(local.code, local.stderr).toBe(0);
  expect(await read('refused.json')).toBe(await read('local.json'));
});

queueTest('a file that the worker does not see is a failure with its name', async () => {
  const { address, set, wordsOf, read, startWorker } = world!;
  const worker = await startWorker({ videos: join(set, '..', 'set', 'fake') });
  const run = await startPredict(...wordsOf('unseen'), set, '--queue', address);
  const { code, stderr } = await run.ended;
  worker.kill('SIGKILL');
  await worker.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('set/fake/0.mp4: source-failed: the worker');
  const { unjudged } = JSON.parse(await read('unseen.json')) as { readonly unjudged: readonly unknown[] };
  expect(unjudged).toHaveLength(VIDEOS);
});

queueTest('a coordinator that was killed and is resumed takes the results that came meanwhile', async () => {
  const { address, set, wordsOf, read, pathOf, queue, startWorker } = world!;
  const first = await startPredict(...wordsOf('resumed'), set, '--queue', address);
  const worker = await startWorker();
  await untilReports(pathOf('resumed.report.jsonl'), 1, first);
  first.kill('SIGKILL');
  await first.ended;
  await expect.poll(() => queue.getWaitingCount(), { timeout: 60_000 }).toBe(0);
  await expect.poll(() => queue.getActiveCount(), { timeout: 60_000 }).toBe(0);
  worker.kill('SIGINT');
  expect((await worker.ended).code).toBe(130);

  // Without any worker.
  const second = await predict(...wordsOf('resumed'), set, '--queue', address, '--resume');
  expect(second.code, second.stderr).toBe(0);
  expect(await read('resumed.json')).toBe(await read('local.json'));
  expect(endedAt([worker])).toHaveLength(VIDEOS);
  expect(await queue.getCompletedCount()).toBe(0);
});

queueTest('Ctrl-C takes back what no worker has begun, and the run can be resumed', async () => {
  const { address, set, wordsOf, read, pathOf, queue, startWorker } = world!;
  const first = await startPredict(...wordsOf('stopped'), set, '--queue', address);
  const worker = await startWorker();
  await untilReports(pathOf('stopped.report.jsonl'), 1, first);
  first.kill('SIGINT');
  expect((await first.ended).code).toBe(130);
  expect(await queue.getWaitingCount()).toBe(0);
  await expect(stat(pathOf('stopped.json'))).rejects.toThrow('ENOENT');

  const second = await predict(...wordsOf('stopped'), set, '--queue', address, '--resume');
  expect(second.code, second.stderr).toBe(0);
  worker.kill('SIGKILL');
  await worker.ended;
  expect(await read('stopped.json')).toBe(await read('local.json'));
  expect(new Set(endedAt([worker])).size).toBe(VIDEOS);
});

queueTest(
  'a server with --queue judges with the workers, and one that is killed gives its video back',
  async () => {
    const { address, set, model, read, startWorker, holdsVideo } = world!;
    const server = await startCommand('serve', [
      '--model',
      model,
      '--port',
      '0',
      '--queue',
      address,
      '--videos',
      set,
    ]);
    try {
      await expect.poll(() => server.output().stderr, { timeout: 60_000 }).toContain('listening on');
      const at = /listening on (http:\S+:\d+)/.exec(server.output().stderr)![1]!;
      const ask = async (clip: string): Promise<unknown> => {
        const body = await readFile(resolve(TEST_VIDEO_FOLDER, clip));
        const headers = { 'content-type': 'video/mp4' };
        return (await fetch(`${at}/predict?num_frames=4`, { method: 'POST', body, headers })).json();
      };
      expect((await fetch(`${at}/healthcheck`)).status).toBe(503);
      const first = await startWorker();
      await expect.poll(async () => (await fetch(`${at}/healthcheck`)).status, { timeout: 60_000 }).toBe(200);
      const { video } = JSON.parse(await read('local.json')) as {
        readonly video: { readonly pred: readonly number[] };
      };
      expect(await ask('one-face.mp4')).toMatchObject({ df_probability: video.pred[0] });

      const second = await startWorker();
      const answered = ask('another-face.mp4');
      await expect.poll(async () => (await holdsVideo(first)) || (await holdsVideo(second))).toBe(true);
      const holder = (await holdsVideo(first)) ? first : second;
      holder.kill('SIGKILL');
      expect(await answered).toMatchObject({ df_probability: expect.any(Number) as number });
      for (const worker of [first, second]) worker.kill('SIGKILL');
      server.kill('SIGTERM');
      expect((await server.ended).code, server.output().stderr).toBe(0);
      expect(await readdir(set)).toEqual(['fake']);
    } finally {
      server.kill('SIGKILL');
      await server.ended;
    }
  },
);

queueTest('without a server the command says so', async () => {
  const { set, wordsOf } = world!;
  // Port 1 is reserved: nothing listens there.
  const { code, stderr } = await predict(...wordsOf('unreachable'), set, '--queue', 'redis://127.0.0.1:1');
  expect(code).toBe(1);
  expect(stderr).toContain('unreachable: redis://127.0.0.1:1');
});
