import type { ScannedVideo } from '../../utils/domain/scan.ts';
import { visibleArea } from './videos-in-frame.ts';
import type { PageVideo } from '../../utils/domain/page-video.ts';

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
    document.title,
    location.hostname,
  ];
  const title = titles.map((text) => text?.trim() ?? '').find((text) => text !== '') ?? 'Video';
  return title.slice(0, MAX_TITLE_CHARACTERS);
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
