import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { accuracyTable, withAccuracy } from '../../../../models/evaluation/accuracy.ts';
import { parseResults } from '../../../../models/evaluation/results.ts';
import { sharedFolder, sharedPath } from '../../../support/shared-folder.ts';

// A launch is a second on an idle machine.
vi.setConfig({ testTimeout: 120_000 });

const COMMANDS = new URL('../../../../entrypoints/cli/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'trueframe-evaluation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const results = sharedPath('data/results', "the authors' result files");
const golden = sharedFolder('golden', 'metrics golden');

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function run(command: 'accuracy' | 'calibrate' | 'evaluate', ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(COMMANDS, `${command}.ts`), ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** Forty videos of which the networks know most; the odd ones are FAKE. */
const SCORES = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? index / 60 : 0.4 + index / 70));
const MADE = {
  video: {
    name: SCORES.map((_, index) => `video-${index}.mp4`),
    pred: SCORES,
    klass: SCORES.map((_, index) => (index % 2 === 0 ? 'original' : index % 4 === 1 ? '<swap>' : 'other')),
    pred_label: SCORES.map((score) => (score >= 0.5 ? 'FAKE' : 'REAL')),
    correct_label: SCORES.map((_, index) => (index % 2 === 0 ? 'REAL' : 'FAKE')),
  },
};
const made = write('made <b>&.json', JSON.stringify(MADE));

describe('evaluate', () => {
  test.skipIf(!results || !golden)('prints the lines of the authors’ script for their files', async () => {
    const { _result_all_stdout: printed } = JSON.parse(
      readFileSync(new URL('metrics_expected.json', golden), 'utf8'),
    ) as { _result_all_stdout: string };
    const files = readdirSync(results!).map((name) => join(results!, name));
    const { code, stdout } = await run('evaluate', ...files);
    expect(code).toBe(0);
    const blocks = printed.trim().split('\n\n');
    expect(blocks).toHaveLength(4);
    for (const block of blocks) {
      const [name, ...lines] = block.split('\n');
      expect(stdout).toContain(`_${name!.replace(':', '.json:')}\n${lines.join('\n')}\n`);
    }
  });

  test('gives the same JSON for the same seed, and tunes on one half for the other', async () => {
    const tuned = ['--tune', 'youden', '--json', '--seed'];
    const [one, again, other, given] = await Promise.all([
      run('evaluate', made, ...tuned, '1'),
      run('evaluate', made, ...tuned, '1'),
      run('evaluate', made, ...tuned, '2'),
      run('evaluate', made, '--tune', 'cost=1:5', '--tune-on', made, '--json'),
    ]);
    expect(one).toEqual(again);
    expect(one.stdout).not.toBe(other.stdout);
    const [file] = (JSON.parse(one.stdout) as { files: Record<string, unknown>[] }).files;
    expect(file).toMatchObject({ realVideos: 10, fakeVideos: 10, missingClass: null });
    expect(file!.tunedOn).toContain('20 videos');
    expect(typeof file!.threshold).toBe('number');
    expect(JSON.parse(given.stdout)).toMatchObject({
      files: [{ realVideos: 20, tunedOn: 'made <b>&.json', strata: [{ by: 'class' }, {}, {}] }],
    });
  });

  test('writes a page that loads nothing, runs nothing and shows names as text', async () => {
    const html = join(folder, 'page.html');
    expect((await run('evaluate', made, '--html', html)).code).toBe(0);
    const page = read('page.html');
    expect(page).toContain('made &lt;b&gt;&amp;.json');
    expect(page).toContain('&lt;swap&gt;');
    expect(page).not.toMatch(/<b>|<swap>|<script|<link|<img|\bsrc=|url\(|@import/);
    // The namespaces are names, nothing is fetched from them.
    expect(page.replaceAll(/xmlns(:\w+)?="[^"]*"/g, '')).not.toContain('http');
    expect(page.match(/<svg /g)).toHaveLength(4);
    // Each plot, the figures, the confusion and the kinds.
    expect(page.match(/<table>/g)).toHaveLength(7);
    expect(page).not.toContain('NaN');
    expect(page).not.toContain('undefined');
  });

  test('says of one class alone what is missing', async () => {
    const real = write(
      'real.csv',
      'Label,Filename,Prediction,Confidence\nREAL,a.mp4,REAL,0.1\nREAL,b.mp4,FAKE,0.6\n',
    );
    const html = join(folder, 'real.html');
    const { code, stdout } = await run('evaluate', real, '--html', html);
    expect(code).toBe(0);
    expect(stdout).toContain('No manipulated video is in it');
    expect(`${stdout}${read('real.html')}`).not.toMatch(/NaN|Infinity|undefined/);
    expect(await run('evaluate', real, '--tune', 'youden')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no video in it is FAKE') as string,
    });
  });

  test('says how many videos have no true label, and has the figures by the faces’ size', async () => {
    const correct_label = MADE.video.correct_label.map((label, index) => (index < 3 ? 'unknown' : label));
    const face_side_pixels = SCORES.map((_, index) => (index < 20 ? 90 : 200));
    const path = write(
      'some.json',
      JSON.stringify({ video: { ...MADE.video, correct_label }, face_side_pixels }),
    );
    const html = join(folder, 'some.html');
    const [shown, asJson, counted] = await Promise.all([
      run('evaluate', path, '--html', html),
      run('evaluate', path, '--json'),
      run('calibrate', path),
    ]);
    for (const text of [shown.stdout, read('some.html'), counted.stdout]) {
      expect(text).toContain('3 videos have no true label, and are left out.');
    }
    expect(shown.stdout).toMatch(/face size 80 to 159 px, 8 real and 9 manipulated videos/);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ files: [{ unlabelled: 3, realVideos: 18 }] });
  });

  test('writes the benchmark’s CSV and the original’s JSON, which it reads again', async () => {
    const csv = join(folder, 'out.csv');
    await run('evaluate', made, '--write', csv);
    expect(read('out.csv')).toMatch(
      /^Split,Label,Filename,Prediction,Confidence\n,REAL,video-0.mp4,REAL,0\n/,
    );
    const json = join(folder, 'out.json');
    await run('evaluate', csv, '--write', json);
    const known = parseResults(JSON.stringify(MADE)).videos.map((video) => ({ ...video, klass: '' }));
    expect(parseResults(read('out.json')).videos).toEqual(known);
  });

  test('wrong words end with 2 and the usage, wrong files with 1 and their name', async () => {
    const broken = write('broken.json', '{"video": {}}');
    const cases: readonly (readonly [number, RegExp, ...string[]])[] = [
      [2, /no result files[^]*npm run evaluate/],
      [2, /--threshold 1.5/, made, '--threshold', '1.5'],
      [2, /--tune best/, made, '--tune', 'best'],
      [2, /--tune cost=0:0/, made, '--tune', 'cost=0:0'],
      [2, /exclude each other/, made, '--tune', 'youden', '--threshold', '.5'],
      [2, /--tune-on needs --tune/, made, '--tune-on', made],
      [2, /--seed -1|--seed/, made, '--seed', '4294967296'],
      [2, /--write out.txt/, made, '--write', 'out.txt'],
      [1, /results-invalid: .*broken.json: video.name/, broken],
      [1, /ENOENT/, join(folder, 'absent.json')],
    ];
    const ended = await Promise.all(cases.map(([, , ...args]) => run('evaluate', ...args)));
    cases.forEach(([code, problem], index) => {
      expect(ended[index]!.stderr).toMatch(problem);
      expect(ended[index]!.code).toBe(code);
      expect(ended[index]!.stdout).toBe('');
    });
  });
});

describe('calibrate', () => {
  test.skipIf(!results)('writes the detector’s calibration, byte for byte', async () => {
    const out = join(folder, 'calibration.ts');
    const { code, stdout } = await run(
      'calibrate',
      ...readdirSync(results!).map((name) => join(results!, name)),
      '--out',
      out,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/likely-manipulated +real +39 of 590, 7 of 100 \(4\.9 to 8\.9\)/);
    const source = new URL('../../../../models/detectors/genconvit/calibration.ts', import.meta.url);
    expect(read('calibration.ts')).toBe(readFileSync(source, 'utf8'));
  });

  test('refuses a set of one class, and wrong words', async () => {
    const [oneClass, unknown] = await Promise.all([
      run('calibrate', write('one.csv', 'Label,Filename,Prediction,Confidence\nREAL,a.mp4,REAL,0.1\n')),
      run('calibrate', made, '--detector', 'nobody'),
    ]);
    expect(oneClass).toMatchObject({ code: 1, stdout: '' });
    expect(oneClass.stderr).toContain('no video in it is FAKE');
    expect(unknown.code).toBe(2);
  });
});

describe('accuracy', () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');

  test('README has the figures of the detector’s calibration', () => {
    expect(withAccuracy(readme, accuracyTable(GENCONVIT.calibration!, GENCONVIT.bands))).toBe(readme);
    expect(() => withAccuracy('no marks', '')).toThrow(RangeError);
  });

  test.skipIf(!results)(
    'passes on the authors’ files, and fails with the name of what has other figures',
    async () => {
      const files = readdirSync(results!).map((name) => join(results!, name));
      const [right, wrong] = await Promise.all([run('accuracy', ...files), run('accuracy', files[0]!)]);
      expect(right).toMatchObject({ code: 0, stderr: '' });
      expect(wrong.code).toBe(1);
      expect(wrong.stderr).toContain("in the detector's calibration and in README.md");
    },
  );
});
