import { findSite } from '../../utils/post-sites.ts';
import { markMiddle } from './badge-position.ts';
import type { BadgeCorner, Box } from './badge-position.ts';

/** Buttons and links are small; what is larger is the player itself, which takes the click that pauses it. */
const MAX_CONTROL_SHARE = 0.25;
const CORNERS: readonly BadgeCorner[] = ['top-left', 'top-right', 'below-top-left'];
const CONTROLS = 'a[href], button, input, select, summary, [role="button"], [role="link"], [role="slider"]';

/**
 * A corner of the picture in which the site has no control of its own, so that the badge covers none and takes none of its
 * clicks. Where each has one, the first that the site leaves free as far as is known.
 * @param overlay ours: what lies under it counts
 */
export function freeCorner(picture: Box, overlay: Element): BadgeCorner {
  const first: BadgeCorner = findSite(location.hostname)?.badgeCorner ?? 'top-left';
  const corners = [first, ...CORNERS.filter((corner) => corner !== first)];
  return corners.find((corner) => !hasControl(markMiddle(picture, corner), picture, overlay)) ?? first;
}

function hasControl(
  { x, y }: { readonly x: number; readonly y: number },
  picture: Box,
  overlay: Element,
): boolean {
  const top = document.elementsFromPoint(x, y).find((element) => element !== overlay);
  const control = top?.closest(CONTROLS);
  if (!control) return false;
  const { width, height } = control.getBoundingClientRect();
  return width * height < MAX_CONTROL_SHARE * picture.width * picture.height;
}
