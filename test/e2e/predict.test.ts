import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { installModel } from '../support/install-model.ts';
import { startDriver } from '../support/driver.ts';
import { askForFrames } from '../support/world.ts';
import { browserOf, countReports, predict, startPredict, untilReports } from '../support/run-predict.ts';
import type { Ended } from '../support/run-predict.ts';
import { startSite } from '../support/site/server.ts';

const FIXTURE_FILES = resolve(import.meta.dirname, '../fixtures/files');
/** The requirement of the command: the page's own engine, in the same browser. */
const TOLERANCE = 1e-6;
/** Of five people. */
const PHOTOGRAPH = resolve(import.meta.dirname, '../../node_modules/@vladmandic/face-api/demo/sample5.jpg');

const CLIPS = {
  'a.mp4': 'one-face.mp4',
  'b.mp4': 'another-face.mp4',
  'c.mp4': 'one-face.mp4',
  'd.mp4': 'another-face.mp4',
};

let folder: string;
let model: string;

beforeAll(async () => {
  await ensureTestVideos();
  folder = await mkdtemp(join(tmpdir(), 'predict-'));
  model = await makeDemoModel({ sizes: 'tiny', isDemo: false });
  await undisturbed();
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

/** Whatever ends a run, the scores are those of this one, one video at a time. */
async function undisturbed(): Promise<void> {
  const set = await lay('whole', CLIPS);
  const { code, stderr } = await predict(...quick('whole'), set, '--jobs', '1');
  if (code !== 0) throw new Error(stderr);
}

test('each score is that of "Check a file", whatever it is given, and bad input is named while the rest is judged', async () => {
  const set = await lay('bad', {
    '-a ü.mp4': 'one-face.mp4',
    'two.webm': 'two-faces.webm',
    'none.mp4': 'no-face.mp4',
    'odd.mp4': 'no-face.mp4',
    [`${'x'.repeat(200)}.mp4`]: 'another-face.mp4',
  });
  await writeFile(join(set, 'broken.mp4'), 'no video');
  const sparse = await open(join(set, 'sparse.mp4'), 'w');
  await sparse.truncate(10e9);
  await sparse.close();
  await mkdir(join(set, 'a folder of frames'));
  for (let number = 1; number <= 5; number++) {
    await copyFile(PHOTOGRAPH, join(set, 'a folder of frames', `${String(number)}.jpg`));
  }
  const rows = [...(await readdir(set)).map((name) => `${name},${name.startsWith('-') ? 'real' : 'fake'}`)];
  const labels = ['path,label', ...rows, 'gone.mp4,real'].join('\n').replace('odd.mp4,fake', 'odd.mp4,maybe');
  await writeFile(join(set, 'labels.csv'), labels);
  await mkdir(join(folder, 'empty'));
  const files = await startSite({ folders: { '/videos/': TEST_VIDEO_FOLDER } });
  // It leads on to another host.
  const elsewhere = `${files.origin.replace('localhost', '127.0.0.1')}/videos/one-face.mp4`;
  const site = await startSite({ redirects: { '/moved.mp4': elsewhere } });
  let ended: Ended;
  try {
    ended = await predict(
      ...quick('bad'),
      set,
      join(folder, 'empty'),
      `${site.origin}/moved.mp4`,
      `${site.origin}/gone.mp4`,
    );
  } finally {
    await site.close();
    await files.close();
  }
  expect(ended.code, ended.stderr).toBe(1);
  expect(ended.stdout).toMatch(/^5 judged, 6 not/);
  expect(ended.stderr).toContain('in the label file, and not in the folder: 1, such as gone.mp4');
  const { video, unjudged } = await read('bad.json');
  const keys = ['name', 'pred', 'klass', 'pred_label', 'correct_label'];
  expect(Object.keys(video)).toEqual(keys);
  const names = ['-a ü.mp4', 'a folder of frames', 'two.webm', `${'x'.repeat(200)}.mp4`, 'moved.mp4'];
  expect(video.name).toEqual(names);
  expect(video.correct_label).toEqual(['REAL', 'FAKE', 'FAKE', 'FAKE', 'unknown']);
  expect(unjudged.map(({ path, reason }) => [path.split('/').at(-1), reason.split(':')[0]])).toEqual([
    ['broken.mp4', 'unreadable'],
    ['none.mp4', 'no-face'],
    ['sparse.mp4', 'unreadable'],
    ['gone.mp4', 'unreadable'],
    ['odd.mp4', 'label-unknown'],
    ['empty', 'no-videos'],
  ]);
  for (const { path } of unjudged) expect(ended.stderr).toContain(path);
  // The address has the first file's bytes.
  expect(Math.abs(video.pred[4]! - video.pred[0]!)).toBeLessThan(TOLERANCE);

  const driver = await startDriver();
  try {
    await installModel(driver.extension.context, model);
    await askForFrames(driver, FRAMES_ASKED);
    const page = await driver.extension.context.newPage();
    for (const [field, path, title, pred] of [
      ['Video file', resolve(TEST_VIDEO_FOLDER, 'one-face.mp4'), 'one-face.mp4', video.pred[0]!],
      ['Folder of frames', join(set, 'a folder of frames'), 'a folder of frames', video.pred[1]!],
      ['Video file', resolve(TEST_VIDEO_FOLDER, 'two-faces.webm'), 'two-faces.webm', video.pred[2]!],
      ['Video file', resolve(TEST_VIDEO_FOLDER, 'another-face.mp4'), 'another-face.mp4', video.pred[3]!],
    ] as const) {
      await page.goto(`${driver.extension.origin}/check.html`);
      await page.getByLabel(field).setInputFiles(path);
      await page.getByRole('link', { name: 'Details' }).waitFor({ timeout: 60_000 });
      await expect
        .poll(async () => {
          const entry = (await driver.readHistory()).find((each) => each.title === title);
          const verdict = entry?.report.verdict;
          if (verdict === undefined || verdict.kind === 'refused') return null;
          return Math.abs(verdict.pooledScore - pred);
        })
        .toBeLessThan(TOLERANCE);
      await page.goto('about:blank');
    }
  } finally {
    await driver.close();
  }

  const evaluate = resolve(import.meta.dirname, '../../entrypoints/cli/evaluate.ts');
  const figures = await promisify(execFile)(process.execPath, [evaluate, join(folder, 'bad.json'), '--json']);
  const [file] = (JSON.parse(figures.stdout) as { readonly files: readonly object[] }).files;
  expect(file).toMatchObject({ realVideos: 1, fakeVideos: 3, unlabelled: 1 });
  const strata = (file as { readonly strata: readonly { readonly by: string }[] }).strata;
  expect(strata.some(({ by }) => by === 'face size')).toBe(true);
});

test('the four data sets in one run, two videos at a time: labels, classes, compression, and the scores of one at a time', async () => {
  const dfdc = await lay('dfdc', { 'bqdjzqhcft.mp4': 'one-face.mp4', 'cttqtsjvgn.mp4': 'no-face.mp4' });
  await writeFile(join(dfdc, 'metadata.json'), JSON.stringify({ 'bqdjzqhcft.mp4': { label: 'FAKE' } }));
  const forensics = await lay('FaceForensics++', {
    'original_sequences/actors/c23/videos/01__exit_phone_room.mp4': 'one-face.mp4',
    'manipulated_sequences/Deepfakes/c40/videos/950_836.mp4': 'another-face.mp4',
    'manipulated_sequences/Deepfakes/c40/videos/000_003.mp4': 'no-face.mp4',
  });
  const celeb = await lay('Celeb-DF-v2', {
    'Celeb-real/id1_0007.mp4': 'another-face.mp4',
    'Celeb-synthesis/id1_id0_0007.mp4': 'one-face.mp4',
    'YouTube-real/00170.mp4': 'no-face.mp4',
  });
  const ownList = '1 Celeb-real/id1_0007.mp4\n0 Celeb-synthesis/id1_id0_0007.mp4\n';
  await writeFile(join(celeb, 'List_of_testing_videos.txt'), ownList);
  // AVI files of MPEG-4, which the browser itself can't decode.
  const timit = join(folder, 'DeepfakeTIMIT');
  for (const [quality, file] of [
    ['higher_quality', 'face.avi'],
    ['lower_quality', 'mpeg4.avi'],
  ] as const) {
    await mkdir(join(timit, quality, 'fadg0'), { recursive: true });
    await copyFile(resolve(FIXTURE_FILES, file), join(timit, quality, 'fadg0/sa1-video-fram1.avi'));
  }
  const ended = await predict(...quick('sets'), dfdc, forensics, timit, celeb, '--jobs', '2');
  expect(ended.code, ended.stderr).toBe(1);
  for (const line of [
    'dfdc: 1 videos\non the list, and not in the folder: 398, such as ',
    'without a label that is real or fake, so left out: 1, such as dfdc/cttqtsjvgn.mp4\n',
    'faceforensics: 2 videos\n',
    'not on the list, so left out: 1, such as FaceForensics++/manipulated_sequences/Deepfakes/c40/videos/000_003.mp4\n',
    'timit: 2 videos\n',
    'celeb: 2 videos\nnot on the list, so left out: 1, such as Celeb-DF-v2/YouTube-real/00170.mp4\n',
  ]) {
    expect(ended.stderr).toContain(line);
  }
  const { video, unjudged } = await read('sets.json');
  const { name, klass, correct_label: labels, compression } = video;
  expect(name!.map((_, index) => [name, klass, labels, compression].map((column) => column![index]))).toEqual(
    [
      ['bqdjzqhcft.mp4', 'dfdc', 'FAKE', null],
      ['950_836.mp4', 'deepfakes', 'FAKE', 'c40'],
      ['01__exit_phone_room.mp4', 'original', 'REAL', 'c23'],
      ['sa1-video-fram1.avi', 'deepfaketimit', 'FAKE', null],
      ['id1_0007.mp4', 'celeb-real', 'REAL', null],
      ['id1_id0_0007.mp4', 'celeb-synthesis', 'FAKE', null],
    ],
  );
  expect(unjudged.map(({ path, reason }) => [path, reason])).toEqual([
    ['DeepfakeTIMIT/lower_quality/fadg0/sa1-video-fram1.avi', 'no-face'],
    ['dfdc/cttqtsjvgn.mp4', 'label-unknown'],
  ]);
  const [one, another] = (await read('whole.json')).video.pred;
  for (const [index, score] of [one!, another!, one!, null, another!, one!].entries()) {
    if (score !== null) expect(Math.abs(video.pred[index]! - score)).toBeLessThan(TOLERANCE);
  }
});

test('Ctrl-C ends a run and says how to go on, a second one ends it at once, and killed it goes on as if undisturbed', async () => {
  const set = join(folder, 'whole');
  const reports = reportsOf('stopped');
  const args = [...quick('stopped'), set, '--jobs', '1'];
  const first = await startPredict(...args);
  // While the network is installed into the browser's own file system, and loaded.
  const isInstalling = (): boolean =>
    globSync(`${tmpdir()}/trueframe-command-${String(first.pid)}-*/profile/Default/File System/*/t/*/*`)
      .length > 0;
  // On a busy machine the browser alone takes fifteen seconds.
  await expect.poll(isInstalling, { interval: 50, timeout: 60_000 }).toBe(true);
  first.kill('SIGINT');
  const stopped = await first.ended;
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(stopped.stderr).toContain(`--out ${join(folder, 'stopped.json')} --resume continues it`);
  expect(await browserOf(first)).toEqual([]);

  const second = await startPredict(...args, '--resume');
  await untilReports(reports, 1, second);
  second.kill('SIGINT');
  second.kill('SIGINT');
  // Ended by the signal itself, or already by itself.
  expect([null, 130]).toContain((await second.ended).code);
  await expect.poll(() => browserOf(second)).toEqual([]);

  const third = await startPredict(...args, '--resume');
  await untilReports(reports, (await countReports(reports)) + 1, third);
  for (const pid of await browserOf(third)) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await third.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('--resume');

  const last = await predict(...args, '--resume');
  expect(last.code, last.stderr).toBe(0);
  expect(await read('stopped.json')).toEqual(await read('whole.json'));
  const lines = parseReportLines(await readFile(reports, 'utf8'));
  expect(lines.map(({ video }) => video.name).toSorted()).toEqual(Object.keys(CLIPS));
  // Four starts of a browser.
}, 240_000);

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
