import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { frameFolders, nameOf, videoPathsOf } from '../../models/evaluation/dataset-layouts.ts';
import type { DatasetFiles } from '../../models/evaluation/dataset-layouts.ts';
import { chooseFrames } from '../../models/frames/images-source.ts';
import type {
  EvaluationSettings,
  FailedVideo,
  FileStamp,
  PlannedVideo,
} from '../../utils/domain/evaluation.ts';

/** One file or address that the command was given, or that lies in a folder that it was given. */
export type ListedFile = {
  /** From the given folder's own name on, with `/`; an address as it is. Unique in a run. */
  readonly path: string;
  /** Where it lies on the disk; null of an address. */
  readonly file: string | null;
  readonly stamp: FileStamp;
  /** Place among the given paths of the folder that it is in; null where it was given itself. */
  readonly folder: number | null;
};

export type Listing = {
  readonly files: readonly ListedFile[];
  /** Paths in which there is no video, or that can't be read. */
  readonly failed: readonly FailedVideo[];
};

/** Where a video's frames come from. */
export type VideoOrigin = { readonly stamp: FileStamp } & (
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'address'; readonly url: string }
  /** The pictures of a folder that are examined, with their numbers among all of its pictures. */
  | {
      readonly kind: 'frames';
      readonly frames: readonly { readonly number: number; readonly file: string }[];
    }
);

/** The videos among the files, and the folders of frames, by path. */
export function originsOf(
  files: readonly ListedFile[],
  { framesAsked, sampling }: Pick<EvaluationSettings, 'framesAsked' | 'sampling'>,
): ReadonlyMap<string, VideoOrigin> {
  const origins = new Map(
    files.map(({ path, file, stamp }): [string, VideoOrigin] => [
      path,
      file === null ? { kind: 'address', stamp, url: path } : { kind: 'file', stamp, file },
    ]),
  );
  const onDisk = new Map(files.flatMap((each) => (each.file === null ? [] : [[each.path, each]])));
  for (const [folder, paths] of frameFolders([...onDisk.keys()])) {
    const pictures = paths.map((path) => ({ ...onDisk.get(path)!, name: nameOf(path) }));
    const frames = chooseFrames(pictures, framesAsked, sampling);
    const stamp = {
      byteLength: pictures.reduce((sum, picture) => sum + (picture.stamp.byteLength ?? 0), 0),
      modifiedAt: Math.max(...pictures.map((picture) => picture.stamp.modifiedAt ?? 0)),
    };
    origins.set(folder, {
      kind: 'frames',
      stamp,
      frames: frames.map(({ number, file: picture }) => ({ number, file: picture.file! })),
    });
  }
  return origins;
}

/** The files of the disk that the browser is given. */
export function filesOf(origin: VideoOrigin): readonly string[] {
  switch (origin.kind) {
    case 'file':
      return [origin.file];
    case 'frames':
      return origin.frames.map(({ file }) => file);
    case 'address':
      return [];
    default:
      return origin satisfies never;
  }
}

function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** Every file of the given files and folders, folders within folders too. What can't be read is named. */
export async function listFiles(given: readonly string[], signal: AbortSignal): Promise<Listing> {
  const found: ListedFile[] = [];
  const failed: FailedVideo[] = [];
  const fail = (path: string, code: string, message: string): void => {
    failed.push({ video: videoAt(path), code, message });
  };
  /** Folders that links lead to may contain themselves. */
  const seen = new Set<string>();

  async function addFolder(folder: string, path: string, given: number): Promise<void> {
    signal.throwIfAborted();
    const real = await realpath(folder);
    if (seen.has(real)) return;
    seen.add(real);
    const names = await readdir(folder);
    for (const name of names.toSorted()) {
      await add(join(folder, name), `${path}/${name}`, { given, isGiven: false });
    }
  }

  async function add(
    file: string,
    path: string,
    { given: place, isGiven }: { readonly given: number; readonly isGiven: boolean },
  ): Promise<void> {
    try {
      const facts = await stat(file);
      if (facts.isDirectory()) await addFolder(file, path, place);
      else if (facts.isFile()) {
        const stamp = { byteLength: facts.size, modifiedAt: Math.floor(facts.mtimeMs) };
        found.push({ path, file: resolve(file), stamp, folder: isGiven ? null : place });
      }
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      fail(path, 'source-failed', error.message);
    }
  }

  for (const [place, each] of given.entries()) {
    if (isAddress(each)) {
      found.push({ path: each, file: null, stamp: { byteLength: null, modifiedAt: null }, folder: null });
      continue;
    }
    const foundBefore = found.length;
    const failedBefore = failed.length;
    await add(each, basename(resolve(each)), { given: place, isGiven: true });
    // What could not be read is named already.
    if (failed.length === failedBefore && videoPathsOf(pathsOf(found.slice(foundBefore))).length === 0) {
      fail(each, 'no-videos', 'there is no video in it');
    }
  }
  return { files: withUniquePaths(found), failed };
}

/** The text files by their paths. One that can't be read is left out, and the plan says what is missing. */
export async function readTexts(
  files: readonly ListedFile[],
  names: readonly string[],
): Promise<DatasetFiles['texts']> {
  const texts = new Map<string, string>();
  for (const { path, file } of files) {
    if (file === null || !names.includes(path)) continue;
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) texts.set(path, text);
  }
  return texts;
}

function pathsOf(files: readonly ListedFile[]): readonly string[] {
  return files.map(({ path }) => path);
}

/** Two given folders may have the same name. */
function withUniquePaths(files: readonly ListedFile[]): readonly ListedFile[] {
  const counts = new Map<string, number>();
  return files.map((file) => {
    const count = (counts.get(file.path) ?? 0) + 1;
    counts.set(file.path, count);
    return count === 1 ? file : { ...file, path: `${count}/${file.path}` };
  });
}

function videoAt(path: string): PlannedVideo {
  return { path, name: nameOf(path), klass: 'uncategorized', trueLabel: null, compression: null };
}

/** An address is a video whatever its end. */
export function videoOfAddress(url: string): PlannedVideo {
  const name = nameOf(new URL(url).pathname);
  return { ...videoAt(url), name: name === '' ? url : name };
}
