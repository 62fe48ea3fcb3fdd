import { expect, test } from 'vitest';
import {
  MAX_FOLDER_FILES,
  readChosenFolder,
  readDropped,
} from '../../../../components/install/disk-form.tsx';

const fileEntry = (name: string) => ({
  isFile: true,
  isDirectory: false,
  file: (done: (file: File) => void) => done(new File(['x'], name)),
});

/** A folder that gives `perCall` entries at a time, as browsers do. */
function folderEntry(entries: readonly object[], perCall: number) {
  return {
    isFile: false,
    isDirectory: true,
    createReader: () => {
      let next = 0;
      return {
        readEntries: (done: (entries: readonly object[]) => void) => {
          done(entries.slice(next, next + perCall));
          next += perCall;
        },
      };
    },
  };
}

const dropOf = (entry: object): DataTransfer =>
  ({ items: [{ kind: 'file', webkitGetAsEntry: () => entry }] }) as unknown as DataTransfer;

test('takes one file as a checkpoint', async () => {
  const dropped = await readDropped(dropOf(fileEntry('genconvit_ed_inference.pth')));
  expect(dropped).toMatchObject({ kind: 'checkpoint-file', file: { name: 'genconvit_ed_inference.pth' } });
});

test('reads a folder to its end, without the folders in it', async () => {
  const names = Array.from({ length: 250 }, (_, index) => `shard-${String(index)}`);
  const folder = folderEntry([...names.map(fileEntry), folderEntry([fileEntry('deep')], 100)], 100);
  const dropped = await readDropped(dropOf(folder));
  if (dropped.kind !== 'model-folder') throw new Error(dropped.kind);
  expect(dropped.files.map(({ name }) => name)).toEqual(names);
});

test('stops at its limit in a folder that has no end', async () => {
  const endless = {
    isFile: false,
    isDirectory: true,
    createReader: () => ({
      readEntries: (done: (entries: readonly object[]) => void) =>
        done(Array.from({ length: 100 }, () => fileEntry('again'))),
    }),
  };
  const dropped = await readDropped(dropOf(endless));
  expect(dropped).toMatchObject({ kind: 'model-folder', files: { length: MAX_FOLDER_FILES } });
});

test('takes nothing from a drop of text', async () => {
  const text = { items: [{ kind: 'string', webkitGetAsEntry: () => null, getAsFile: () => null }] };
  expect(await readDropped(text as unknown as DataTransfer)).toEqual({ kind: 'nothing' });
});

test('leaves the files of folders within a chosen folder out', () => {
  const file = (path: string): File =>
    Object.defineProperty(new File(['x'], path.slice(path.lastIndexOf('/') + 1)), 'webkitRelativePath', {
      value: path,
    });
  const chosen = readChosenFolder([file('models-ed/model.json'), file('models-ed/old/model.json')]);
  expect(chosen).toMatchObject({ kind: 'model-folder', files: [{ name: 'model.json' }] });
  expect(chosen.kind === 'model-folder' && chosen.files).toHaveLength(1);
});
