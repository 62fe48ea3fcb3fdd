import { elementsIn } from '../../utils/browser/page-elements.ts';
import type { ForeignFrame } from '../../utils/domain/page-video.ts';

/** A smaller video shows no face that can be judged, and is mostly an advertisement or a preview. */
const MIN_SIDE_PIXELS = 90;
/** Pages with more videos are searched up to this many. */
const MAX_VIDEOS = 200;
/** Smaller frames hold buttons and counters. */
const MIN_FRAME_AREA_PIXELS = 200 * 112;
/** Pages with more frames are searched up to this many. */
const MAX_FRAMES = 100;

/** All videos of a document and its open shadow roots. */
export function findVideos(document: Document): HTMLVideoElement[] {
  return findAll(document, HTMLVideoElement, MAX_VIDEOS);
}

/** The large frames of other origins in a document and its open shadow roots; a player may be in them. */
export function findForeignFrames(document: Document): readonly ForeignFrame[] {
  return findAll(document, HTMLIFrameElement, MAX_FRAMES).flatMap((frame) => {
    const { width, height } = frame.getBoundingClientRect();
    const area = width * height;
    // HTML, contentDocument: null for a document of another origin.
    const isForeign = frame.contentDocument === null;
    if (area < MIN_FRAME_AREA_PIXELS || !isForeign || !URL.canParse(frame.src)) return [];
    const { protocol, hostname } = new URL(frame.src);
    return /^https?:$/.test(protocol) ? [{ host: hostname, area }] : [];
  });
}

function findAll<Kind extends Element>(document: Document, kind: new () => Kind, maxCount: number): Kind[] {
  const found: Kind[] = [];
  for (const element of elementsIn(document)) {
    if (found.length >= maxCount) break;
    if (element instanceof kind) found.push(element);
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
