/** A video smaller than this shows no face that can be judged, and is an advertisement or a preview more often. */
const MIN_SIDE_PIXELS = 90;
/** Pages with more shadow roots than this are searched as far as that. */
const MAX_ROOTS = 2000;
const MAX_VIDEOS = 200;

/** All videos of this document, through open shadow roots, in document order. */
export function findVideos(document: Document): HTMLVideoElement[] {
  return findAll(document, HTMLVideoElement, MAX_VIDEOS);
}

/** All elements of a kind, through open shadow roots; as many as that at most. */
export function findAll<Kind extends Element>(
  document: Document,
  kind: new () => Kind,
  maxCount: number,
): Kind[] {
  const found: Kind[] = [];
  const roots: (Document | ShadowRoot)[] = [document];
  for (let at = 0; at < roots.length && at < MAX_ROOTS && found.length < maxCount; at += 1) {
    for (const element of roots[at]!.querySelectorAll('*')) {
      if (element instanceof kind) found.push(element);
      else if (element.shadowRoot) roots.push(element.shadowRoot);
    }
  }
  return found.slice(0, maxCount);
}

/** Whether it is drawn at all, and large enough to be meant. */
export function isOfSize(video: HTMLVideoElement): boolean {
  const { width, height } = video.getBoundingClientRect();
  return (
    Math.min(width, height) >= MIN_SIDE_PIXELS &&
    video.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  );
}

/** Area of the video within the viewport, in square CSS pixels. */
export function visibleArea(video: HTMLVideoElement): number {
  const { left, top, right, bottom } = video.getBoundingClientRect();
  const width = Math.min(right, innerWidth) - Math.max(left, 0);
  const height = Math.min(bottom, innerHeight) - Math.max(top, 0);
  return Math.max(0, width) * Math.max(0, height);
}

/** Whether the address is this video's, as an attribute, a `<source>` or what the browser chose. */
export function hasAddress(video: HTMLVideoElement, srcUrl: string): boolean {
  return (
    video.currentSrc === srcUrl ||
    video.src === srcUrl ||
    [...video.children].some((child) => child instanceof HTMLSourceElement && child.src === srcUrl)
  );
}
