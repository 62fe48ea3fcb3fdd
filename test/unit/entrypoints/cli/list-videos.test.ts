import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesOf, listFiles, originsOf, videoOfAddress } from '../../../../entrypoints/cli/list-videos.ts';

const SPLIT = resolve(import.meta.dirname, '../../../../entrypoints/cli/split.ts');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'list-videos-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), path);
  }
}

const list = (...paths: readonly string[]) =>
  listFiles(
    paths.map((path) => join(folder, path)),
    new AbortController().signal,
  );

test('files of folders are named from the given folder on, in order, with size and time', async () => {
  await put('a set/real/b.mp4', 'a set/real/-ü.mp4', 'a set/labels.csv');
  const { files, failed } = await list('a set');
  expect(files.map(({ path }) => path)).toEqual([
    'a set/labels.csv',
    'a set/real/-ü.mp4',
    'a set/real/b.mp4',
  ]);
  expect(files[2]!.stamp.byteLength).toBe('a set/real/b.mp4'.length);
  const { mtimeMs } = await stat(join(folder, 'a set/real/b.mp4'));
  expect(files[2]!.stamp.modifiedAt).toBe(Math.floor(mtimeMs));
  expect(failed).toEqual([]);
});

test('two folders of one name, links to folders, and a link to itself', async () => {
  await put('one/set/a.mp4', 'two/set/a.mp4');
  await symlink(join(folder, 'two/set'), join(folder, 'one/set/linked'));
  await symlink(join(folder, 'one/set'), join(folder, 'one/set/self'));
  const { files } = await list('one/set', 'two/set');
  expect(files.map(({ path }) => path)).toEqual(['set/a.mp4', 'set/linked/a.mp4']);
  await put('three/set/a.mp4');
  const both = await list('one/set', 'three/set');
  expect(both.files.map(({ path }) => path)).toEqual(['set/a.mp4', 'set/linked/a.mp4', '2/set/a.mp4']);
});

test('what has no video, and what is not there, is named', async () => {
  await mkdir(join(folder, 'empty'));
  await put('texts/a.txt');
  const { failed } = await list('empty', 'texts', 'gone.mp4');
  expect(failed.map(({ video, code }) => [video.name, code])).toEqual([
    ['empty', 'no-videos'],
    ['texts', 'no-videos'],
    ['gone.mp4', 'source-failed'],
  ]);
});

test('a folder without permission and a link in a circle are named, and the rest is listed', async () => {
  await put('set/a/1.mp4', 'set/closed/2.mp4', 'set/z.mp4');
  await symlink(join(folder, 'set/circle'), join(folder, 'set/circle'));
  await chmod(folder, 0o755);
  await chmod(join(folder, 'set/closed'), 0);
  const isRoot = process.geteuid?.() === 0;
  // Modes do not stop root: the listing is done by another user (usually called nobody).
  if (isRoot) process.seteuid?.(65_534);
  try {
    const { files, failed } = await list('set');
    expect(files.map(({ path }) => path)).toEqual(['set/a/1.mp4', 'set/z.mp4']);
    expect(failed.map(({ video, code, message }) => [video.path, code, /^E\w+/.exec(message)?.[0]])).toEqual([
      ['set/circle', 'source-failed', 'ELOOP'],
      ['set/closed', 'source-failed', 'EACCES'],
    ]);
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(join(folder, 'set/closed'), 0o755);
  }
});

test('of a folder of frames, those are given that are examined, in the order of their numbers', async () => {
  await put(...Array.from({ length: 12 }, (_, index) => `clip/frame${index + 1}.png`), 'film.mp4');
  const { files, failed } = await list('clip', 'film.mp4');
  expect(failed).toEqual([]);
  const origins = originsOf(files, { framesAsked: 3, sampling: 'linspace' });
  const frames = origins.get('clip');
  expect(frames).toMatchObject({ kind: 'frames', frames: [{ number: 0 }, { number: 5 }, { number: 11 }] });
  expect(filesOf(frames!)).toEqual([1, 6, 12].map((number) => join(folder, `clip/frame${number}.png`)));
  // A picture that is changed makes another video of it.
  expect(frames?.stamp.byteLength).toBe(
    files.reduce((sum, { path, stamp }) => sum + (path.startsWith('clip') ? stamp.byteLength! : 0), 0),
  );
  expect(origins.get('film.mp4')).toMatchObject({ kind: 'file', file: join(folder, 'film.mp4') });
});

test('an address is a video by itself', async () => {
  const { files } = await listFiles(['https://example.com/clip.mp4?x=1'], new AbortController().signal);
  expect(files).toEqual([
    {
      path: 'https://example.com/clip.mp4?x=1',
      file: null,
      stamp: { byteLength: null, modifiedAt: null },
      folder: null,
    },
  ]);
  expect(videoOfAddress('https://example.com/clip.mp4?x=1').name).toBe('clip.mp4');
});

test('npm run split links the files, writes a manifest, and says what it could not place', async () => {
  await put('v/000.mp4', 'v/001.mp4', 'v/000_001.mp4', 'v/holiday.mp4');
  const labels = ['path\tlabel', '000.mp4\treal', '001.mp4\tREAL', '000_001.mp4\tfake', 'holiday.mp4\tfake'];
  await writeFile(join(folder, 'labels.tsv'), [...labels, 'gone.mp4\tfake', 'odd.mp4\tmaybe'].join('\n'));
  const args = [SPLIT, 'labels.tsv', '--videos', 'v', '--out', 'out', '--ratios', '1,0,1'];
  const ended = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch(
    (error: unknown) => error as { readonly code: number; readonly stderr: string },
  );
  expect(ended).toMatchObject({
    code: 1,
    stderr: 'gone.mp4: not in the folder\nodd.mp4: its label is “maybe”\n',
  });
  const rows = (await readFile(join(folder, 'out/split.tsv'), 'utf8')).trim().split('\n').slice(1);
  const sides = new Map(rows.map((row) => [row.split('\t')[0], row.split('\t')[2]]));
  expect(sides.size).toBe(4);
  expect(sides.get('000_001.mp4')).toBe(sides.get('000.mp4'));
  expect(sides.get('001.mp4')).toBe(sides.get('000.mp4'));
  expect(sides.get('holiday.mp4')).not.toBe(sides.get('000.mp4'));
  for (const row of rows) {
    const [path, , , , file] = row.split('\t');
    expect((await stat(join(folder, 'out', file!))).ino).toBe((await stat(join(folder, 'v', path!))).ino);
  }
});
