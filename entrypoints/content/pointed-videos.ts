import { elementsAt, MAX_SHADOW_DEPTH } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';

/**
 * The videos under the pointer, topmost first: those whose box contains the point. A hit test alone does not find them,
 * since players lay transparent elements over their video, and a video may let the pointer through.
 */
export function videosAt(videos: readonly HTMLVideoElement[], point: Point): HTMLVideoElement[] {
  const hit = elementsAt(document, point);
  const holding = videos.filter((video) => contains(video.getBoundingClientRect(), point));
  const rank = (video: HTMLVideoElement): number => {
    const place = hit.indexOf(video);
    return place === -1 ? hit.length : place;
  };
  return holding.toSorted((one, other) => rank(one) - rank(other));
}

/**
 * The videos under the hovered element, for the time after injection when the script has seen no pointer event: the
 * hovered element itself, or the videos whose box contains its middle or whose middle lies in its box.
 */
export function videosUnderHover(videos: readonly HTMLVideoElement[]): HTMLVideoElement[] {
  const hovered = hoveredElement();
  if (!hovered) return [];
  if (hovered instanceof HTMLVideoElement) return [hovered];
  // The page's root says nothing about the pointer's place on the page.
  if (hovered === document.body || hovered === document.documentElement) return [];
  const box = hovered.getBoundingClientRect();
  const middle = middleOf(box);
  return videos.filter((video) => {
    const own = video.getBoundingClientRect();
    return contains(own, middle) || contains(box, middleOf(own));
  });
}

/** The innermost hovered element, through open shadow roots. */
function hoveredElement(): Element | null {
  let root: Document | ShadowRoot = document;
  let innermost: Element | null = null;
  for (let depth = 0; depth < MAX_SHADOW_DEPTH; depth += 1) {
    const hovered: Element | undefined = [...root.querySelectorAll(':hover')].at(-1);
    if (!hovered) break;
    innermost = hovered;
    if (!hovered.shadowRoot) break;
    root = hovered.shadowRoot;
  }
  return innermost;
}

function middleOf({ left, top, width, height }: DOMRect): Point {
  return { x: left + width / 2, y: top + height / 2 };
}

function contains(box: DOMRect, { x, y }: Point): boolean {
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}
