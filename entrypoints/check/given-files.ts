import { isDirectory, isFile, ownFiles, readFile, readFolder } from '../../components/dropped-entries.ts';
import { isPictureName } from '../../utils/domain/video-files.ts';
import type { Checkable } from './use-check.ts';

/** An hour at 30 frames a second: only a few of them are examined. */
const MAX_FOLDER_FILES = 108_000;

/**
 * The dropped video: one file, or a folder or several pictures, which are the frames of one video. It must be called in
 * the event itself: afterwards the browser has emptied the data.
 * @returns null where nothing in it is a file
 */
export async function readDropped({ items, files }: DataTransfer): Promise<Checkable | null> {
  const given = [...files];
  const entries = [...items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []));
  const [first] = entries;
  if (first !== undefined && isDirectory(first)) {
    return { kind: 'images', name: first.name, files: await readFolder(first, MAX_FOLDER_FILES) };
  }
  return checkableOf(entries.length > 0 ? await Promise.all(entries.filter(isFile).map(readFile)) : given);
}

/** The folder of frames that was chosen. */
export function readChosenFolder(files: readonly [File, ...File[]]): Checkable {
  const [name = ''] = files[0].webkitRelativePath.split('/');
  return { kind: 'images', name, files: ownFiles(files).slice(0, MAX_FOLDER_FILES) };
}

function checkableOf(files: readonly File[]): Checkable | null {
  const [first] = files;
  if (first === undefined) return null;
  return isPictureName(first.name)
    ? { kind: 'images', name: first.name, files }
    : { kind: 'file', file: first };
}
