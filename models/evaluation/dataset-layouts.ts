import { isDetectorError } from '../../utils/domain/errors.ts';
import type { DatasetKind, PlannedVideo, TrueLabel } from '../../utils/domain/evaluation.ts';
import { isPictureName, VIDEO_EXTENSIONS } from '../../utils/domain/video-files.ts';
import { parseLabelFile, parseNameList } from './label-file.ts';

/** What a data set lacks, with the count and up to {@link MAX_EXAMPLES} names. */
export type DatasetProblem = {
  readonly code:
    /** Folders or files that the layout has, such as `metadata.json`. */
    | 'missing'
    /** The list names them, and the folder does not have them. */
    | 'listed-absent'
    /** The folder has them, and the list does not name them: they are left out. */
    | 'unlisted'
    /** Their label is none of `real` and `fake`, or missing: they are left out. */
    | 'label-unknown'
    /** The label file names them, and the folder does not have them. */
    | 'labelled-absent'
    /** The label file, `metadata.json` or the list can't be read. */
    | 'unreadable';
  readonly count: number;
  readonly examples: readonly string[];
};

export type DatasetPlan = {
  readonly kind: DatasetKind;
  /** By path. */
  readonly videos: readonly PlannedVideo[];
  /** Videos without a usable label in a set that has labels. They are named in the results, and not judged. */
  readonly leftOut: readonly PlannedVideo[];
  readonly problems: readonly DatasetProblem[];
};

/** Which of a data set's videos are taken: those of a list of names, or all. */
export type VideoList = readonly string[] | null;

export type DatasetFiles = {
  /** Of all files, pictures too, from the chosen folder's own name on, with `/`. */
  readonly paths: readonly string[];
  /** The contents of the files that {@link textFilesOf} names, by path. */
  readonly texts: ReadonlyMap<string, string>;
};

const MAX_EXAMPLES = 5;

/** As FaceForensics++ names its folders; the original knows these five methods. */
const FORENSICS_METHODS = ['DeepFakeDetection', 'Deepfakes', 'Face2Face', 'FaceSwap', 'NeuralTextures'];
const FORENSICS_FOLDERS = ['original_sequences', 'manipulated_sequences'];
const TIMIT_FOLDERS = ['higher_quality', 'lower_quality'];
const CELEB_FOLDERS: Readonly<Record<string, TrueLabel>> = {
  'Celeb-real': 'REAL',
  'YouTube-real': 'REAL',
  'Celeb-synthesis': 'FAKE',
};
const CELEB_LIST = 'List_of_testing_videos.txt';
const DFDC_LABELS = 'metadata.json';
const LABEL_FILE = /^labels?\.(csv|tsv)$/i;
const UNCATEGORIZED = 'uncategorized';

export function isVideoPath(path: string): boolean {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  return VIDEO_EXTENSIONS.some((known) => known === extension);
}

/**
 * Folders whose pictures are the frames of one video each, as in the original, with the pictures' paths. In a folder that has
 * a video file, pictures are covers.
 */
export function frameFolders(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const withVideos = new Set(paths.filter(isVideoPath).map(folderOf));
  const pictures = paths.filter((path) => isPictureName(nameOf(path)) && !withVideos.has(folderOf(path)));
  const folders = Map.groupBy(pictures, (path) => folderOf(path).slice(0, -1));
  // Single pictures belong to no folder.
  folders.delete('');
  return folders;
}

/** Files and folders that are one video each, in order. */
export function videoPathsOf(paths: readonly string[]): readonly string[] {
  return [...paths.filter(isVideoPath), ...frameFolders(paths).keys()].toSorted();
}

/** The kind of data set, by the names of folders and files alone. */
export function recognizeDataset(paths: readonly string[]): DatasetKind {
  const folders = new Set(paths.flatMap(foldersOf));
  const names = new Set(paths.map(nameOf));
  if (names.has(DFDC_LABELS) && videoPathsOf(paths).length > 0) return 'dfdc';
  if (FORENSICS_FOLDERS.some((folder) => folders.has(folder))) return 'faceforensics';
  if (TIMIT_FOLDERS.some((folder) => folders.has(folder))) return 'timit';
  if (Object.keys(CELEB_FOLDERS).some((folder) => folders.has(folder))) return 'celeb';
  const hasLabelFile = [...names].some((name) => LABEL_FILE.test(name));
  return hasLabelFile || paths.some((path) => labelInPath(path) !== null) ? 'labelled' : 'other';
}

/** The text files that say which label a video has, or which videos a data set's own list has. */
export function textFilesOf(kind: DatasetKind, paths: readonly string[]): readonly string[] {
  switch (kind) {
    case 'dfdc':
      return paths.filter((path) => nameOf(path) === DFDC_LABELS);
    case 'celeb':
      return paths.filter((path) => nameOf(path) === CELEB_LIST);
    case 'labelled':
      return paths.filter((path) => LABEL_FILE.test(nameOf(path)));
    case 'faceforensics':
    case 'timit':
    case 'other':
      return [];
    default:
      return kind satisfies never;
  }
}

/**
 * The videos of a data set with their labels, and everything in which it is not what it claims.
 * @param list names or paths of the videos that are taken; null for all. Celeb-DF's own list comes before the authors'
 */
export function planDataset(kind: DatasetKind, files: DatasetFiles, list: VideoList = null): DatasetPlan {
  const found = describeVideos(kind, videoPathsOf(files.paths), files);
  const problems = [...found.problems];
  let videos = found.videos;
  if (list !== null) {
    const chosen = chooseListed(kind, videos, list);
    videos = chosen.videos;
    problems.push(...problem('listed-absent', chosen.absent), ...problem('unlisted', chosen.unlisted));
  }
  const hasLabels = kind !== 'other';
  const leftOut = hasLabels ? videos.filter(({ trueLabel }) => trueLabel === null) : [];
  const taken = hasLabels ? videos.filter(({ trueLabel }) => trueLabel !== null) : videos;
  problems.push(
    ...problem(
      'label-unknown',
      leftOut.map(({ path }) => path),
    ),
  );
  return { kind, videos: taken, leftOut, problems };
}

/** The names in Celeb-DF's own list of test videos; null where the folder has none. */
export function ownList(kind: DatasetKind, { texts }: DatasetFiles): VideoList {
  if (kind !== 'celeb') return null;
  const own = [...texts].find(([path]) => nameOf(path) === CELEB_LIST);
  return own === undefined ? null : parseNameList(own[1]);
}

type Described = {
  readonly videos: readonly PlannedVideo[];
  readonly problems: readonly DatasetProblem[];
};

function describeVideos(kind: DatasetKind, paths: readonly string[], files: DatasetFiles): Described {
  switch (kind) {
    case 'dfdc':
      return describeDfdc(paths, files);
    case 'faceforensics':
      return {
        videos: paths.filter((path) => hasFolder(path, FORENSICS_FOLDERS)).map(describeForensics),
        problems: missingFolders(paths, FORENSICS_FOLDERS),
      };
    case 'timit':
      return {
        videos: paths
          .filter((path) => hasFolder(path, TIMIT_FOLDERS))
          .map((path) => videoOf(path, { klass: 'DeepfakeTIMIT', trueLabel: 'FAKE' })),
        problems: missingFolders(paths, TIMIT_FOLDERS),
      };
    case 'celeb':
      return {
        videos: paths
          .filter((path) => hasFolder(path, Object.keys(CELEB_FOLDERS)))
          .map((path) => {
            const klass = foldersOf(path).find((folder) => Object.hasOwn(CELEB_FOLDERS, folder))!;
            return videoOf(path, { klass, trueLabel: CELEB_FOLDERS[klass]! });
          }),
        problems: missingFolders(paths, Object.keys(CELEB_FOLDERS)),
      };
    case 'labelled':
      return describeLabelled(paths, files);
    case 'other':
      return { videos: paths.map((path) => videoOf(path, {})), problems: [] };
    default:
      return kind satisfies never;
  }
}

/** Each `metadata.json` labels the videos of its own folder. */
function describeDfdc(paths: readonly string[], { texts }: DatasetFiles): Described {
  const labels = new Map<string, TrueLabel>();
  const unreadable: string[] = [];
  const metadata = [...texts].filter(([path]) => nameOf(path) === DFDC_LABELS);
  for (const [path, text] of metadata) {
    const entries = parseMetadata(text);
    if (entries === null) unreadable.push(path);
    for (const [name, label] of entries ?? []) labels.set(`${folderOf(path)}${name}`, label);
  }
  return {
    videos: paths.map((path) => videoOf(path, { klass: 'dfdc', trueLabel: labels.get(path) ?? null })),
    problems: [
      ...problem('missing', metadata.length === 0 ? [DFDC_LABELS] : []),
      ...problem('unreadable', unreadable),
    ],
  };
}

/** null for a text that is no such file. Entries with another label are left out. */
function parseMetadata(text: string): readonly (readonly [string, TrueLabel])[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  return Object.entries(parsed).flatMap(([name, entry]) => {
    const { label } = Object(entry) as { readonly label?: unknown };
    return label === 'REAL' || label === 'FAKE' ? [[name, label] as const] : [];
  });
}

/** The original takes a method's folder for the class and everything else for real; an unknown method is fake here. */
function describeForensics(path: string): PlannedVideo {
  const folders = foldersOf(path);
  const known = FORENSICS_METHODS.find((method) => folders.includes(method));
  const manipulatedAt = folders.indexOf('manipulated_sequences');
  const klass = known ?? (manipulatedAt < 0 ? 'original' : (folders[manipulatedAt + 1] ?? UNCATEGORIZED));
  return videoOf(path, {
    klass,
    trueLabel: klass === 'original' ? 'REAL' : 'FAKE',
    // The authors have it in the names of their files, the data set in a folder's.
    compression: /c23|c40|(?<=\/)raw(?=\/)/.exec(path)?.[0] ?? null,
  });
}

function describeLabelled(paths: readonly string[], { texts }: DatasetFiles): Described {
  const labelFiles = [...texts].filter(([path]) => LABEL_FILE.test(nameOf(path)));
  if (labelFiles.length === 0) {
    const videos = paths.map((path) => videoOf(path, { trueLabel: labelInPath(path) }));
    return { videos, problems: [] };
  }
  const present = new Set(paths);
  const byName = Map.groupBy(paths, nameOf);
  const labelled = new Map<string, PlannedVideo>();
  const absent: string[] = [];
  const unreadable: string[] = [];
  for (const [labelPath, text] of labelFiles) {
    let rows: ReturnType<typeof parseLabelFile>;
    try {
      rows = parseLabelFile(text);
    } catch (error) {
      if (!isDetectorError(error, 'options-invalid')) throw error;
      unreadable.push(`${labelPath}: ${error.message}`);
      continue;
    }
    for (const { path, label, klass } of rows) {
      // Beside the label file, or from the chosen folder on.
      const candidates = [
        `${folderOf(labelPath)}${path.replace(/^\.\//, '')}`,
        path,
        byName.get(nameOf(path))?.find((each) => each.endsWith(`/${path}`)) ?? path,
      ];
      const found = candidates.find((candidate) => present.has(candidate));
      if (found === undefined) absent.push(path);
      else labelled.set(found, videoOf(found, { trueLabel: label, ...(klass !== null && { klass }) }));
    }
  }
  const unlisted = paths.filter((path) => !labelled.has(path));
  return {
    videos: [...labelled.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    problems: [
      ...problem('labelled-absent', absent),
      ...problem('unlisted', unlisted),
      ...problem('unreadable', unreadable),
    ],
  };
}

function chooseListed(kind: DatasetKind, videos: readonly PlannedVideo[], list: readonly string[]) {
  const missing = new Map(list.map((name) => [name.toLowerCase(), name]));
  const listed = new Set(missing.keys());
  const chosen = new Set<PlannedVideo>();
  for (const video of videos) {
    const names = listedNamesOf(kind, video).filter((name) => listed.has(name));
    if (names.length > 0) chosen.add(video);
    for (const name of names) missing.delete(name);
  }
  return {
    videos: videos.filter((video) => chosen.has(video)),
    absent: [...missing.values()],
    unlisted: videos.filter((video) => !chosen.has(video)).map(({ path }) => path),
  };
}

/** Under which names a list may have a video, in lower case. */
function listedNamesOf(
  kind: DatasetKind,
  { path, name, klass, compression }: PlannedVideo,
): readonly string[] {
  const parts = path.split('/');
  // The file's name and every end of its path.
  const ends = parts.map((_, at) => parts.slice(at).join('/').toLowerCase());
  if (kind !== 'faceforensics') return ends;
  // The authors copied the videos of all folders into one, and put folder and compression into the names.
  const dot = name.lastIndexOf('.');
  const stem = name.slice(0, dot).toLowerCase();
  const extension = name.slice(dot).toLowerCase();
  const folder = klass === 'original' ? sequenceFolderOf(path) : klass;
  return [
    ...ends,
    `${stem}_${folder}${extension}`,
    `${stem}${compression ?? ''}_${folder}${extension}`,
    `${stem}_${folder}_${compression ?? ''}${extension}`,
  ];
}

/** `actors` or `youtube`: of which originals a video is. */
function sequenceFolderOf(path: string): string {
  const folders = foldersOf(path);
  return (folders[folders.indexOf('original_sequences') + 1] ?? '').toLowerCase();
}

function videoOf(
  path: string,
  {
    klass = UNCATEGORIZED,
    trueLabel = null,
    compression = null,
  }: Partial<Pick<PlannedVideo, 'klass' | 'trueLabel' | 'compression'>>,
): PlannedVideo {
  return { path, name: nameOf(path), klass: klass.toLowerCase(), trueLabel, compression };
}

/** By the folder closest to the file; null where none says. */
function labelInPath(path: string): TrueLabel | null {
  const word = foldersOf(path).findLast((folder) => /^(real|fake)$/i.test(folder));
  return word === undefined ? null : word.toLowerCase() === 'real' ? 'REAL' : 'FAKE';
}

function missingFolders(paths: readonly string[], expected: readonly string[]): readonly DatasetProblem[] {
  const present = new Set(paths.flatMap(foldersOf));
  return problem(
    'missing',
    expected.filter((folder) => !present.has(folder)),
  );
}

function problem(code: DatasetProblem['code'], names: readonly string[]): readonly DatasetProblem[] {
  return names.length === 0 ? [] : [{ code, count: names.length, examples: names.slice(0, MAX_EXAMPLES) }];
}

function hasFolder(path: string, names: readonly string[]): boolean {
  return foldersOf(path).some((folder) => names.includes(folder));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** With the slash at its end; empty at the top. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function foldersOf(path: string): readonly string[] {
  return path.split('/').slice(0, -1);
}
