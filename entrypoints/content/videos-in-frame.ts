import { elementsIn } from '../../utils/browser/page-elements.ts';

/** A smaller video shows no face that can be judged, and is mostly an advertisement or a preview. */
const MIN_SIDE_PIXELS = 90;
/** Pages with more videos are searched up to this many. */
const MAX_VIDEOS = 200;

/** All videos of a document and its open shadow roots. */
export function findVideos(document: Document): HTMLVideoElement[] {
  const found: HTMLVideoElement[] = [];
  for (const element of elementsIn(document)) {
    if (found.length >= MAX_VIDEOS) break;
    if (element instanceof HTMLVideoElement) found.push(element);
  }
  return found;
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
export function hasAddress(video: HTMLVideoElement, srcUrl: string): boolean {
  return (
    video.currentSrc === srcUrl ||
    video.src === srcUrl ||
    [...video.children].some((child) => child instanceof HTMLSourceElement && child.src === srcUrl)
  );
}
