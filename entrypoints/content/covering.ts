import { elementsAt, flatParentOf } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';

/** Borders and rounding between a player and its video, in CSS pixels. */
const SLACK_PIXELS = 4;

/**
 * Whether the site has something in front of the whole player at this point, such as a header that stays or a picture that was
 * opened over the page: our overlay lies in the top layer, over that as well. What the player itself lays over its video
 * covers nothing.
 * @param overlay ours: what lies under it counts
 */
export function isCoveredAt(point: Point, video: Element, overlay: Element): boolean {
  const top = elementsAt(document, point).find((element) => element !== overlay);
  if (top === undefined) return false;
  const around = new Set<Element>();
  for (let at: Element | null = video; at !== null; at = flatParentOf(at)) around.add(at);
  // The video; or what it is in, which is behind it, where the video lets the pointer through.
  if (around.has(top)) return false;
  let common: Element | null = top;
  while (common !== null && !around.has(common)) common = flatParentOf(common);
  for (; common !== null && common !== document.body; common = flatParentOf(common)) {
    if (isPlayer(common, video)) return false;
  }
  return true;
}

/** Of the video's size, or larger by the bars beside a picture of another shape. */
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
