import { fullscreenElementOf, rectOf, rootOf } from '../../utils/browser/dom.ts';
import { parentOf } from '../../utils/browser/page-elements.ts';
import type { PageBox, ScreenPlace } from '../../utils/domain/content-messages.ts';
import { boxOf, mapBox, overlap } from './boxes.ts';
import { contentBoxOf, pictureOf, framesAround, mapToTop } from './content-box.ts';
import { coveredBoxes, roundedCorners } from './covers.ts';
import { opacityOf, OPAQUE_FROM } from './drawn-path.ts';
import type { FrameAround } from './content-box.ts';

/** A background tab draws nothing, and its animation frames never come. */
const DRAW_TIMEOUT_MILLISECONDS = 500;

/** The place of a video's picture in the tab's visible page, once the browser has drawn all earlier changes. */
export async function findScreenPlace(video: HTMLVideoElement): Promise<ScreenPlace> {
  await drawn();
  await drawn();
  const clip = await visibleBox(video);
  const frames = framesAround();
  const content = contentBoxOf(video);
  const picture = content && pictureOf(video, content);
  if (frames === null || content === null || picture === null || !isShown(video, frames)) {
    return nowhere(video);
  }
  const toTop = mapToTop(frames);
  // With all frames known, so is the top window.
  const { innerWidth: width, innerHeight: height } = window.top ?? window;
  const box = mapBox(content.toViewport, { left: 0, top: 0, width: content.width, height: content.height });
  const seen = [picture, box, clip].reduce(overlap);
  return {
    viewportWidth: width,
    viewportHeight: height,
    picture: mapBox(toTop, picture),
    visible: overlap(mapBox(toTop, seen), { left: 0, top: 0, width, height }),
    covered: [...coveredBoxes(video, frames, seen), ...roundedCorners(video)].map((each) =>
      mapBox(toTop, each),
    ),
  };
}

/** The answer if nothing of the video is in sight, or if that is unknown. */
function nowhere(video: HTMLVideoElement): ScreenPlace {
  return {
    viewportWidth: Math.max(1, innerWidth),
    viewportHeight: Math.max(1, innerHeight),
    picture: boxOf(rectOf(video)),
    visible: null,
    covered: [],
  };
}

function isShown(video: HTMLVideoElement, frames: readonly FrameAround[]): boolean {
  const root = rootOf(video) as Document | ShadowRoot;
  return (
    getComputedStyle(video).visibility === 'visible' &&
    !isBehindFullscreen(video) &&
    // Outside its shadow tree a document names only the video's host.
    root.pictureInPictureElement !== video &&
    // Through a transparent video the user sees something else.
    [video, ...frames.map(({ element }) => element)].every((each) => opacityOf(each) >= OPAQUE_FROM)
  );
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

/** The part of a video that scrolling containers and the viewport leave, as the browser computes it. */
function visibleBox(video: HTMLVideoElement): Promise<PageBox> {
  return new Promise((resolve) => {
    const end = (box: DOMRectReadOnly): void => {
      clearTimeout(timer);
      observer.disconnect();
      resolve(boxOf(box));
    };
    const observer = new IntersectionObserver((entries) => end(entries.at(-1)!.intersectionRect));
    // A tab that is not drawn shows nothing.
    const timer = setTimeout(() => end(new DOMRect()), DRAW_TIMEOUT_MILLISECONDS);
    observer.observe(video);
  });
}

/** Whether something else is in full screen, in this document or in one around it, and hides the element. */
function isBehindFullscreen(element: Element): boolean {
  const { ownerDocument } = element;
  let isIn = ownerDocument.fullscreenElement === null;
  for (let at: Element | null = element; at !== null && !isIn; at = parentOf(at)) {
    isIn = fullscreenElementOf(rootOf(at) as Document | ShadowRoot) === at;
  }
  const frame = ownerDocument.defaultView?.frameElement;
  return !isIn || (frame ? isBehindFullscreen(frame) : false);
}
