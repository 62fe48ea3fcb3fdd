import { expect, test } from 'vitest';
import { fillsWindow } from '../../../../entrypoints/content/page-changes.ts';

/** The sizes that a frame in full screen gets, on a display with so many pixels for each of the window's. */
const inFullScreen = (outerWidth: number, outerHeight: number, zoom: number, display: number) => ({
  outerWidth,
  outerHeight,
  innerWidth: Math.floor(outerWidth / zoom),
  innerHeight: Math.floor(outerHeight / zoom),
  devicePixelRatio: display * zoom,
});
const DISPLAYS = [
  [1920, 1080, 1],
  [1366, 768, 1],
  [1080, 1920, 1],
  [1536, 864, 1.25],
  [1440, 900, 2],
] as const;

test.each([0.25, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 3, 5])(
  'a frame in full screen fills the window at a zoom of %s',
  (zoom) => {
    for (const [width, height, display] of DISPLAYS) {
      expect(fillsWindow(inFullScreen(width, height, zoom, display))).toBe(true);
    }
  },
);

test.each([
  ['the page of a maximised window, under the browser’s own bars', 1920, 953, 1],
  ['a player in the page', 1280, 720, 1],
  ['a player of the window’s own shape', 640, 360, 1],
  ['one that is zoomed', 640, 360, 1.5],
  ['one without a size', 0, 0, 1],
])('%s does not', (_name, innerWidth, innerHeight, devicePixelRatio) => {
  expect(
    fillsWindow({ innerWidth, innerHeight, outerWidth: 1920, outerHeight: 1080, devicePixelRatio }),
  ).toBe(false);
});
