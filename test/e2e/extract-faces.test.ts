import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import { decodePng } from '../../models/image/png.ts';
import { sha256Of } from '../../utils/domain/sha256.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { browserOf, predict, startCommand, untilReports } from '../support/run-predict.ts';

const COMMANDS = resolve(import.meta.dirname, '../../entrypoints/cli');
/** The requirement of the command: the page's own pixels, in the same runtime. */
const TOLERANCE = 1e-6;

type FaceLine = {
  readonly video: string;
  readonly file: string;
  readonly personId: number;
  readonly frameIndex: number;
  readonly mediaTimeSeconds: number;
  readonly box: readonly number[];
  readonly detectorScore: number;
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extract-faces-'));
  const clips = {
    'train_vid/real/-one ü.mp4': 'one-face.webm',
    'train_vid/fake/two.webm': 'two-faces.webm',
    'train_vid/fake/two.mp4': 'another-face.mp4',
    'valid_vid/fake/lying.mp4': 'lying-face.mp4',
    'test_vid/real/none.mp4': 'no-face.mp4',
    'notes/elsewhere.mp4': 'no-face.mp4',
  };
  for (const [path, clip] of Object.entries(clips)) {
    const target = join(folder, 'set', path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(resolve(TEST_VIDEO_FOLDER, clip), target);
  }
  await mkdir(join(folder, 'set/test_vid/fake'));
  await writeFile(join(folder, 'set/test_vid/fake/broken.mp4'), 'no video');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('killed and resumed, it has the very faces that a scan judges, and npm run score gives the scan’s score of them', async () => {
  const out = join(folder, 'out');
  const args = [join(folder, 'set'), '--out', out, '--frames', '5', '--jobs', '1'];
  const first = await startCommand('extract-faces', args);
  await untilReports(join(out, 'videos.jsonl'), 1, first);
  first.kill('SIGKILL');
  await first.ended;
  await expect.poll(() => browserOf(first)).toEqual([]);
  const again = await (await startCommand('extract-faces', args)).ended;
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('--resume continues it');

  const second = await (await startCommand('extract-faces', [...args, '--resume'])).ended;
  expect(second.code, second.stderr).toBe(1);
  expect(second.stderr).toContain('6 videos');
  expect(second.stderr).toContain('without a video: valid_vid/real\n');
  expect(second.stderr).toContain('elsewhere, so left out: 1, such as set/notes/elsewhere.mp4');
  expect(second.stderr).toContain('set/test_vid/fake/broken.mp4: unreadable\n');
  expect(second.stdout).toMatch(/^25 faces of 5 videos \(1 without a face\) in .*, 1 not read\n$/);

  const model = await makeDemoModel({ sizes: 'tiny-224', isDemo: false });
  const results = join(folder, 'results.json');
  const judged = await predict(
    '--model',
    model,
    '--frames',
    '5',
    '--out',
    results,
    join(folder, 'set'),
    '--dataset',
    'other',
  );
  expect(judged.code, judged.stderr).toBe(1);
  const reports = parseReportLines(await readFile(join(folder, 'results.report.jsonl'), 'utf8'));
  const text = await readFile(join(out, 'faces.jsonl'), 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FaceLine);
  expect(lines).toHaveLength(25);

  let scored = 0;
  for (const { video, report } of reports) {
    const own = lines.filter((line) => line.video === video.path);
    const { frameScores, verdict } = report;
    expect(
      own.map(({ personId, frameIndex, mediaTimeSeconds }) => [personId, frameIndex, mediaTimeSeconds]),
    ).toEqual(
      frameScores.map(({ personId, frameIndex, mediaTimeSeconds }) => [
        personId,
        frameIndex,
        mediaTimeSeconds,
      ]),
    );
    for (const [index, { file, box, detectorScore }] of own.entries()) {
      const picture = await decodePng(await readFile(join(out, file)), file);
      expect([picture.width, picture.height]).toEqual([224, 224]);
      const face = frameScores[index]!;
      expect(await sha256Of(picture.data)).toBe(face.pixelsSha256);
      expect(detectorScore).toBe(face.measures!.detectorScore);
      const [left, top, right, bottom] = box;
      // Every one of these clips is 640 pixels one way and 360 the other.
      const [width, height] = video.name === 'lying.mp4' ? [360, 640] : [640, 360];
      expect(left! / width).toBeCloseTo(face.box!.left, 9);
      expect(top! / height).toBeCloseTo(face.box!.top, 9);
      expect((right! - left!) / width).toBeCloseTo(face.box!.width, 9);
      expect((bottom! - top!) / height).toBeCloseTo(face.box!.height, 9);
    }
    if (verdict.kind === 'refused') continue;
    const faces = own.map(({ file }) => join(out, file));
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(COMMANDS, 'score.ts'),
      '--model',
      model,
      '--json',
      ...faces,
    ]);
    const { score } = (JSON.parse(stdout) as { readonly video: { readonly score: number } }).video;
    expect(Math.abs(score - verdict.pooledScore)).toBeLessThan(TOLERANCE);
    scored += 1;
  }
  expect(scored).toBe(4);
  expect(await readdir(join(out, 'train/fake'))).toEqual([
    ...[0, 1, 2, 3, 4].map((index) => `two.mp4_face_${index}.png`),
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => `two.webm_face_${index}.png`),
  ]);
  expect(await readdir(join(out, 'test/real'))).toEqual([]);
});
