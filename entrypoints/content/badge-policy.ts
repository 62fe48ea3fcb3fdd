import type { Manner } from './check-policy.ts';

/** A rectangle in the viewport, in CSS pixels. */
export type Box = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** How much of each edge of an element is cut off by scrolling containers and the viewport, in CSS pixels. */
export type Cut = {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
};

export type Size = { readonly width: number; readonly height: number };

/** `object-fit` as far as the badge depends on it: whether the picture fills the element's box. */
export type PictureFit = 'contained' | 'filling';

export type BadgePlace = {
  readonly x: number;
  readonly y: number;
  readonly isVisible: boolean;
  /** The pill's icon is at its right end. */
  readonly isRight: boolean;
};

/** The badge's place in the picture: its first corner, or another that the site's own controls leave free. */
export type BadgeCorner = 'top-left' | 'top-right' | 'below-top-left';

/** Distance of the badge from the picture's edges. */
const MARGIN_PIXELS = 8;
/** The pill's height, which is also the width of its icon. */
export const PILL_PIXELS = 28;
/** The height of a site's row of buttons along the top, under which the badge goes. */
const BELOW_PIXELS = 56;

/** The picture within its element: players add bars with `object-fit: contain`, the default. */
export function pictureBox(video: Box, picture: Size, fit: PictureFit): Box {
  if (fit === 'filling' || picture.width === 0 || picture.height === 0) return video;
  const scale = Math.min(video.width / picture.width, video.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return {
    left: video.left + (video.width - width) / 2,
    top: video.top + (video.height - height) / 2,
    width,
    height,
  };
}

/** The part of an element that no container cuts off. */
export function visibleBox(box: Box, cut: Cut): Box {
  return {
    left: box.left + cut.left,
    top: box.top + cut.top,
    width: box.width - cut.left - cut.right,
    height: box.height - cut.top - cut.bottom,
  };
}

/** The middle of the pill's icon in a corner of the picture. In the right corner the pill grows to the left. */
export function iconMiddle(picture: Box, corner: BadgeCorner): { readonly x: number; readonly y: number } {
  const inset = MARGIN_PIXELS + PILL_PIXELS / 2;
  const x = corner === 'top-right' ? picture.left + picture.width - inset : picture.left + inset;
  return { x, y: picture.top + inset + (corner === 'below-top-left' ? BELOW_PIXELS : 0) };
}

/**
 * Places the badge in a corner of the picture. The pill follows the picture out of the viewport, and is hidden where a
 * scrolling container cuts the corner off. The open card begins at the same corner but stays within the viewport.
 */
export function placeBadge(
  corner: BadgeCorner,
  badge: Size & { readonly isOpen: boolean },
  space: {
    readonly picture: Box;
    /** The part of the video element that no container cuts off. */
    readonly visible: Box;
    readonly viewport: Size;
  },
): BadgePlace {
  const middle = iconMiddle(space.picture, corner);
  const y = middle.y - PILL_PIXELS / 2;
  const isRight = corner === 'top-right';
  const x = isRight ? middle.x + PILL_PIXELS / 2 - badge.width : middle.x - PILL_PIXELS / 2;
  if (badge.isOpen) {
    return {
      x: clamp(x, MARGIN_PIXELS, space.viewport.width - badge.width - MARGIN_PIXELS),
      y: clamp(y, MARGIN_PIXELS, space.viewport.height - badge.height - MARGIN_PIXELS),
      isVisible: true,
      isRight,
    };
  }
  return { x, y, isVisible: isWithin(middle, space.visible), isRight };
}

export function isWithin(point: { readonly x: number; readonly y: number }, box: Box): boolean {
  const { left, top, width, height } = box;
  return point.x >= left && point.x <= left + width && point.y >= top && point.y <= top + height;
}

export function middleOf({ left, top, width, height }: Box): { readonly x: number; readonly y: number } {
  return { x: left + width / 2, y: top + height / 2 };
}

/** The upper edge wins over the lower one, so that a card larger than the viewport shows its beginning. */
function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

/**
 * Decides where a badge goes and when it is shown. Pure: what the page shows comes in, and the badge's place goes out.
 * The badge of a check by hand stays in its corner, and stays shown on pages that have a layer over everything. A quiet
 * badge gives way: it goes to a corner without controls of the site, and is hidden under layers that the site lays over
 * it.
 */

/** The facts of a badge that are kept from one animation frame to the next. */
export type Placement = {
  /** null until a corner was chosen; then the badge is in the first one. */
  readonly corner: BadgeCorner | null;
  /**
   * Whether the badge is hidden under a layer that covers it. A badge by hand is, once the page has left its place
   * free.
   */
  readonly givesWay: boolean;
};

/** What the page shows of a video and its badge in this animation frame. */
export type PlacementInput = {
  readonly manner: Manner;
  readonly picture: Box;
  /** The part of the video element that no container cuts off. */
  readonly visible: Box;
  readonly viewport: Size;
  readonly badge: Size & { readonly isOpen: boolean };
  /** Whether the overlay may lie over this video now: no other dialog or full screen does. */
  readonly mayCover: boolean;
  /** Whether the pointer has come over the video: players then show their controls. */
  readonly isPointed: boolean;
  /** The site's own first corner. */
  readonly firstCorner: BadgeCorner;
  /** A corner without controls; null if that is unknown. Called only if its result matters. */
  readonly findFreeCorner: (first: BadgeCorner) => BadgeCorner | null;
  /** Whether the site has something in front of the video there. Called only if its result matters. */
  readonly isCovered: (corner: BadgeCorner) => boolean;
};

export function firstPlacement(manner: Manner): Placement {
  return { corner: null, givesWay: manner === 'automatic' };
}

export type NextPlacement = { readonly placement: Placement; readonly place: BadgePlace };

/** The badge's place now, and what is remembered of it. */
export function nextPlacement(former: Placement, input: PlacementInput): NextPlacement {
  const corner = input.manner === 'by-hand' ? 'top-left' : nextCorner(former.corner, input);
  const shownCorner = corner ?? input.firstCorner;
  const place = placeBadge(shownCorner, input.badge, input);
  const isAllowed = place.isVisible && input.mayCover;
  const { isOpen } = input.badge;
  // The user has opened the card, and can close it: it stays in front of everything.
  const isFree = isAllowed && !(isOpen && former.givesWay) && !input.isCovered(shownCorner);
  const givesWay = former.givesWay || isFree;
  const isVisible = isAllowed && (isFree || isOpen || !givesWay);
  return { placement: { corner, givesWay }, place: { ...place, isVisible } };
}

/** Whether full screen lets a badge be shown. */
export function isShownInFullScreen(
  manner: Manner,
  fullScreen: 'none' | 'own-video' | 'other',
  showsQuietBadges: boolean,
): boolean {
  switch (fullScreen) {
    case 'none':
      return true;
    case 'own-video':
      return manner === 'by-hand' || showsQuietBadges;
    case 'other':
      return false;
  }
}

/** The corner depends on the page alone: if the verdict chose the corner, the page could read the verdict off it. */
function nextCorner(
  corner: BadgeCorner | null,
  { isPointed, firstCorner, findFreeCorner }: PlacementInput,
): BadgeCorner | null {
  if (corner !== null && !isPointed) return corner;
  return findFreeCorner(corner ?? firstCorner) ?? (isPointed ? corner : null);
}
