import { elementsAt, flatParentOf } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';

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
  for (; common !== null && common !== document.body; common = flatParentOf(common)) {
    if (isPlayer(common, video)) return false;
  }
  return true;
}

/** Whether an element has the video's size, or is larger by the bars beside a picture of another shape. */
function isPlayer(element: Element, video: Element): boolean {
  const outer = element.getBoundingClientRect();
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
