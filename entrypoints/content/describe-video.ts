import { MAX_ADDRESS_LENGTH, MAX_TITLE_LENGTH } from '../../utils/domain/addresses.ts';
import type { DescribedVideo } from '../../utils/domain/content-messages.ts';
import { visibleArea, findVideos } from './videos-in-frame.ts';
import type { PageVideo } from '../../utils/domain/page-video.ts';
import {
  ADVERTISEMENTS,
  MAX_LINKS_A_LEVEL,
  MAX_POST_LEVELS,
  PERMALINKS,
} from '../../utils/domain/post-links.ts';
import type { PostLevel, PostLinks } from '../../utils/domain/post-links.ts';
import { closest, contentTypeOf, documentTitleOf, queryAll } from '../../utils/browser/dom.ts';
import { isAround, parentOf } from '../../utils/browser/page-elements.ts';

/** The description of a video that its scan keeps. */
export function describeScannedVideo(video: HTMLVideoElement): DescribedVideo {
  return {
    fileUrl: fileUrlOf(video),
    // A sandboxed document throws at this question, and pages without https lack the property.
    isServed:
      origin !== 'null' && 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null,
    widthPixels: video.videoWidth,
    heightPixels: video.videoHeight,
    durationSeconds: durationOf(video),
  };
}

/** The description of a video for the popup. The background fills in the frame's number. */
export function describePageVideo(
  video: HTMLVideoElement,
  videoId: number,
  scanId: string | null,
): PageVideo {
  return {
    videoId,
    // A content script does not know its frame's number; the background knows which frame it asked.
    frameId: 0,
    title: titleOf(video),
    widthPixels: video.videoWidth,
    heightPixels: video.videoHeight,
    durationSeconds: durationOf(video),
    isPaused: video.paused,
    isVisible: visibleArea(video) > 0,
    // A video that was loaded with CORS can be read (HTML, "CORS settings attribute").
    closedFileUrl: video.crossOrigin === null ? fileUrlOf(video) : null,
    scanId,
  };
}

/** Duration in seconds; null for a live stream, and before the browser knows it. */
export function durationOf(video: HTMLVideoElement): number | null {
  return Number.isFinite(video.duration) ? video.duration : null;
}

export function titleOf(video: HTMLVideoElement): string {
  const titles = [
    video.title,
    video.ariaLabel,
    // The page describes the playing video for the system's media controls.
    video.paused ? null : navigator.mediaSession.metadata?.title,
    documentTitleOf(document),
    openedFile(),
    location.hostname,
  ];
  const title = titles.map((text) => text?.trim() ?? '').find((text) => text !== '') ?? 'Video';
  return title.slice(0, MAX_TITLE_LENGTH);
}

/** The name of a file that is open as a page by itself (HTML, "read media"); null on other pages. */
function openedFile(): string | null {
  if (!contentTypeOf(document).startsWith('video/')) return null;
  const name = location.pathname.slice(location.pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A longer address is that of no file on the web. */
function fileUrlOf({ currentSrc }: HTMLVideoElement): string | null {
  return /^https?:/.test(currentSrc) && currentSrc.length <= MAX_ADDRESS_LENGTH ? currentSrc : null;
}

/** A post is 12 to 24 levels above its player; higher levels contain the links of other posts. */
const MAX_LEVELS = 30;

/** The links by which the background finds out which post contains a video; it knows the sites' rules. */
export function postLinksOf(video: HTMLVideoElement): PostLinks {
  const others = findVideos(document).filter((other) => other !== video && isShown(other));
  const levels: PostLevel[] = [];
  let level: Element | null = parentOf(video);
  let count = 0;
  for (let depth = 0; level !== null && depth < MAX_LEVELS; depth++, level = parentOf(level)) {
    const links = queryAll(level, PERMALINKS) as NodeListOf<HTMLAnchorElement>;
    if (links.length > MAX_LINKS_A_LEVEL || levels.length === MAX_POST_LEVELS) break;
    // This level has the same links as the level within it.
    if (links.length === count) continue;
    count = links.length;
    const around = level;
    const addresses = new Set(Array.from(links, ({ href }) => href.slice(0, MAX_ADDRESS_LENGTH)));
    levels.push({
      addresses: [...addresses],
      isAlone: !others.some((other) => isAround(around, other)),
    });
  }
  return { levels, isAlone: others.length === 0, isAdvertisement: closest(video, ADVERTISEMENTS) !== null };
}

function isShown(video: HTMLVideoElement): boolean {
  return video.getClientRects().length > 0;
}
