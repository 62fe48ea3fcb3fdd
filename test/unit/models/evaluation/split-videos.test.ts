import fc from 'fast-check';
import { expect, test } from 'vitest';
import { originalsOf, SPLIT_SIDES, splitVideos } from '../../../../models/evaluation/split-videos.ts';
import type { SplittableVideo } from '../../../../models/evaluation/split-videos.ts';

const RATIOS = [60, 20, 20] as const;

test('the data sets’ own names tell the originals', () => {
  expect(originalsOf('x/000_003.mp4')).toEqual(['000', '003']);
  expect(originalsOf('x/000.mp4')).toEqual(['000']);
  expect(originalsOf('x/990_008c40_Deepfakes.mp4')).toEqual(['990', '008']);
  expect(originalsOf('x/01_02__exit_phone_room__ABC.mp4')).toEqual(['actor 01']);
  expect(originalsOf('x/01__exit_phone_room.mp4')).toEqual(['actor 01']);
  expect(originalsOf('x/id0_id1_0000.mp4')).toEqual(['id0']);
  expect(originalsOf('t/higher_quality/fadg0/sa1.avi')).toEqual(['fadg0']);
  expect(originalsOf('x/00170.mp4')).toEqual(['00170']);
  expect(originalsOf('x/holiday.mp4')).toEqual(['holiday']);
});

test('an original and all that is made of it are on one side, and each side has its share of both labels', () => {
  const videos = Array.from({ length: 100 }, (_, index): readonly SplittableVideo[] => {
    const one = String(2 * index).padStart(3, '0');
    const other = String(2 * index + 1).padStart(3, '0');
    const fakes = [`${one}_${other}`, `${other}_${one}`];
    return [
      ...[one, other].map((name) => ({ path: `real/${name}.mp4`, label: 'REAL' as const, group: null })),
      ...fakes.map((name) => ({ path: `fake/${name}.mp4`, label: 'FAKE' as const, group: null })),
    ];
  }).flat();
  const placed = splitVideos(videos, { seed: 7, ratios: RATIOS });
  const countOf = (side: string, label: string): number =>
    placed.filter((video) => video.side === side && video.label === label).length;
  expect(SPLIT_SIDES.map((side) => [countOf(side, 'REAL'), countOf(side, 'FAKE')])).toEqual([
    [120, 120],
    [40, 40],
    [40, 40],
  ]);
  expect(splitVideos(videos, { seed: 7, ratios: RATIOS })).toEqual(placed);
  expect(splitVideos(videos, { seed: 8, ratios: RATIOS })).not.toEqual(placed);
});

test('whatever the groups, none is on two sides and no video is lost', () => {
  const video = fc.record({
    path: fc.uuid(),
    label: fc.constantFrom('REAL' as const, 'FAKE' as const),
    group: fc.stringMatching(/^[a-e]$/),
  });
  fc.assert(
    fc.property(fc.uniqueArray(video, { selector: ({ path }) => path }), fc.nat(), (videos, seed) => {
      const placed = splitVideos(videos, { seed, ratios: RATIOS });
      expect(placed.map(({ path }) => path)).toEqual(videos.map(({ path }) => path));
      for (const own of Map.groupBy(placed, ({ group }) => group).values()) {
        expect(new Set(own.map(({ side }) => side)).size).toBe(1);
      }
    }),
  );
});
