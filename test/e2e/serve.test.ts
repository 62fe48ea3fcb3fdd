import { globSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { startLoopbackServer } from '../support/loopback-server.ts';
import type { LoopbackServer } from '../support/loopback-server.ts';
import { browserOf, predict, startCommand } from '../support/run-predict.ts';
import type { RunningPredict } from '../support/run-predict.ts';

/** The requirement of the server: the page's own engine, in the same browser. */
const TOLERANCE = 1e-6;
const CLIPS = ['another-face.mp4', 'one-face.mp4'];

let folder: string;
let model: string;
let videos: LoopbackServer;
let server: RunningPredict;
let address: string;

beforeAll(async () => {
  await ensureTestVideos();
  folder = await mkdtemp(join(tmpdir(), 'serve-'));
  model = await makeDemoModel({ sizes: 'tiny', isDemo: false });
  videos = await startLoopbackServer({ '/': TEST_VIDEO_FOLDER });
  server = await startCommand('serve', [
    '--model',
    model,
    '--port',
    '0',
    '--jobs',
    '1',
    '--allow-host',
    'localhost',
  ]);
  address = await vi.waitFor(() => /listening on (http:\S+:\d+)/.exec(server.output().stderr)![1]!, {
    timeout: 60_000,
  });
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.ended;
  await videos.close();
  await rm(folder, { recursive: true, force: true });
});

type Answer = {
  readonly df_probability: number | null;
  readonly prediction: string;
  readonly reason?: string;
};

async function ask(clip: string): Promise<{ readonly status: number; readonly answer: Answer }> {
  const response = await fetch(`${address}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ file_path: `${videos.origin}/${clip}`, num_frames: 4 }),
  });
  return { status: response.status, answer: (await response.json()) as Answer };
}

const isHealthy = async (): Promise<boolean> => (await fetch(`${address}/healthcheck`)).ok;

test('the scores are those of predict; a video without a face is UNKNOWN', async () => {
  await expect.poll(isHealthy, { timeout: 60_000 }).toBe(true);
  const answers = [await ask(CLIPS[0]!), await ask(CLIPS[1]!), await ask('no-face.mp4')];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers[2]!.answer).toMatchObject({
    df_probability: null,
    prediction: 'UNKNOWN',
    reason: 'no-face',
  });

  for (const clip of CLIPS) await copyFile(resolve(TEST_VIDEO_FOLDER, clip), join(folder, clip));
  const out = join(folder, 'predicted.json');
  const ended = await predict(
    '--model',
    model,
    '--frames',
    '4',
    '--out',
    out,
    ...CLIPS.map((clip) => join(folder, clip)),
  );
  expect(ended.code, ended.stderr).toBe(0);
  const { video } = JSON.parse(await readFile(out, 'utf8')) as {
    readonly video: { readonly pred: readonly number[]; readonly pred_label: readonly string[] };
  };
  for (const [index, { answer }] of answers.slice(0, 2).entries()) {
    expect(Math.abs(answer.df_probability! - video.pred[index]!)).toBeLessThan(TOLERANCE);
    expect(answer.prediction).toBe(video.pred_label[index]);
  }
});

test.each([
  ['the browser', async () => await browserOf(server)],
  ['the page', renderersOf],
] as const)('%s is killed in the middle of a request, which is judged again', async (_what, find) => {
  const answered = ask(CLIPS[0]!);
  await expect
    .poll(async () => (await (await fetch(`${address}/healthcheck`)).json()) as object)
    .toMatchObject({ queue: { running: 1 } });
  for (const pid of await find()) process.kill(pid, 'SIGKILL');
  await expect.poll(isHealthy).toBe(false);
  // The requirement: ten seconds.
  await expect.poll(isHealthy, { timeout: 10_000 }).toBe(true);
  expect(await answered).toMatchObject({
    status: 200,
    answer: { df_probability: expect.any(Number) as number },
  });
});

test('SIGTERM ends it with 0; no browser and no file is left', async () => {
  const pid = String(server.pid);
  server.kill('SIGTERM');
  expect((await server.ended).code, server.output().stderr).toBe(0);
  await expect.poll(() => browserOf(server)).toEqual([]);
  expect((await readdir(tmpdir())).filter((name) => name.includes(`-${pid}-`))).toEqual([]);
});

/** Of the server's browser: processes whose forebears are the browser's. */
async function renderersOf(): Promise<readonly number[]> {
  const [browser] = await browserOf(server);
  const parents = new Map<number, number>();
  const renderers: number[] = [];
  for (const path of globSync('/proc/[0-9]*')) {
    const pid = Number(path.split('/')[2]);
    const [stat, line] = await Promise.all(
      ['stat', 'cmdline'].map((name) => readFile(join(path, name), 'utf8').catch(() => '')),
    );
    parents.set(pid, Number(/\) \S (\d+)/.exec(stat!)?.[1]));
    if (line!.includes('--type=renderer')) renderers.push(pid);
  }
  const descends = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === browser) return true;
    }
    return false;
  };
  return renderers.filter(descends);
}
