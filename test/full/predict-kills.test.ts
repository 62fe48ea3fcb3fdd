import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { createRandom } from '../support/random.ts';
import { browserOf, predict, startPredict } from '../support/run-predict.ts';

const VIDEOS = 12;
/** From the browser's start to the middle of the work. */
const MIN_DELAY_MILLISECONDS = 1500;
const MAX_DELAY_MILLISECONDS = 9000;

let folder: string;
let model: string;

beforeAll(async () => {
  await ensureTestVideos();
  folder = await mkdtemp(join(tmpdir(), 'predict-kills-'));
  model = await makeDemoModel({ sizes: 'tiny', isDemo: false });
  await mkdir(join(folder, 'set'));
  for (let index = 0; index < VIDEOS; index++) {
    const clip = ['one-face.mp4', 'another-face.mp4', 'two-faces.mp4'][index % 3]!;
    await copyFile(resolve(TEST_VIDEO_FOLDER, clip), join(folder, 'set', `${String(index)}.mp4`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('killed five times at random moments, command and browser by turns, a run ends as an undisturbed one', async () => {
  const args = (name: string): readonly string[] => [
    '--model',
    model,
    '--frames',
    '4',
    '--out',
    join(folder, `${name}.json`),
    join(folder, 'set'),
  ];
  const whole = await predict(...args('whole'));
  expect(whole.code, whole.stderr).toBe(0);
  const random = createRandom(16);
  for (let kill = 0; kill < 5; kill++) {
    const running = await startPredict(...args('killed'), ...(kill === 0 ? [] : ['--resume']));
    await new Promise((elapsed) =>
      setTimeout(
        elapsed,
        MIN_DELAY_MILLISECONDS + random() * (MAX_DELAY_MILLISECONDS - MIN_DELAY_MILLISECONDS),
      ),
    );
    if (kill % 2 === 0) running.kill('SIGKILL');
    else for (const pid of await browserOf(running)) process.kill(pid, 'SIGKILL');
    await running.ended;
    await expect.poll(() => browserOf(running)).toEqual([]);
  }
  const last = await predict(...args('killed'), '--resume');
  expect(last.code, last.stderr).toBe(0);
  expect(await readFile(join(folder, 'killed.json'), 'utf8')).toBe(
    await readFile(join(folder, 'whole.json'), 'utf8'),
  );
});
