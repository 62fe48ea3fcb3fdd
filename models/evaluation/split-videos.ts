import type { TrueLabel } from '../../utils/domain/evaluation.ts';
import { nameOf } from './dataset-layouts.ts';

/** The parts of a data set, with the names of the folders in the authors' training code. */
export const SPLIT_SIDES = ['train', 'valid', 'test'] as const;
export type SplitSide = (typeof SPLIT_SIDES)[number];

export type SplittableVideo = {
  readonly path: string;
  readonly label: TrueLabel;
  /** The original video or the person that the video stems from; null to read it from the video's name. */
  readonly group: string | null;
};

export type SplitOptions = {
  /** The seed of the split. The same seed always gives the same split. */
  readonly seed: number;
  /** The ratios of train, valid and test. Their sum may be any number. */
  readonly ratios: readonly [number, number, number];
};

export type PlacedVideo = SplittableVideo & { readonly side: SplitSide; readonly group: string };

/**
 * Divides videos by the ratios, real and fake ones alike. All videos that stem from one original are on one side: a
 * network that has seen an original would know its copies in the test. Whole groups are placed, the largest first, each
 * on the side that brings the counts closest to the ratios.
 */
export function splitVideos(
  videos: readonly SplittableVideo[],
  { seed, ratios }: SplitOptions,
): readonly PlacedVideo[] {
  const groups = groupVideos(videos);
  const order = [...groups].toSorted(
    ([one, own], [other, others]) => others.length - own.length || hash(seed, one) - hash(seed, other),
  );
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  const countOf = (label: TrueLabel): number => videos.filter((video) => video.label === label).length;
  const lacking = SPLIT_SIDES.map((_, index) => ({
    REAL: (countOf('REAL') * ratios[index]!) / total,
    FAKE: (countOf('FAKE') * ratios[index]!) / total,
  }));
  const placed = new Map<string, PlacedVideo>();
  for (const [group, own] of order) {
    const reals = own.filter(({ label }) => label === 'REAL').length;
    const fakes = own.length - reals;
    /** The growth of the squared distances from the ratios: (l - n)² - l². */
    const growth = lacking.map(({ REAL, FAKE }) => reals * (reals - 2 * REAL) + fakes * (fakes - 2 * FAKE));
    const best = growth.indexOf(Math.min(...growth));
    lacking[best]!.REAL -= reals;
    lacking[best]!.FAKE -= fakes;
    for (const video of own) placed.set(video.path, { ...video, group, side: SPLIT_SIDES[best]! });
  }
  return videos.map(({ path }) => placed.get(path)!);
}

/** Videos by the group that they belong to. Groups that share a video become one. */
function groupVideos(videos: readonly SplittableVideo[]): ReadonlyMap<string, readonly SplittableVideo[]> {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  const keysOf = videos.map((video) => (video.group === null ? originalsOf(video.path) : [video.group]));
  for (const [first, ...others] of keysOf) {
    for (const other of others) {
      const [one, two] = [rootOf(first!), rootOf(other)].toSorted();
      if (one !== two) parents.set(two!, one!);
    }
  }
  return Map.groupBy(videos, (_, index) => rootOf(keysOf[index]![0]!));
}

/**
 * The originals of a video by its name.
 * - FaceForensics++: `000_003` is made of the originals 000 and 003, which are a pair; `000` is an original.
 * - Its actors' part: `01_02__walk__…` shows actor 01.
 * - Celeb-DF: `id0_id1_0000` shows the person id0 with another face. With both persons, all persons would be in one
 * group.
 * - DeepfakeTIMIT: the folder is the person.
 */
export function originalsOf(path: string): readonly string[] {
  const name = nameOf(path);
  const pair = /^(\d{3})(?:_(\d{3}))?(?!\d)/.exec(name);
  if (pair !== null) return [pair[1]!, ...(pair[2] === undefined ? [] : [pair[2]])];
  const actor = /^(\d\d)_(?:\d\d)?_/.exec(name);
  if (actor !== null) return [`actor ${actor[1]!}`];
  const person = /^(id\d+)_/.exec(name);
  if (person !== null) return [person[1]!];
  const timit = /(?:higher|lower)_quality\/([^/]+)\//.exec(path);
  return [timit?.[1] ?? name.slice(0, name.lastIndexOf('.'))];
}

/** FNV-1a: an order that depends on the seed and the group's own name alone. */
function hash(seed: number, text: string): number {
  let value = 0x811c9dc5;
  for (const character of `${seed}:${text}`) {
    value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  }
  return value;
}
