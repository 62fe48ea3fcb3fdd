import { describe, expect, test } from 'vitest';
import { pictureBox, placeBadge } from '../../../../entrypoints/content/badge-policy.ts';
import type { Box } from '../../../../entrypoints/content/badge-policy.ts';

const WIDE = { width: 1600, height: 900 };
const TALL = { width: 900, height: 1600 };
const VIEWPORT = { width: 1000, height: 700 };
const PILL = { width: 150, height: 28, isOpen: false };
const CARD = { width: 320, height: 360, isOpen: true };
const box = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });
const inPicture = (picture: Box) => ({ picture, visible: picture, viewport: VIEWPORT });

describe('the picture within its element', () => {
  test('is centred between bars where the aspects differ', () => {
    expect(pictureBox(box(10, 20, 400, 400), WIDE, 'contained')).toEqual(box(10, 107.5, 400, 225));
    expect(pictureBox(box(10, 20, 1600, 900), TALL, 'contained')).toEqual(box(556.875, 20, 506.25, 900));
  });

  test('is the whole element where it fills it, or before anything is known', () => {
    expect(pictureBox(box(1, 2, 400, 400), WIDE, 'filling')).toEqual(box(1, 2, 400, 400));
    expect(pictureBox(box(1, 2, 400, 400), { width: 0, height: 0 }, 'contained')).toEqual(
      box(1, 2, 400, 400),
    );
  });
});

describe('the pill', () => {
  test('is 8 px inside the corner', () => {
    const picture = box(100, 50, 640, 360);
    expect(placeBadge('top-left', PILL, inPicture(picture))).toEqual({
      x: 108,
      y: 58,
      isVisible: true,
      isRight: false,
    });
  });

  test('goes out of the viewport with its video', () => {
    const picture = box(100, -200, 640, 360);
    expect(placeBadge('top-left', PILL, inPicture(picture))).toMatchObject({ x: 108, y: -192 });
  });

  test('in the right corner ends 8 px inside it, however wide it is', () => {
    const picture = box(100, 50, 640, 360);
    const place = placeBadge('top-right', PILL, inPicture(picture));
    expect(place).toEqual({ x: 740 - 8 - 150, y: 58, isVisible: true, isRight: true });
  });

  test('under a row of the site’s own buttons lies below the corner', () => {
    const picture = box(100, 50, 640, 360);
    expect(placeBadge('below-top-left', PILL, inPicture(picture))).toMatchObject({ x: 108, y: 114 });
  });

  test.each([
    ['above', box(100, 90, 640, 320)],
    ['left', box(140, 50, 600, 360)],
    ['below', box(100, 50, 640, 10)],
    ['right', box(100, 50, 10, 360)],
  ])('is hidden where its icon is cut off from %s', (_, visible) => {
    expect(placeBadge('top-left', PILL, { ...inPicture(box(100, 50, 640, 360)), visible }).isVisible).toBe(
      false,
    );
  });
});

describe('the open card', () => {
  test('is kept within the viewport', () => {
    const picture = box(800, 600, 640, 360);
    expect(placeBadge('top-left', CARD, inPicture(picture))).toEqual({
      x: 672,
      y: 332,
      isVisible: true,
      isRight: false,
    });
    const above = box(-500, -300, 640, 360);
    expect(placeBadge('top-left', CARD, inPicture(above))).toEqual({
      x: 8,
      y: 8,
      isVisible: true,
      isRight: false,
    });
  });

  test('shows its beginning where the viewport is smaller than it', () => {
    const picture = box(0, 0, 200, 100);
    expect(
      placeBadge('top-left', CARD, { ...inPicture(picture), viewport: { width: 300, height: 200 } }),
    ).toMatchObject({ x: 8, y: 8 });
  });
});
