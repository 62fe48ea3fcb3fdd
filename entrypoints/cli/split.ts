import { copyFile, link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { nameOf } from '../../models/evaluation/dataset-layouts.ts';
import { parseLabelFile } from '../../models/evaluation/label-file.ts';
import { SPLIT_SIDES, splitVideos } from '../../models/evaluation/split-videos.ts';
import type { PlacedVideo, SplitOptions } from '../../models/evaluation/split-videos.ts';
import { parseCommandLine, print, printable, runCommand, UsageError } from './command-line.ts';
import { listFiles } from './list-videos.ts';

const USAGE = `Divides labelled videos into train, valid and test, in the folders that extract-faces and training read.

npm run split -- LABELS.tsv --videos DIR --out DIR [--seed N] [--ratios 60,20,20]

  LABELS.tsv  a table of path and label (real or fake), and of class and group where there are some; commas work, too
  --videos    the folder in which the paths lie
  --out       a folder for {train,valid,test}_vid/{real,fake}/ and split.tsv; files are linked, or copied to another disk
  --seed      another number gives another split (0)
  --ratios    of train, valid and test (60,20,20)

What stems from one original video or person stays on one side: by the column group, original or person, else by the names
of FaceForensics++, Celeb-DF and DeepfakeTIMIT. Exit code 1 where listed videos are absent or have no usable label.`;

await runCommand(USAGE, async (args, signal) => {
  const { values, positionals } = parseCommandLine({
    args: [...args],
    allowPositionals: true,
    options: {
      videos: { type: 'string' },
      out: { type: 'string' },
      seed: { type: 'string', default: '0' },
      ratios: { type: 'string', default: '60,20,20' },
    },
  });
  const [labels, ...others] = positionals;
  if (labels === undefined || others.length > 0) throw new UsageError('one label file is needed');
  if (values.videos === undefined) throw new UsageError('--videos DIR is missing');
  if (values.out === undefined) throw new UsageError('--out DIR is missing');
  const options = { seed: parseSeed(values.seed), ratios: parseRatios(values.ratios) };
  const { out, videos: folder } = values;

  const rows = parseLabelFile(await readFile(labels, 'utf8'));
  const { files } = await listFiles([folder], signal);
  const present = new Set(files.map(({ file }) => file));
  const problems: string[] = [];
  const known = rows.flatMap(({ path, label, word, group }) => {
    if (label === null) problems.push(`${path}: its label is “${word}”`);
    else if (!present.has(resolve(folder, path))) problems.push(`${path}: not in the folder`);
    else return [{ path, label, group }];
    return [];
  });
  const byPath = new Map(known.map((video) => [video.path, video]));
  const placed = splitVideos([...byPath.values()], options);

  const names = uniqueNames(placed);
  for (const video of placed) {
    signal.throwIfAborted();
    await place(resolve(folder, video.path), join(out, names.get(video.path)!));
  }
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'split.tsv'), formatManifest(placed, names, options));
  for (const problem of problems) process.stderr.write(`${printable(problem)}\n`);
  await print(`${SPLIT_SIDES.map((side) => summaryOf(placed, side)).join(', ')} in ${printable(out)}\n`);
  if (problems.length > 0) process.exitCode = 1;
});

/** Where each video goes. Videos of one name in one place get the name of their folder in front. */
function uniqueNames(placed: readonly PlacedVideo[]): ReadonlyMap<string, string> {
  const targetOf = ({ side, label }: PlacedVideo, name: string): string =>
    join(`${side}_vid`, label.toLowerCase(), name);
  const counts = Map.groupBy(placed, (video) => targetOf(video, nameOf(video.path)));
  return new Map(
    placed.map((video) => {
      const plain = targetOf(video, nameOf(video.path));
      const isUnique = counts.get(plain)!.length === 1;
      return [video.path, isUnique ? plain : targetOf(video, video.path.replaceAll('/', '__'))];
    }),
  );
}

/** A hard link takes no room, but can't lead to another disk. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(async (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK') throw error;
    await copyFile(from, to);
  });
}

function formatManifest(
  placed: readonly PlacedVideo[],
  names: ReadonlyMap<string, string>,
  { seed, ratios }: SplitOptions,
): string {
  const rows = placed.map(({ path, label, side, group }) => [path, label, side, group, names.get(path)!]);
  const head = ['path', 'label', 'side', 'group', `file (seed ${seed}, ratios ${ratios.join(',')})`];
  return [head, ...rows].map((cells) => `${cells.join('\t')}\n`).join('');
}

function summaryOf(placed: readonly PlacedVideo[], side: string): string {
  const own = placed.filter((video) => video.side === side);
  const reals = own.filter(({ label }) => label === 'REAL').length;
  return `${side} ${reals} real and ${own.length - reals} fake`;
}

function parseSeed(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`--seed ${text}: expected a number from 0`);
  return Number(text);
}

function parseRatios(text: string): SplitOptions['ratios'] {
  const [train, valid, test, ...others] = text
    .split(',')
    .map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : NaN));
  const ratios = [train ?? NaN, valid ?? NaN, test ?? NaN] as const;
  if (
    others.length > 0 ||
    ratios.some((ratio) => !Number.isFinite(ratio)) ||
    ratios.every((ratio) => ratio === 0)
  ) {
    throw new UsageError(`--ratios ${text}: expected three whole numbers, such as 60,20,20`);
  }
  return ratios;
}
