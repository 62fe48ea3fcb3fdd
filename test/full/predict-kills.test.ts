import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { createRandom } from '../support/random.ts';
import { browserOf, countReports, predict, startPredict, untilReports } from '../support/run-predict.ts';

const VIDEOS = 12;
/** Between two kills some videos end, and with five kills not all of them. */
const MAX_VIDEOS_BETWEEN = 1;
/** About the time of one video. */
const MAX_DELAY_MILLISECONDS = 700;

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
  const reports = join(folder, 'killed.report.jsonl');
  const random = createRandom(16);
  for (let kill = 0; kill < 5; kill++) {
    const running = await startPredict(...args('killed'), ...(kill === 0 ? [] : ['--resume']));
    const videos = Math.floor(random() * (MAX_VIDEOS_BETWEEN + 1));
    await untilReports(reports, (await countReports(reports)) + videos, running);
    await expect.poll(() => browserOf(running), { timeout: 60_000 }).not.toEqual([]);
    await new Promise((elapsed) => setTimeout(elapsed, random() * MAX_DELAY_MILLISECONDS));
    if (kill % 2 === 0) running.kill('SIGKILL');
    else for (const pid of await browserOf(running)) process.kill(pid, 'SIGKILL');
    await running.ended;
    await expect.poll(() => browserOf(running)).toEqual([]);
  }
  // The kills came in the middle of the work.
  expect(await countReports(reports)).toBeGreaterThan(0);
  expect(await countReports(reports)).toBeLessThan(VIDEOS);
  const last = await predict(...args('killed'), '--resume');
  expect(last.code, last.stderr).toBe(0);
  expect(await readFile(join(folder, 'killed.json'), 'utf8')).toBe(
    await readFile(join(folder, 'whole.json'), 'utf8'),
  );
  // Seven runs of up to half a minute on a busy machine.
}, 420_000);
