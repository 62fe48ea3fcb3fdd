import { bodyOf, documentElementOf, queryAll, rectOf, shadowRootOf } from '../../utils/browser/dom.ts';
import { elementsIn, elementsAt, MAX_SHADOW_DEPTH } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { CheckTarget } from '../../utils/domain/page-video.ts';

/** A smaller video shows no face that can be judged, and is mostly an advertisement or a preview. */
const MIN_SIDE_PIXELS = 90;
/**
 * On a page with more videos, those are taken that the user may mean: first the ones in sight, and among these the
 * playing ones.
 */
const MAX_VIDEOS = 200;

/** The videos of a document and its shadow roots, at most {@link MAX_VIDEOS}, in the order of the document. */
export function findVideos(document: Document): HTMLVideoElement[] {
  const found: HTMLVideoElement[] = [];
  for (const element of elementsIn(document)) if (element instanceof HTMLVideoElement) found.push(element);
  if (found.length <= MAX_VIDEOS) return found;
  const rank = (video: HTMLVideoElement): number => (visibleArea(video) > 0 ? 2 : 0) + (video.paused ? 0 : 1);
  const ranked = found.map((video) => ({ video, rank: rank(video) }));
  const taken = new Set(
    ranked
      .toSorted((one, other) => other.rank - one.rank)
      .slice(0, MAX_VIDEOS)
      .map(({ video }) => video),
  );
  return found.filter((video) => taken.has(video));
}

/** Whether the page draws a video, large enough for the user to mean it. */
export function isOfSize(video: HTMLVideoElement): boolean {
  const { width, height } = video.getBoundingClientRect();
  return (
    Math.min(width, height) >= MIN_SIDE_PIXELS &&
    video.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  );
}

/** The area of a video within the viewport, in square CSS pixels. */
export function visibleArea(video: HTMLVideoElement): number {
  const { left, top, right, bottom } = video.getBoundingClientRect();
  const width = Math.min(right, innerWidth) - Math.max(left, 0);
  const height = Math.min(bottom, innerHeight) - Math.max(top, 0);
  return Math.max(0, width) * Math.max(0, height);
}

/** Whether an address is a video's, in its attribute, in a `<source>`, or as the browser chose it. */
function hasAddress(video: HTMLVideoElement, srcUrl: string): boolean {
  return (
    video.currentSrc === srcUrl ||
    video.src === srcUrl ||
    [...video.children].some((child) => child instanceof HTMLSourceElement && child.src === srcUrl)
  );
}

/**
 * The videos under the pointer, topmost first: those whose box contains the point. A hit test alone does not find them,
 * since players lay transparent elements over their video, and a video may let the pointer through.
 */
function videosAt(videos: readonly HTMLVideoElement[], point: Point): HTMLVideoElement[] {
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
function videosUnderHover(videos: readonly HTMLVideoElement[]): HTMLVideoElement[] {
  const hovered = hoveredElement();
  if (!hovered) return [];
  if (hovered instanceof HTMLVideoElement) return [hovered];
  // The page's root says nothing about the pointer's place on the page.
  if (hovered === bodyOf(document) || hovered === documentElementOf(document)) return [];
  const box = rectOf(hovered);
  const middle = middleOf(box);
  return videos.filter((video) => {
    const own = video.getBoundingClientRect();
    return contains(own, middle) || contains(box, middleOf(own));
  });
}

/** The innermost hovered element, through shadow roots. */
function hoveredElement(): Element | null {
  let root: Document | ShadowRoot = document;
  let innermost: Element | null = null;
  for (let depth = 0; depth < MAX_SHADOW_DEPTH; depth += 1) {
    const hovered: Element | undefined = [...queryAll(root, ':hover')].at(-1);
    if (!hovered) break;
    innermost = hovered;
    const inner = shadowRootOf(hovered);
    if (inner === null) break;
    root = inner;
  }
  return innermost;
}

function middleOf({ left, top, width, height }: DOMRect): Point {
  return { x: left + width / 2, y: top + height / 2 };
}

function contains(box: DOMRect, { x, y }: Point): boolean {
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}

export type VideoChoice =
  | { readonly kind: 'video'; readonly video: HTMLVideoElement }
  /** The user has to choose one. */
  | { readonly kind: 'several'; readonly videos: readonly HTMLVideoElement[] }
  | { readonly kind: 'none' };

/**
 * The video of this frame that the user means.
 * @param lastPoint where the user opened the last context menu; null if the script has seen none
 */
export function chooseVideo(target: CheckTarget, videoIds: VideoIds, lastPoint: Point | null): VideoChoice {
  switch (target.kind) {
    case 'video':
      return oneOf(findVideos(document).filter((video) => videoIds.of(video) === target.videoId));
    case 'largest':
      return largest(findVideos(document).filter(isOfSize));
    case 'pointer':
      return pointed(target.srcUrl, lastPoint);
  }
}

function pointed(srcUrl: string | null, lastPoint: Point | null): VideoChoice {
  const all = findVideos(document);
  const addressed = srcUrl === null ? [] : all.filter((video) => hasAddress(video, srcUrl));
  if (addressed.length === 1) return oneOf(addressed);
  // A feed may repeat a clip: the pointer tells videos of the same address apart.
  const candidates = addressed.length > 1 ? addressed : all;
  const under = lastPoint ? videosAt(candidates, lastPoint) : videosUnderHover(candidates);
  const topmost = lastPoint ? under.slice(0, 1) : under;
  if (topmost.length === 1) return oneOf(topmost);
  const ofSize = (topmost.length > 1 ? topmost : candidates).filter(isOfSize);
  const visible = ofSize.filter((video) => visibleArea(video) > 0);
  return oneOf(visible.length > 0 ? visible : ofSize);
}

function largest(videos: readonly HTMLVideoElement[]): VideoChoice {
  // A playing video goes before a larger paused one, since feeds and lists show paused videos as posters.
  const rank = (video: HTMLVideoElement): number => visibleArea(video) * (video.paused ? 0.25 : 1);
  const visible = videos.filter((video) => visibleArea(video) > 0);
  return oneOf(visible.toSorted((one, other) => rank(other) - rank(one)).slice(0, 1));
}

function oneOf(videos: readonly HTMLVideoElement[]): VideoChoice {
  const [video, another] = videos;
  if (video === undefined) return { kind: 'none' };
  return another === undefined ? { kind: 'video', video } : { kind: 'several', videos };
}

/** The numbers of the page's videos in this script. An element keeps its number. */
export type VideoIds = { readonly of: (video: HTMLVideoElement) => number };

export function createVideoIds(): VideoIds {
  const ids = new WeakMap<HTMLVideoElement, number>();
  // A later script in the same page, while a popup is open, must not give the same numbers to other videos.
  let last = Math.trunc(performance.now());
  return {
    of: (video) => {
      const known = ids.get(video);
      if (known !== undefined) return known;
      last += 1;
      ids.set(video, last);
      return last;
    },
  };
}
