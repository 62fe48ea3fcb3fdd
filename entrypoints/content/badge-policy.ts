import { placeBadge } from './badge-position.ts';
import type { BadgeCorner, BadgePlace, Box, Size } from './badge-position.ts';
import type { Manner } from './check-policy.ts';

/**
 * Where a badge goes and when it is shown. Pure: what the page shows comes in, and the badge's place goes out.
 *
 * The badge of a check by hand stays in its corner, and stays shown on pages that have a layer over everything. A quiet
 * badge gives way: it goes to a corner without controls of the site, and is hidden under what the site lays over it.
 */

/** What is remembered of a badge from one animation frame to the next. */
export type Placement = {
  /** null until a corner was chosen; then the badge is in the first one. */
  readonly corner: BadgeCorner | null;
  /** Whether the badge gives way to what covers it. A badge by hand does so once the page has left its place free. */
  readonly givesWay: boolean;
};

/** What the page shows of a video and its badge now. */
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
  /** A corner without controls; null if that is unknown. Asked for only where it matters. */
  readonly findFreeCorner: (first: BadgeCorner) => BadgeCorner | null;
  /** Whether the site has something in front of the video there. Asked for only where it matters. */
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

/** It depends on the page alone: a corner that a verdict chose would tell the page of it. */
function nextCorner(
  corner: BadgeCorner | null,
  { isPointed, firstCorner, findFreeCorner }: PlacementInput,
): BadgeCorner | null {
  if (corner !== null && !isPointed) return corner;
  return findFreeCorner(corner ?? firstCorner) ?? (isPointed ? corner : null);
}
