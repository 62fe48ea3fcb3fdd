import { findSite } from '../../utils/domain/post-sites.ts';
import { isWithin, markMiddle, MARK_PIXELS } from './badge-position.ts';
import type { BadgeCorner, Box } from './badge-position.ts';
import { elementsAt } from '../../utils/browser/page-elements.ts';

/** Buttons and links are small; what is larger is the player itself, which takes the click that pauses it. */
const MAX_CONTROL_SHARE = 0.25;
const CORNERS: readonly BadgeCorner[] = ['top-left', 'top-right', 'below-top-left'];
const CONTROLS = 'a[href], button, input, select, summary, [role="button"], [role="link"], [role="slider"]';
/** Wide pills are looked under this often along their width: controls are hardly narrower. */
const STEP_PIXELS = MARK_PIXELS / 2;

/** Where the badge goes before anything is known of the page's own controls. */
export function firstCorner(): BadgeCorner {
  return findSite(location.hostname)?.badgeCorner ?? 'top-left';
}

/**
 * A corner of the picture in which the site has no control of its own, so that the badge covers none and takes none of its
 * clicks. Where each has one, the first that the site leaves free as far as is known.
 * @param visible the part of the picture's element that no ancestor cuts off
 * @param width of the pill
 * @param overlay ours: what lies under it counts
 * @param first to be taken if it is free
 * @returns null while a corner that would come first is not in sight: nothing is known of it
 */
export function freeCorner(
  picture: Box,
  visible: Box,
  width: number,
  overlay: Element,
  first = firstCorner(),
): BadgeCorner | null {
  for (const corner of [first, ...CORNERS.filter((other) => other !== first)]) {
    const { x, y } = markMiddle(picture, corner);
    if (!isWithin(x, y, visible) || document.elementFromPoint(x, y) === null) return null;
    let isFree = true;
    for (let along = 0; along <= Math.max(0, width - MARK_PIXELS / 2) && isFree; along += STEP_PIXELS) {
      isFree = !hasControl(corner === 'top-right' ? x - along : x + along, y, picture, overlay);
    }
    if (isFree) return corner;
  }
  return first;
}

function hasControl(x: number, y: number, picture: Box, overlay: Element): boolean {
  let top = elementsAt(document, { x, y }).find((element) => element !== overlay);
  while (top) {
    const control = top.closest(CONTROLS);
    if (control) {
      const { width, height } = control.getBoundingClientRect();
      return width * height < MAX_CONTROL_SHARE * picture.width * picture.height;
    }
    // A button's symbol may be in a shadow tree of its own.
    top = (top.getRootNode() as Partial<ShadowRoot>).host;
  }
  return false;
}
