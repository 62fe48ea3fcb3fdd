import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Queue } from 'bullmq';
import { QUEUE_NAME } from '../../entrypoints/cli/job-queue.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { startRedis } from './redis.ts';
import { startCommand } from './run-predict.ts';
import type { RunningPredict } from './run-predict.ts';

/** A folder of videos, a Redis server, and the workers that a test starts on them. */
export type QueueWorld = {
  readonly address: string;
  readonly model: string;
  /** The folder of the videos. */
  readonly set: string;
  readonly queue: Queue;
  /** A run's words, but for the videos. */
  readonly wordsOf: (name: string) => readonly string[];
  readonly read: (file: string) => Promise<string>;
  readonly pathOf: (file: string) => string;
  readonly startWorker: (words?: {
    readonly videos?: string;
    readonly model?: string;
  }) => Promise<RunningPredict>;
  /** Whether the worker has begun a video and not ended it. */
  readonly holdsVideo: (worker: RunningPredict) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

export async function startQueueWorld(videos: number): Promise<QueueWorld> {
  await ensureTestVideos();
  const folder = await mkdtemp(join(tmpdir(), 'queue-'));
  const model = await makeDemoModel({ sizes: 'tiny', isDemo: false });
  const set = join(folder, 'set');
  await mkdir(join(set, 'fake'), { recursive: true });
  for (let index = 0; index < videos; index++) {
    const clip = ['one-face.mp4', 'another-face.mp4', 'no-face.mp4'][index % 3]!;
    await copyFile(resolve(TEST_VIDEO_FOLDER, clip), join(set, 'fake', `${index}.mp4`));
  }
  const redis = await startRedis();
  const { address } = redis;
  const queue = new Queue(QUEUE_NAME, { connection: { url: address } });
  // The server is killed before the connection is.
  queue.on('error', () => undefined);
  const workers: RunningPredict[] = [];
  const pathOf = (file: string): string => join(folder, file);
  return {
    address,
    model,
    set,
    queue,
    wordsOf: (name) => ['--model', model, '--frames', '4', '--out', pathOf(`${name}.json`)],
    read: (file) => readFile(pathOf(file), 'utf8'),
    pathOf,
    startWorker: async (words) => {
      const worker = await startCommand('worker', [
        '--queue',
        address,
        '--videos',
        words?.videos ?? set,
        '--model',
        words?.model ?? model,
        '--jobs',
        '1',
      ]);
      workers.push(worker);
      return worker;
    },
    holdsVideo: async ({ pid }) =>
      (await queue.getActive()).some(({ processedBy }) => processedBy?.endsWith(`-${pid}`) === true),
    close: async () => {
      for (const worker of workers) worker.kill('SIGKILL');
      await Promise.all(workers.map(({ ended }) => ended));
      await queue.close();
      await redis.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The paths of the videos that have ended at these workers. */
export function endedAt(workers: readonly RunningPredict[]): readonly string[] {
  return workers.flatMap(({ output }) => output().stderr.match(/^set\/fake\/\d+\.mp4/gm) ?? []);
}
