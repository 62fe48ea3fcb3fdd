import { expect, test } from 'vitest';
import { boxOnVideo, layerOnVideo } from '../../../../entrypoints/faces.content/box-on-video.ts';
import type { PlaneMap } from '../../../../utils/browser/content-box.ts';

const BOX = { left: 0.1, top: 0.25, width: 0.2, height: 0.5 };
const PICTURE = { left: 0, top: 0, width: 400, height: 200 };
const NO_LAYER = { left: 0, top: 0, width: 0, height: 0 };

/** The corners of a drawn box in the viewport, from its own top left one on, clockwise. */
function cornersOf(toViewport: PlaneMap): readonly (readonly [number, number])[] {
  const content = { width: 400, height: 200, toViewport };
  const { width, height, transform } = boxOnVideo(BOX, { picture: PICTURE, content }, NO_LAYER);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = (transform.match(/-?[\d.]+/g) ?? []).map(Number);
  return [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ].map(([x = 0, y = 0]) => [Math.round(a * x + c * y + e), Math.round(b * x + d * y + f)] as const);
}

test.each<[string, PlaneMap, readonly (readonly [number, number])[]]>([
  [
    'where it is in the picture',
    { a: 1, b: 0, c: 0, d: 1, e: 100, f: 50 },
    [
      [140, 100],
      [220, 100],
      [220, 200],
      [140, 200],
    ],
  ],
  [
    'scaled with the video',
    { a: 0.5, b: 0, c: 0, d: 2, e: 0, f: 0 },
    [
      [20, 100],
      [60, 100],
      [60, 300],
      [20, 300],
    ],
  ],
  [
    'mirrored, and its own corner stays at the left',
    { a: -1, b: 0, c: 0, d: 1, e: 400, f: 0 },
    [
      [280, 50],
      [360, 50],
      [360, 150],
      [280, 150],
    ],
  ],
  [
    'upside down in a flipped video, and its own corner stays at the top',
    { a: 1, b: 0, c: 0, d: -1, e: 0, f: 200 },
    [
      [40, 50],
      [120, 50],
      [120, 150],
      [40, 150],
    ],
  ],
  [
    'turned with the video',
    { a: 0, b: 1, c: -1, d: 0, e: 200, f: 0 },
    [
      [150, 40],
      [150, 120],
      [50, 120],
      [50, 40],
    ],
  ],
])('a box lies %s', (_where, map, corners) => {
  expect(cornersOf(map)).toEqual(corners);
});

test('the layer is the part of the video that is in sight', () => {
  const content = { width: 400, height: 200, toViewport: { a: 0, b: 1, c: -1, d: 0, e: 300, f: 10 } };
  const visible = { left: 0, top: 100, width: 250, height: 1000 };
  expect(layerOnVideo(content, visible)).toEqual({ left: 100, top: 100, width: 150, height: 310 });
});
