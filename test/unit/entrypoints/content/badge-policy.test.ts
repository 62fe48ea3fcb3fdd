import { describe, expect, test, vi } from 'vitest';
import {
  firstPlacement,
  isShownInFullScreen,
  nextPlacement,
} from '../../../../entrypoints/content/badge-policy.ts';
import type { PlacementInput } from '../../../../entrypoints/content/badge-policy.ts';
import type { Manner } from '../../../../entrypoints/content/check-policy.ts';

const PICTURE = { left: 100, top: 50, width: 640, height: 360 };
const PILL = { width: 190, height: 28, isOpen: false };
const OPEN = { ...PILL, width: 320, height: 200, isOpen: true };

function input(manner: Manner, changed: Partial<PlacementInput> = {}): PlacementInput {
  return {
    manner,
    picture: PICTURE,
    visible: PICTURE,
    viewport: { width: 1000, height: 700 },
    badge: PILL,
    mayCover: true,
    isPointed: false,
    firstCorner: 'top-left',
    findFreeCorner: (first) => first,
    isCovered: () => false,
    ...changed,
  };
}

/** Whether the badge is shown after each of these animation frames. */
function shownAfter(manner: Manner, frames: readonly Partial<PlacementInput>[]): boolean[] {
  let placement = firstPlacement(manner);
  return frames.map((changed) => {
    const next = nextPlacement(placement, input(manner, changed));
    placement = next.placement;
    return next.place.isVisible;
  });
}

const COVERED = { isCovered: () => true };

describe('what covers a badge', () => {
  test('hides a quiet one from the first', () => {
    expect(shownAfter('automatic', [COVERED, {}, COVERED])).toEqual([false, true, false]);
  });

  test('does not hide one by hand on a page whose layer covers everything, until it was seen free once', () => {
    expect(shownAfter('by-hand', [COVERED, COVERED, {}, COVERED])).toEqual([true, true, true, false]);
  });

  test.each(['by-hand', 'automatic'] as const)('does not hide the open card of one %s', (manner) => {
    expect(shownAfter(manner, [{}, { ...COVERED, badge: OPEN }])).toEqual([true, true]);
  });

  test.each(['by-hand', 'automatic'] as const)(
    'is not asked about one %s that is hidden by itself: cut off, or under a dialog',
    (manner) => {
      const isCovered = vi.fn(() => false);
      const cutOff = { isCovered, visible: { ...PICTURE, top: 200, height: 210 } };
      expect(shownAfter(manner, [cutOff, { isCovered, mayCover: false }])).toEqual([false, false]);
      expect(isCovered).not.toHaveBeenCalled();
    },
  );
});

describe('the corner', () => {
  test('of a badge by hand is the first of all, whatever the site has there', () => {
    const findFreeCorner = vi.fn(() => 'top-right' as const);
    const { placement, place } = nextPlacement(
      firstPlacement('by-hand'),
      input('by-hand', { findFreeCorner, isPointed: true, firstCorner: 'below-top-left' }),
    );
    expect(placement.corner).toBe('top-left');
    expect(place).toMatchObject({ x: 108, y: 58 });
    expect(findFreeCorner).not.toHaveBeenCalled();
  });

  test('of a quiet one is a free one, and is looked for again only under the pointer', () => {
    const findFreeCorner = vi.fn<PlacementInput['findFreeCorner']>(() => 'top-right');
    let placement = firstPlacement('automatic');
    const next = (changed: Partial<PlacementInput>): void => {
      ({ placement } = nextPlacement(placement, input('automatic', { findFreeCorner, ...changed })));
    };
    next({});
    expect(placement.corner).toBe('top-right');
    next({});
    next({ badge: OPEN });
    expect(findFreeCorner.mock.calls).toEqual([['top-left']]);
    next({ isPointed: true });
    expect(findFreeCorner.mock.calls.slice(1)).toEqual([['top-right']]);
  });

  test('of a quiet one is open while no corner is in sight, and stays as it is while the pointer hides one', () => {
    const unknown = { findFreeCorner: () => null, firstCorner: 'top-right' as const };
    const first = nextPlacement(firstPlacement('automatic'), input('automatic', unknown));
    expect(first.placement.corner).toBeNull();
    expect(first.place.x).toBe(100 + 640 - 8 - PILL.width);
    const pointed = nextPlacement(
      { ...first.placement, corner: 'below-top-left' },
      input('automatic', { ...unknown, isPointed: true }),
    );
    expect(pointed.placement.corner).toBe('below-top-left');
  });
});

test.each([
  ['by-hand', 'none', false, true],
  ['automatic', 'none', false, true],
  ['by-hand', 'own-video', false, true],
  ['automatic', 'own-video', false, false],
  ['automatic', 'own-video', true, true],
  ['by-hand', 'other', true, false],
  ['automatic', 'other', true, false],
] as const)(
  'a badge %s, full screen %s, asked for by the setting %s: shown %s',
  (manner, fullScreen, showsQuiet, isShown) => {
    expect(isShownInFullScreen(manner, fullScreen, showsQuiet)).toBe(isShown);
  },
);
