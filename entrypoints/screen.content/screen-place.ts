import { fullscreenElementOf, rectOf, rootOf, visibilityStateOf } from '../../utils/browser/dom.ts';
import { parentOf } from '../../utils/browser/page-elements.ts';
import type { PageBox, ScreenPlace, SeenVideo } from '../../utils/domain/content-messages.ts';
import { coveredShare } from '../../utils/domain/covered-share.ts';
import { isAlteredByPage } from './altered.ts';
import { boxOf, mapBox, overlap } from '../../utils/browser/boxes.ts';
import { contentBoxOf, pictureOf, uprightMap } from '../../utils/browser/content-box.ts';
import { framesAround, mapToTop } from './frames-around.ts';
import { coveredBoxes, roundedCorners, searchCovers } from './covers.ts';
import type { CoverSearch } from './covers.ts';
import { opacityOf, OPAQUE_FROM } from './painted.ts';
import { createPictureReader } from './picture-alpha.ts';
import type { PictureReader } from './picture-alpha.ts';
import type { FrameAround } from './frames-around.ts';

/** How long to wait for the browser, which may draw nothing for long even if the tab is in front. */
const DRAW_TIMEOUT_MILLISECONDS = 500;

/** The place of a video's picture in the tab's visible page, once the browser has drawn all earlier changes. */
export async function findScreenPlace(video: HTMLVideoElement): Promise<ScreenPlace> {
  await drawn();
  const before = await seenPicture(video);
  if (before === null) return nowhere(video);
  const search = await searchCovers(video, before.frames, { seen: before.seen, yielded: drawn });
  const now = await seenPicture(video);
  if (now === null) return nowhere(video);
  const { frames, picture, seen } = now;
  const toTop = mapToTop(frames);
  // All frames are known, so the top window is known as well.
  const { innerWidth: width, innerHeight: height } = window.top ?? window;
  const pictures = createPictureReader();
  const covered = await coversOf(video, frames, { search, seen, pictures });
  return {
    viewportWidth: width,
    viewportHeight: height,
    picture: mapBox(toTop, picture),
    visible: overlap(mapBox(toTop, seen), { left: 0, top: 0, width, height }),
    covered: [...covered, ...roundedCorners(video)].map((each) => mapBox(toTop, each)),
    isAltered: isAlteredByPage(video) || isTinted(video, frames, { search, seen, pictures }),
  };
}

/** A video's picture, and the part of it that is in sight; null if nothing is, or if that is unknown. */
async function seenPicture(video: HTMLVideoElement): Promise<{
  readonly frames: readonly FrameAround[];
  readonly picture: PageBox;
  readonly seen: PageBox;
} | null> {
  const clip = await visibleBox(video);
  // The covers are looked at in an animation frame, since a canvas of WebGL is empty at other times.
  await drawn();
  const frames = framesAround();
  const upright = uprightVideo(video);
  if (frames === null || upright === null || !isShown(video, frames)) return null;
  const { picture, box } = upright;
  return { frames, picture, seen: [picture, box, clip].reduce(overlap) };
}

/** The boxes of a video's picture and content in the viewport; null of a turned video, of which no upright box tells. */
function uprightVideo(video: HTMLVideoElement) {
  const content = contentBoxOf(video);
  const toViewport = content && uprightMap(content);
  const picture = content && pictureOf(video, content);
  if (!content || !toViewport || !picture) return null;
  return {
    picture: mapBox(toViewport, picture),
    box: mapBox(toViewport, { left: 0, top: 0, width: content.width, height: content.height }),
    isMirrored: toViewport.scaleX < 0,
  };
}

/** From this opacity on, a layer changes the colours beneath it more than an encoder does. */
const TINT_FROM = 0.1;
/** Shades behind a player's buttons lie over less of the picture. */
const MIN_TINTED_SHARE = 0.5;

/** Whether translucent layers lie over most of the picture. */
function isTinted(video: HTMLVideoElement, frames: readonly FrameAround[], where: CoverPlace): boolean {
  const tinted = coveredBoxes(video, frames, { ...where, from: TINT_FROM });
  return coveredShare(where.seen, tinted) >= MIN_TINTED_SHARE;
}

type CoverPlace = {
  readonly search: CoverSearch;
  readonly seen: PageBox;
  readonly pictures: PictureReader;
};

/** The covers, once the pictures that lie in styles are decoded. */
async function coversOf(
  video: HTMLVideoElement,
  frames: readonly FrameAround[],
  where: CoverPlace,
): Promise<readonly PageBox[]> {
  const covers = coveredBoxes(video, frames, where);
  return (await where.pictures.decodeBackgrounds()) ? coveredBoxes(video, frames, where) : covers;
}

/**
 * Reports how the page alters and covers a video whose frames the scan reads from the file or the element. A cover's
 * box is in shares of the stored picture, so boxes on a mirrored video are mirrored back.
 */
export async function lookAtVideo(video: HTMLVideoElement): Promise<SeenVideo> {
  await drawn();
  const frames = framesAround() ?? [];
  const search = await searchCovers(video, frames, { seen: wholePicture(video), yielded: drawn });
  await drawn();
  const picture = wholePicture(video);
  const isMirrored = uprightVideo(video)?.isMirrored === true;
  const found = await coversOf(video, frames, {
    search,
    seen: picture,
    pictures: createPictureReader(),
  });
  const covers = found.map((box) => {
    const { left, top, width, height } = overlap(box, picture);
    const from = (left - picture.left) / picture.width;
    const share = width / picture.width;
    return {
      left: isMirrored ? 1 - from - share : from,
      top: (top - picture.top) / picture.height,
      width: share,
      height: height / picture.height,
    };
  });
  return { isAltered: isAlteredByPage(video), covers };
}

/** The place of a video's picture, whether it is visible or not. Of a turned video the place is known less exactly. */
function wholePicture(video: HTMLVideoElement): PageBox {
  return uprightVideo(video)?.picture ?? boxOf(rectOf(video));
}

/** The answer if no part of the video is visible, or if that is unknown. */
function nowhere(video: HTMLVideoElement): ScreenPlace {
  return {
    viewportWidth: Math.max(1, innerWidth),
    viewportHeight: Math.max(1, innerHeight),
    picture: boxOf(rectOf(video)),
    visible: null,
    covered: [],
    isAltered: false,
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
    // A background tab draws nothing, and its animation frames never come.
    const isHidden = visibilityStateOf(document) === 'hidden';
    const timer = setTimeout(resolve, isHidden ? 0 : DRAW_TIMEOUT_MILLISECONDS);
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
