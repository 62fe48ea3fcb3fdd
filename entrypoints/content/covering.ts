import { bodyOf, closest, elementsFromPoint, rectOf, rootOf } from '../../utils/browser/dom.ts';
import { elementsAt, flatParentOf } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import { iconMiddle, isWithin, PILL_PIXELS } from './badge-policy.ts';
import type { BadgeCorner, Box } from './badge-policy.ts';

/** Borders and rounding make a player this much larger than its video. */
const SLACK_PIXELS = 4;

/**
 * Whether the site has something in front of the player at a point, such as a fixed header or a picture that the user opened
 * over the page. Our overlay lies in the top layer, and would lie over that as well. The player's own layers do not count.
 * @param overlay our overlay, through which the test looks
 */
export function isCoveredAt(point: Point, video: Element, overlay: Element): boolean {
  const top = elementsAt(document, point).find((element) => element !== overlay);
  if (top === undefined) return false;
  const around = new Set<Element>();
  for (let at: Element | null = video; at !== null; at = flatParentOf(at)) around.add(at);
  // The video itself, or an ancestor behind a video that lets the pointer through.
  if (around.has(top)) return false;
  let common: Element | null = top;
  while (common !== null && !around.has(common)) common = flatParentOf(common);
  for (; common !== null && common !== bodyOf(document); common = flatParentOf(common)) {
    if (isPlayer(common, video)) return false;
  }
  return true;
}

/** Whether an element has the video's size, or is larger by the bars beside a picture of another shape. */
function isPlayer(element: Element, video: Element): boolean {
  const outer = rectOf(element);
  const inner = video.getBoundingClientRect();
  const gaps = [
    [inner.left - outer.left, outer.right - inner.right],
    [inner.top - outer.top, outer.bottom - inner.bottom],
  ] as const;
  return (
    gaps.every(([before, after]) => Math.abs(before - after) <= SLACK_PIXELS) &&
    gaps.some(([before]) => Math.abs(before) <= SLACK_PIXELS)
  );
}

/** Buttons and links are small. A larger one is the player itself, which a click pauses. */
const MAX_CONTROL_SHARE = 0.25;
const CORNERS: readonly BadgeCorner[] = ['top-left', 'top-right', 'below-top-left'];
const CONTROLS = 'a[href], button, input, select, summary, [role="button"], [role="link"], [role="slider"]';
/** Distance of the points that are tested along a wide pill; controls are hardly narrower. */
const STEP_PIXELS = PILL_PIXELS / 2;

/** The badge's corner before the page's own controls are known. */
export function firstCorner(): BadgeCorner {
  // TikTok's sound button is at the top left.
  return /(?:^|\.)tiktok\.com$/.test(location.hostname) ? 'top-right' : 'top-left';
}

/**
 * A corner of the picture in which the site has no control, so that the badge covers no control and takes no click from it.
 * A corner that is free along the whole pill, whose words may be painted, goes before one where only the icon is. If no
 * corner is free it is the first, which most sites leave free.
 * @param pill where it goes: the picture, the part of its element that no container cuts off, and the pill's width
 * @param overlay our overlay, through which the test looks
 * @param first the corner that is taken if it is free
 * @returns null while an earlier corner is out of sight, since nothing is known of it
 */
export function freeCorner(
  pill: { readonly picture: Box; readonly visible: Box; readonly width: number },
  overlay: Element,
  first: BadgeCorner,
): BadgeCorner | null {
  const { picture, visible, width } = pill;
  let freeForIcon: BadgeCorner | null = null;
  for (const corner of [first, ...CORNERS.filter((other) => other !== first)]) {
    const middle = iconMiddle(picture, corner);
    const { x, y } = middle;
    if (!isWithin(middle, visible) || elementsFromPoint(document, x, y).length === 0) return freeForIcon;
    const isFreeAt = (along: number): boolean =>
      !hasControl({ x: corner === 'top-right' ? x - along : x + along, y }, picture, overlay);
    if (!isFreeAt(0)) continue;
    let along = STEP_PIXELS;
    while (along <= width - PILL_PIXELS / 2 && isFreeAt(along)) along += STEP_PIXELS;
    if (along > width - PILL_PIXELS / 2) return corner;
    freeForIcon ??= corner;
  }
  return freeForIcon ?? first;
}

function hasControl(point: Point, picture: Box, overlay: Element): boolean {
  let top = elementsAt(document, point).find((element) => element !== overlay);
  while (top) {
    const control = closest(top, CONTROLS);
    if (control) {
      const { width, height } = rectOf(control);
      return width * height < MAX_CONTROL_SHARE * picture.width * picture.height;
    }
    // A button's symbol may be in a shadow tree of its own.
    top = (rootOf(top) as Partial<ShadowRoot>).host;
  }
  return false;
}
