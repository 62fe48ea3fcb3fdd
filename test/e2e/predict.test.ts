import { copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { installModel } from '../support/install-model.ts';
import { startDriver } from '../support/driver.ts';
import { askForFrames } from '../support/world.ts';
import { browserOf, countReports, predict, startPredict, untilReports } from '../support/run-predict.ts';

const FIXTURE_FILES = resolve(import.meta.dirname, '../fixtures/files');
/** The requirement of the command: the page's own engine, in the same browser. */
const TOLERANCE = 1e-6;

let folder: string;
let model: string;

beforeAll(async () => {
  await ensureTestVideos();
  folder = await mkdtemp(join(tmpdir(), 'predict-'));
  model = await makeDemoModel({ sizes: 'tiny', isDemo: false });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Puts copies of the project's own clips at these places. @returns the folder's path */
async function lay(name: string, clips: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, clip] of Object.entries(clips)) {
    const target = join(folder, name, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(resolve(TEST_VIDEO_FOLDER, clip), target);
  }
  return join(folder, name);
}

type Results = {
  readonly video: Readonly<Record<string, readonly unknown[]>> & { readonly pred: readonly number[] };
  readonly unjudged: readonly { readonly path: string; readonly reason: string }[];
};

async function read(name: string): Promise<Results> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Results;
}

const reportsOf = (name: string): string => join(folder, `${name}.report.jsonl`);
/** Enough for a verdict. */
const FRAMES_ASKED = 4;
const quick = (name: string): readonly string[] => [
  '--model',
  model,
  '--frames',
  String(FRAMES_ASKED),
  '--out',
  join(folder, `${name}.json`),
];

test('each score is that of "Check a file", and bad files are named while the rest is judged', async () => {
  const set = await lay('bad', {
    'real/-a ü.mp4': 'one-face.mp4',
    'fake/two.webm': 'two-faces.webm',
    'fake/none.mp4': 'no-face.mp4',
    [`fake/${'x'.repeat(200)}.mp4`]: 'another-face.mp4',
  });
  await writeFile(join(set, 'fake/broken.mp4'), 'no video');
  const sparse = await open(join(set, 'fake/sparse.mp4'), 'w');
  await sparse.truncate(10e9);
  await sparse.close();
  await mkdir(join(folder, 'empty'));
  const ended = await predict(...quick('bad'), set, join(folder, 'empty'));
  expect(ended.code, ended.stderr).toBe(1);
  expect(ended.stdout).toMatch(/^3 judged, 4 not/);
  const { video, unjudged } = await read('bad.json');
  expect(Object.keys(video)).toEqual(['name', 'pred', 'klass', 'pred_label', 'correct_label']);
  expect(video.name).toEqual(['two.webm', `${'x'.repeat(200)}.mp4`, '-a ü.mp4']);
  expect(video.correct_label).toEqual(['FAKE', 'FAKE', 'REAL']);
  expect(unjudged.map(({ path, reason }) => [path.split('/').at(-1), reason.split(':')[0]])).toEqual([
    ['broken.mp4', 'unreadable'],
    ['none.mp4', 'no-face'],
    ['sparse.mp4', 'unreadable'],
    ['empty', 'no-videos'],
  ]);
  for (const { path } of unjudged) expect(ended.stderr).toContain(path);

  const driver = await startDriver();
  try {
    await installModel(driver.extension.context, model);
    await askForFrames(driver, FRAMES_ASKED);
    const page = await driver.extension.context.newPage();
    for (const [index, clip] of (['two-faces.webm', 'another-face.mp4', 'one-face.mp4'] as const).entries()) {
      await page.goto(`${driver.extension.origin}/check.html`);
      await page.getByLabel('Video file').setInputFiles(resolve(TEST_VIDEO_FOLDER, clip));
      await page.getByRole('link', { name: 'Details' }).waitFor({ timeout: 60_000 });
      await expect
        .poll(async () => {
          const entry = (await driver.readHistory()).find(({ title }) => title === clip);
          const verdict = entry?.report.verdict;
          if (verdict === undefined || verdict.kind === 'refused') return null;
          return Math.abs(verdict.pooledScore - video.pred[index]!);
        })
        .toBeLessThan(TOLERANCE);
      await page.goto('about:blank');
    }
  } finally {
    await driver.close();
  }
});

describe('a data set', () => {
  test('DeepfakeTIMIT has AVI files of MPEG-4, which the browser itself can’t decode', async () => {
    const set = join(folder, 'DeepfakeTIMIT');
    for (const [quality, file] of [
      ['higher_quality', 'face.avi'],
      ['lower_quality', 'mpeg4.avi'],
    ] as const) {
      await mkdir(join(set, quality, 'fadg0'), { recursive: true });
      await copyFile(resolve(FIXTURE_FILES, file), join(set, quality, 'fadg0/sa1-video-fram1.avi'));
    }
    const ended = await predict(...quick('timit'), set);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/^timit: 2 videos\n/);
    const { video, unjudged } = await read('timit.json');
    expect(video).toMatchObject({
      name: ['sa1-video-fram1.avi'],
      klass: ['deepfaketimit'],
      correct_label: ['FAKE'],
    });
    expect(unjudged).toMatchObject([
      { path: 'DeepfakeTIMIT/lower_quality/fadg0/sa1-video-fram1.avi', reason: 'no-face' },
    ]);
  });

  test('DFDC has its labels, and the videos without one are named', async () => {
    const set = await lay('dfdc', { 'bqdjzqhcft.mp4': 'one-face.mp4', 'aaaaaaaaaa.mp4': 'one-face.mp4' });
    await writeFile(join(set, 'metadata.json'), JSON.stringify({ 'bqdjzqhcft.mp4': { label: 'FAKE' } }));
    const ended = await predict(...quick('dfdc'), set, '--list', 'all');
    expect(ended.code, ended.stderr).toBe(1);
    const { video, unjudged } = await read('dfdc.json');
    expect(video).toMatchObject({ name: ['bqdjzqhcft.mp4'], klass: ['dfdc'], correct_label: ['FAKE'] });
    expect(unjudged).toMatchObject([{ path: 'dfdc/aaaaaaaaaa.mp4', reason: 'label-unknown' }]);
  });

  test('FaceForensics++ has classes and compression, and two at a time give the same scores as one', async () => {
    const set = await lay('ff', {
      'original_sequences/youtube/c23/videos/000.mp4': 'one-face.mp4',
      'manipulated_sequences/Deepfakes/c40/videos/000_003.mp4': 'another-face.mp4',
    });
    const one = await predict(...quick('ff'), set, '--list', 'all', '--jobs', '1');
    expect(one.code, one.stderr).toBe(0);
    const { video } = await read('ff.json');
    expect(video).toMatchObject({
      klass: ['deepfakes', 'original'],
      correct_label: ['FAKE', 'REAL'],
      compression: ['c40', 'c23'],
    });
    const two = await predict(...quick('ff2'), set, '--list', 'all', '--jobs', '2');
    expect(two.code, two.stderr).toBe(0);
    for (const [index, score] of (await read('ff2.json')).video.pred.entries()) {
      expect(Math.abs(score - video.pred[index]!)).toBeLessThan(TOLERANCE);
    }
  });
});

test('after SIGKILL of the command, and of its browser, the resumed run is that of an undisturbed one', async () => {
  const clips = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name, index) => [
      `${name}.mp4`,
      index % 2 === 0 ? 'one-face.mp4' : 'another-face.mp4',
    ]),
  );
  const set = await lay('kill', clips);
  const whole = await predict(...quick('whole'), set, '--jobs', '1');
  expect(whole.code, whole.stderr).toBe(0);

  const reports = reportsOf('killed');
  const first = await startPredict(...quick('killed'), set, '--jobs', '1');
  await untilReports(reports, 1, first);
  first.kill('SIGKILL');
  await first.ended;
  await expect.poll(() => browserOf(first)).toEqual([]);
  const afterFirst = await countReports(reports);
  expect(afterFirst).toBeGreaterThan(0);

  const second = await startPredict(...quick('killed'), set, '--jobs', '1', '--resume');
  await untilReports(reports, afterFirst + 1, second);
  for (const pid of await browserOf(second)) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await second.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('--resume');

  const third = await predict(...quick('killed'), set, '--jobs', '1', '--resume');
  expect(third.code, third.stderr).toBe(0);
  expect(await read('killed.json')).toEqual(await read('whole.json'));
  const lines = parseReportLines(await readFile(reports, 'utf8'));
  expect(lines.map(({ video }) => video.name).toSorted()).toEqual(['a.mp4', 'b.mp4', 'c.mp4', 'd.mp4']);
});

test('a wrong command line is said with the usage, and a run is not overwritten', async () => {
  expect((await predict('--model', model)).code).toBe(2);
  expect((await predict('--model', model, '--frames', '0', folder)).code).toBe(2);
  await writeFile(join(folder, 'there.json'), '{}');
  const { code, stderr } = await predict(
    '--model',
    model,
    '--out',
    join(folder, 'there.json'),
    TEST_VIDEO_FOLDER,
  );
  expect(code).toBe(2);
  expect(stderr).toContain('there already');
});
