import { expect, test } from 'vitest';
import type { RasterImage } from '../../../../models/image/raster-image.ts';
import { occlusionMap } from '../../../../models/scan/occlusion-map.ts';
import { isFaithful } from '../../../../utils/domain/occlusion.ts';
import { createRandom } from '../../../support/random.ts';

const NEVER = new AbortController().signal;
/** A side that is no multiple of seven, so that the patches' borders are rounded. */
const SIDE = 50;

function noisyFace(channels: 3 | 4): RasterImage {
  const random = createRandom(7);
  const data = Uint8Array.from({ length: SIDE * SIDE * channels }, () => Math.floor(256 * random()));
  return { data, width: SIDE, height: SIDE, channels };
}

/** The share of a patch's pixels that are as in the face. */
function seenOf(face: RasterImage, picture: RasterImage, row: number, column: number): number {
  const edge = (index: number): number => Math.round((index * SIDE) / 7);
  let same = 0;
  let all = 0;
  for (let y = edge(row); y < edge(row + 1); y++) {
    for (let x = edge(column); x < edge(column + 1); x++) {
      const at = (y * SIDE + x) * face.channels;
      all++;
      if ([0, 1, 2].every((channel) => face.data[at + channel] === picture.data[at + channel])) same++;
    }
  }
  return same / all;
}

test.each([3, 4] as const)(
  'the patch that a judge looks at is the one that changes the score, in %i channels',
  async (channels) => {
    const face = noisyFace(channels);
    const progress: string[] = [];
    const batches: number[] = [];
    const map = await occlusionMap(
      face,
      {
        judge: (pictures) => {
          batches.push(pictures.length);
          return Promise.resolve(pictures.map((picture) => 0.2 + 0.7 * seenOf(face, picture, 2, 5)));
        },
        batch: 4,
        onProgress: (done, all) => progress.push(`${String(done)}/${String(all)}`),
      },
      NEVER,
    );
    expect(map.score).toBeCloseTo(0.9, 9);
    expect(map.changes).toHaveLength(49);
    for (const [patch, change] of map.changes.entries()) {
      // A pixel may have the mean colour by chance.
      expect(change).toBeCloseTo(patch === 2 * 7 + 5 ? -0.7 : 0, 1);
    }
    expect(map.faithfulness.named).toBeCloseTo(0.7, 1);
    expect(map.faithfulness.random).toHaveLength(5);
    expect(Math.max(...batches)).toBe(4);
    expect([progress[0], progress.at(-1)]).toEqual(['4/56', '56/56']);
  },
);

test('of a low score, patches count that raise it when they are covered', async () => {
  const face = noisyFace(3);
  const judge = (pictures: readonly RasterImage[]) =>
    Promise.resolve(
      pictures.map((picture) => {
        const shown = [0, 1, 2, 3, 4, 5, 6].map((column) => seenOf(face, picture, 3, column));
        return 0.1 + 0.1 * (7 - shown.reduce((sum, each) => sum + each, 0));
      }),
    );
  const map = await occlusionMap(face, { judge, batch: 8, onProgress: () => undefined }, NEVER);
  const raising = map.changes.flatMap((change, patch) => (change > 0.05 ? [patch] : []));
  expect(raising).toEqual([21, 22, 23, 24, 25, 26, 27]);
  expect(map.faithfulness.named).toBeCloseTo(0.7, 1);
  expect(isFaithful(map)).toBe(true);
});

test('a map of a judge that looks at no part is called unfaithful', async () => {
  const face = noisyFace(3);
  const judge = (pictures: readonly RasterImage[]) => Promise.resolve(pictures.map(() => 0.8));
  const map = await occlusionMap(face, { judge, batch: 1, onProgress: () => undefined }, NEVER);
  expect(map.changes.every((change) => change === 0)).toBe(true);
  expect(isFaithful(map)).toBe(false);
});

test('the same face has the same map', async () => {
  const face = noisyFace(4);
  const judge = (pictures: readonly RasterImage[]) =>
    Promise.resolve(
      pictures.map(
        ({ data }) => [...data].reduce((sum, each, at) => (sum + each * (at % 13)) % 1009, 0) / 1009,
      ),
    );
  const options = { judge, batch: 5, onProgress: () => undefined };
  expect(await occlusionMap(face, options, NEVER)).toEqual(await occlusionMap(face, options, NEVER));
});

test('ends between two batches when it is aborted', async () => {
  const cancelling = new AbortController();
  let calls = 0;
  const judge = (pictures: readonly RasterImage[]) => {
    if (++calls === 3) cancelling.abort();
    return Promise.resolve(pictures.map(() => 0.5));
  };
  const map = occlusionMap(noisyFace(3), { judge, batch: 4, onProgress: () => undefined }, cancelling.signal);
  await expect(map).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(calls).toBe(3);
});
