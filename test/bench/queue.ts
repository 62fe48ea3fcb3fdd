/**
 * Videos an hour with one and with two workers of a queue, beside one process without a queue, all on this machine:
 * `npm run bench:queue [-- VIDEOS]`. Prints one line of JSON for each. The workers are at the queue before the run begins; the
 * process without a queue starts its browser within its time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { buildExtension } from '../support/extension.ts';
import { startQueueWorld } from '../support/queue-run.ts';
import { whyNoRedis } from '../support/redis.ts';
import { predict } from '../support/run-predict.ts';

const videos = Number(process.argv[2] ?? 40);
if ((await whyNoRedis()) !== null) process.exit(1);
await buildExtension();
const world = await startQueueWorld(videos);

async function measure(name: string, ...words: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const { code, stderr } = await predict(...world.wordsOf(name), world.set, ...words);
  if (code !== 0) throw new Error(stderr);
  const seconds = (performance.now() - startedAt) / 1000;
  const round = (value: number): number => Math.round(value * 10) / 10;
  console.log(
    JSON.stringify({
      name,
      videos,
      seconds: round(seconds),
      videosAnHour: Math.round((3600 * videos) / seconds),
      isResultOfOneMachine: (await world.read(`${name}.json`)) === (await world.read('local.json')),
    }),
  );
}

try {
  await measure('local', '--jobs', '1');
  for (const workers of [1, 2]) {
    await world.startWorker();
    while ((await world.queue.getWorkersCount()) < workers) await sleep(100);
    await measure(`workers-${workers}`, '--queue', world.address);
  }
} finally {
  await world.close();
}
