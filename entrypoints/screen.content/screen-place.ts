import { parentOf } from '../content/parent-of.ts';
import type { PageBox, ScreenPlace } from '../../utils/frames-port.ts';

/** A background tab draws nothing, and its animation frames never come. */
const DRAW_TIMEOUT_MILLISECONDS = 500;
/** Where what lies over the video is asked for: a place every tenth of its width, about. */
const COLUMNS = 12;
const ROWS = 8;
/** Fades and glassy controls let the picture through; from half on it is not the video any more. */
const OPAQUE_FROM = 0.5;
/** Rounded corners are often an ancestor's, a few elements up. */
const MAX_ANCESTORS = 6;

/** Where the video's picture is in the tab's visible page, after what was changed before the call has been drawn. */
export async function findScreenPlace(video: HTMLVideoElement): Promise<ScreenPlace> {
  await drawn();
  await drawn();
  const clip = await visibleBox(video);
  const toTop = wayToTop();
  // Where the way to the top is known, so is the top.
  const { innerWidth: width, innerHeight: height } = (toTop && window.top) ?? window;
  const picture = pictureOf(video);
  const box = boxOf(video.getBoundingClientRect());
  const seen = [picture, box, clip].reduce(overlap);
  return {
    viewportWidth: width,
    viewportHeight: height,
    picture: toTop === null ? picture : toTop(picture),
    visible:
      toTop === null || isBehindFullscreen(video) || document.pictureInPictureElement === video
        ? null
        : overlap(toTop(seen), { left: 0, top: 0, width, height }),
    covered: toTop === null ? [] : [...coveredCells(video, seen), ...roundedCorners(video, box)].map(toTop),
  };
}

function drawn(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, DRAW_TIMEOUT_MILLISECONDS);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What scrolling containers and the viewport leave of the element, as the browser itself computes it. */
function visibleBox(video: HTMLVideoElement): Promise<PageBox> {
  return new Promise((resolve) => {
    const end = (box: DOMRectReadOnly): void => {
      clearTimeout(timer);
      observer.disconnect();
      resolve(boxOf(box));
    };
    const observer = new IntersectionObserver((entries) => end(entries.at(-1)!.intersectionRect));
    // Where nothing is drawn nothing is seen.
    const timer = setTimeout(() => end(new DOMRect()), DRAW_TIMEOUT_MILLISECONDS);
    observer.observe(video);
  });
}

/** The picture within the element, without the bars that `object-fit: contain` leaves, and beyond it with `cover`. */
function pictureOf(video: HTMLVideoElement): PageBox {
  const box = boxOf(video.getBoundingClientRect());
  const { videoWidth, videoHeight } = video;
  const fit = getComputedStyle(video).objectFit;
  if (fit === 'fill' || videoWidth === 0 || videoHeight === 0) return box;
  const factors = [box.width / videoWidth, box.height / videoHeight];
  const scale = fit === 'cover' ? Math.max(...factors) : Math.min(...factors);
  const width = videoWidth * scale;
  const height = videoHeight * scale;
  return {
    left: box.left + (box.width - width) / 2,
    top: box.top + (box.height - height) / 2,
    width,
    height,
  };
}

/** Of this document's boxes to the tab's visible page; null in a frame of another origin, which can't know. */
function wayToTop(): ((box: PageBox) => PageBox) | null {
  let left = 0;
  let top = 0;
  try {
    for (let frame: Window = window; frame !== frame.top; frame = frame.parent) {
      const element = frame.frameElement;
      if (element === null) return null;
      const rect = element.getBoundingClientRect();
      left += rect.left + element.clientLeft;
      top += rect.top + element.clientTop;
    }
    const pinch = window.top?.visualViewport;
    const [pinchLeft, pinchTop, pinchScale] = pinch
      ? [pinch.offsetLeft, pinch.offsetTop, pinch.scale]
      : [0, 0, 1];
    return (box) => ({
      left: (box.left + left - pinchLeft) * pinchScale,
      top: (box.top + top - pinchTop) * pinchScale,
      width: box.width * pinchScale,
      height: box.height * pinchScale,
    });
  } catch {
    // HTML, "cross-origin properties": a frame of another origin tells nothing of itself.
    return null;
  }
}

/** Only what is full screen can be seen then, in this document and in those around it. */
function isBehindFullscreen(element: Element): boolean {
  const { ownerDocument } = element;
  let isIn = ownerDocument.fullscreenElement === null;
  for (let at: Element | null = element; at !== null && !isIn; at = parentOf(at)) {
    isIn = (at.getRootNode() as Document | ShadowRoot).fullscreenElement === at;
  }
  const frame = ownerDocument.defaultView?.frameElement;
  return !isIn || (frame ? isBehindFullscreen(frame) : false);
}

/** Cells of the picture over which the page lays something opaque: captions' boxes, pictures, dialogs. */
function coveredCells(video: HTMLVideoElement, seen: PageBox): PageBox[] {
  const cells: PageBox[] = [];
  const width = seen.width / COLUMNS;
  const height = seen.height / ROWS;
  if (!(width > 0 && height > 0)) return cells;
  for (let at = 0; at < COLUMNS * ROWS; at++) {
    const left = seen.left + (at % COLUMNS) * width;
    const top = seen.top + Math.floor(at / COLUMNS) * height;
    if (isCovered(video, left + width / 2, top + height / 2)) cells.push({ left, top, width, height });
  }
  return cells;
}

/** In this document, and, of a frame, in those around it. */
function isCovered(element: Element, x: number, y: number): boolean {
  const root = element.getRootNode() as Document | ShadowRoot;
  const hit = root.elementsFromPoint(x, y);
  const place = hit.indexOf(element);
  // A video that takes no pointer events is in no such list: then nothing can be said.
  if (place > 0 && hit.slice(0, place).some(isOpaque)) return true;
  const frame = element.ownerDocument.defaultView?.frameElement;
  if (!frame) return false;
  const { left, top } = frame.getBoundingClientRect();
  return isCovered(frame, x + left + frame.clientLeft, y + top + frame.clientTop);
}

function isOpaque(element: Element): boolean {
  const { opacity, backgroundColor, backgroundImage, visibility } = getComputedStyle(element);
  if (visibility !== 'visible') return false;
  const isPicture =
    /^(?:IMG|CANVAS|VIDEO|IFRAME|OBJECT|EMBED)$/.test(element.tagName) || backgroundImage.includes('url(');
  return Number(opacity) * (isPicture ? 1 : alphaOf(backgroundColor)) >= OPAQUE_FROM;
}

/** CSS Color 4, resolved values: `rgb(r, g, b)`, `rgba(r, g, b, a)`, `color(space a b c / a)`. */
function alphaOf(colour: string): number {
  const alpha = /^rgba\(.*,\s*([\d.]+)\)$/.exec(colour)?.[1] ?? /\/\s*([\d.]+)\)$/.exec(colour)?.[1];
  return alpha === undefined ? 1 : Number(alpha);
}

/** Squares in the corners that a radius cuts off, of the video or of a box that holds just it. */
function roundedCorners(video: HTMLVideoElement, box: PageBox): PageBox[] {
  let radius = 0;
  let element: Element | null = video;
  for (let level = 0; level < MAX_ANCESTORS && element !== null; level++) {
    const style = getComputedStyle(element);
    const rect = element.getBoundingClientRect();
    const isOfTheVideo = Math.abs(rect.width - box.width) < 2 && Math.abs(rect.height - box.height) < 2;
    if (isOfTheVideo && (level === 0 || style.overflow !== 'visible')) {
      radius = Math.max(radius, Number.parseFloat(style.borderTopLeftRadius) || 0);
    }
    element = element.parentElement;
  }
  // The largest square between a quarter circle and its corner.
  const side = Math.min(radius, box.width / 2, box.height / 2) * (1 - Math.SQRT1_2);
  if (side < 1) return [];
  const right = box.left + box.width - side;
  const bottom = box.top + box.height - side;
  return [box.left, right].flatMap((left) =>
    [box.top, bottom].map((top) => ({ left, top, width: side, height: side })),
  );
}

function boxOf({ left, top, width, height }: DOMRectReadOnly): PageBox {
  return { left, top, width, height };
}

function overlap(one: PageBox, other: PageBox): PageBox {
  const left = Math.max(one.left, other.left);
  const top = Math.max(one.top, other.top);
  return {
    left,
    top,
    width: Math.max(0, Math.min(one.left + one.width, other.left + other.width) - left),
    height: Math.max(0, Math.min(one.top + one.height, other.top + other.height) - top),
  };
}
