import { expect, test } from 'vitest';
import { readChosenFolder, readDropped } from '../../../../entrypoints/check/given-files.ts';

const fileEntry = (name: string) => ({
  isFile: true,
  isDirectory: false,
  file: (done: (file: File) => void) => done(new File(['x'], name)),
});

const folderEntry = (name: string, entries: readonly object[]) => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader: () => {
    const left = [entries, []];
    return { readEntries: (done: (entries: readonly object[]) => void) => done(left.shift()!) };
  },
});

const dropOf = (...entries: readonly object[]): DataTransfer =>
  ({
    items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
    files: [],
  }) as unknown as DataTransfer;

test('a dropped video is the first file', async () => {
  expect(await readDropped(dropOf(fileEntry('a.avi'), fileEntry('b.avi')))).toMatchObject({
    kind: 'file',
    file: { name: 'a.avi' },
  });
});

test('dropped pictures and a dropped folder are the frames of one video', async () => {
  const pictures = await readDropped(dropOf(fileEntry('1.PNG'), fileEntry('2.jpeg')));
  expect(pictures).toMatchObject({
    kind: 'images',
    name: '1.PNG',
    files: [{ name: '1.PNG' }, { name: '2.jpeg' }],
  });
  const folder = await readDropped(
    dropOf(folderEntry('clip', [fileEntry('1.png'), folderEntry('more', [])])),
  );
  expect(folder).toMatchObject({ kind: 'images', name: 'clip', files: [{ name: '1.png' }] });
});

test('a file that lies in no folder is taken, and a dropped text is nothing', async () => {
  const file = new File(['x'], 'made.mkv');
  const made = { items: [{ kind: 'file', webkitGetAsEntry: () => null }], files: [file] };
  expect(await readDropped(made as unknown as DataTransfer)).toEqual({ kind: 'file', file });
  const text = { items: [{ kind: 'string' }], files: [] };
  expect(await readDropped(text as unknown as DataTransfer)).toBeNull();
});

test('a chosen folder gives its own files alone', () => {
  const named = (path: string): File =>
    Object.assign(new File(['x'], path.split('/').at(-1)!), { webkitRelativePath: path });
  const chosen = readChosenFolder([named('clip/1.png'), named('clip/deeper/2.png')]);
  expect(chosen).toMatchObject({ kind: 'images', name: 'clip', files: [{ name: '1.png' }] });
});
