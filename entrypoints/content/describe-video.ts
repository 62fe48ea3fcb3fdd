import type { ScannedVideo } from '../../utils/domain/scan.ts';
import { visibleArea, findVideos } from './videos-in-frame.ts';
import type { PageVideo } from '../../utils/domain/page-video.ts';
import { findSite, postAddress } from '../../utils/domain/post-sites.ts';
import { closest, contentTypeOf, documentTitleOf, queryAll } from '../../utils/browser/dom.ts';
import { isAround, parentOf } from '../../utils/browser/page-elements.ts';

/** Longer titles are cut, since the history and every list show them. */
const MAX_TITLE_CHARACTERS = 300;

/** The description of a video that its scan keeps. */
export function describeScannedVideo(video: HTMLVideoElement): ScannedVideo {
  return {
    pageUrl: pageUrl(),
    title: titleOf(video),
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

/** In seconds; null for a live stream, and before the browser knows it. */
export function durationOf(video: HTMLVideoElement): number | null {
  return Number.isFinite(video.duration) ? video.duration : null;
}

function titleOf(video: HTMLVideoElement): string {
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
  return title.slice(0, MAX_TITLE_CHARACTERS);
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

function fileUrlOf(video: HTMLVideoElement): string | null {
  return /^https?:/.test(video.currentSrc) ? video.currentSrc : null;
}

/** The top frame's address if this frame may know it, else its own; without fragment. */
function pageUrl(): string {
  return (topAddress() ?? location.href).replace(/#.*/, '');
}

function topAddress(): string | null {
  try {
    return window.top?.location.href ?? null;
  } catch {
    // A frame of another origin may not ask (HTML, "cross-origin properties"); its referrer is the embedding page.
    return document.referrer === '' ? null : document.referrer;
  }
}

/** A post is 12 to 24 levels above its player; higher levels contain the links of other posts. */
const MAX_LEVELS = 30;
/** An element with more links contains more than one post. */
const MAX_LINKS_A_LEVEL = 80;

/**
 * The address of the post that contains a video: that of the nearest ancestor whose links to posts all lead to the same
 * post. null if there is no such ancestor, or if it contains several videos: a verdict that is remembered by the address
 * would be shown on the wrong video.
 */
export function postOfVideo(video: HTMLVideoElement): string | null {
  const videos = findVideos(document).filter(isShown);
  let level: Element | null = parentOf(video);
  for (let depth = 0; level !== null && depth < MAX_LEVELS; depth++, level = parentOf(level)) {
    const addresses = postsLinkedIn(level);
    if (addresses.size > 1) break;
    const [address] = addresses;
    if (address === undefined) continue;
    const around = level;
    return videos.some((other) => other !== video && isAround(around, other)) ? null : address;
  }
  // On a page of one post the links around the player lead to other posts, so the page's own address counts.
  const advertisement = findSite(location.hostname)?.advertisement;
  if (advertisement === undefined || closest(video, advertisement) !== null) return null;
  const isAlone = videos.every((other) => other === video);
  return isAlone ? postAddress(new URL(location.href), location.hostname) : null;
}

function postsLinkedIn(level: Element): ReadonlySet<string> {
  const addresses = new Set<string>();
  const links = queryAll(level, 'a[href]') as NodeListOf<HTMLAnchorElement>;
  if (links.length > MAX_LINKS_A_LEVEL) return new Set(['too', 'many']);
  for (const link of links) {
    const address = URL.canParse(link.href) ? postAddress(new URL(link.href), location.hostname) : null;
    if (address !== null) addresses.add(address);
  }
  return addresses;
}

function isShown(video: HTMLVideoElement): boolean {
  return video.getClientRects().length > 0;
}
