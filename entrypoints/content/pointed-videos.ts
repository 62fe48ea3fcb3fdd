/** Where the user last opened a context menu or moved the pointer to, in the viewport's CSS pixels. */
export type Point = { readonly x: number; readonly y: number };

/** Nested open shadow roots under one point; real pages have a handful. */
const MAX_DEPTH = 50;

/**
 * The videos under the pointer, topmost first: those whose box holds the point. Hit testing alone would not find
 * them, since players lay transparent elements over their video, and videos may take no pointer events.
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
 * The videos under what is hovered, for the moment after injection when no pointer event has been seen yet: the
 * hovered element itself, or those whose box holds the middle of it or lies in it.
 */
export function videosUnderHover(videos: readonly HTMLVideoElement[]): HTMLVideoElement[] {
  const hovered = hoveredElement();
  if (!hovered) return [];
  if (hovered instanceof HTMLVideoElement) return [hovered];
  // The page's ground says nothing about where on it the pointer is.
  if (hovered === document.body || hovered === document.documentElement) return [];
  const box = hovered.getBoundingClientRect();
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  return videos.filter((video) => {
    const own = video.getBoundingClientRect();
    return (
      contains(own, middle) || contains(box, { x: own.left + own.width / 2, y: own.top + own.height / 2 })
    );
  });
}

/** The innermost hovered element, through open shadow roots. */
function hoveredElement(): Element | null {
  let root: Document | ShadowRoot = document;
  let innermost: Element | null = null;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const hovered: Element | undefined = [...root.querySelectorAll(':hover')].at(-1);
    if (!hovered) break;
    innermost = hovered;
    if (!hovered.shadowRoot) break;
    root = hovered.shadowRoot;
  }
  return innermost;
}

/** What is under the point, topmost first, through open shadow roots. */
export function elementsAt(root: Document | ShadowRoot, { x, y }: Point, depth = 0): Element[] {
  return root.elementsFromPoint(x, y).flatMap((element) => {
    // A shadow root's list holds the elements outside it as well.
    if (element.getRootNode() !== root) return [];
    const inner = element.shadowRoot;
    return inner && depth < MAX_DEPTH ? [...elementsAt(inner, { x, y }, depth + 1), element] : [element];
  });
}

function contains(box: DOMRect, { x, y }: Point): boolean {
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}
