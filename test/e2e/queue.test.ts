import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import { endedAt, startQueueWorld } from '../support/queue-run.ts';
import type { QueueWorld } from '../support/queue-run.ts';
import { whyNoRedis } from '../support/redis.ts';
import { predict, startPredict } from '../support/run-predict.ts';
import type { RunningPredict } from '../support/run-predict.ts';

const VIDEOS = 10;
const reason = await whyNoRedis();

let world: QueueWorld | undefined;
beforeAll(async () => {
  if (reason === null) world = await startQueueWorld(VIDEOS);
});
afterAll(() => world?.close());

test.skipIf(reason !== null)(
  'three workers, one of them killed in the middle of a video: nothing is lost, nothing twice, and the result file is that of one machine',
  async () => {
    const { address, set, wordsOf, read, startWorker, holdsVideo } = world!;
    const workers = await Promise.all([startWorker(), startWorker(), startWorker()]);
    const run = await startPredict(...wordsOf('queued'), set, '--queue', address);

    let lost: RunningPredict | undefined;
    await expect
      .poll(
        async () => {
          for (const worker of workers) {
            // It can't end the video between the look and the kill.
            worker.kill('SIGSTOP');
            if (await holdsVideo(worker)) lost = worker;
            if (lost !== undefined) return true;
            worker.kill('SIGCONT');
          }
          return false;
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    lost!.kill('SIGKILL');

    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const stopped = workers.filter((worker) => worker !== lost);
    for (const worker of stopped) worker.kill('SIGINT');
    for (const worker of stopped) expect((await worker.ended).code, worker.output().stderr).toBe(130);

    const local = await predict(...wordsOf('local'), set);
    expect(local.code, local.stderr).toBe(0);
    expect(await read('queued.json')).toBe(await read('local.json'));
    const pathsOf = async (name: string): Promise<readonly string[]> =>
      parseReportLines(await read(`${name}.report.jsonl`)).map(({ video }) => video.path);
    expect((await pathsOf('queued')).toSorted()).toEqual((await pathsOf('local')).toSorted());
    const ends = endedAt(workers);
    expect(new Set(ends).size).toBe(ends.length);
  },
);
