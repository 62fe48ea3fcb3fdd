import type { ScannedVideo } from '../../utils/domain/scan.ts';
import { visibleArea } from './videos-in-frame.ts';
import type { PageVideo } from '../../utils/domain/page-video.ts';

/** Longer titles are cut: they go into the history and into every list. */
const MAX_TITLE_CHARACTERS = 300;

/** What a scan remembers of its video. */
export function describeScannedVideo(video: HTMLVideoElement): ScannedVideo {
  return {
    pageUrl: pageUrl(),
    title: titleOf(video),
    fileUrl: fileUrlOf(video),
    // A sandboxed document may not even ask, and pages without https have no such property.
    isServed:
      origin !== 'null' && 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null,
    widthPixels: video.videoWidth,
    heightPixels: video.videoHeight,
    durationSeconds: durationOf(video),
  };
}

/** What the popup shows of a video. The background fills in which frame it is in. */
export function describePageVideo(
  video: HTMLVideoElement,
  videoId: number,
  scanId: string | null,
): PageVideo {
  return {
    videoId,
    // A content script does not know its frame's number; the background, which asked this frame, does.
    frameId: 0,
    title: titleOf(video),
    widthPixels: video.videoWidth,
    heightPixels: video.videoHeight,
    durationSeconds: durationOf(video),
    isPaused: video.paused,
    isVisible: visibleArea(video) > 0,
    // HTML, "CORS settings attribute": what was loaded with it is open, or was not loaded.
    closedFileUrl: video.crossOrigin === null ? fileUrlOf(video) : null,
    scanId,
  };
}

/** Seconds; null for a live stream and before anything is known. */
export function durationOf(video: HTMLVideoElement): number | null {
  return Number.isFinite(video.duration) ? video.duration : null;
}

function titleOf(video: HTMLVideoElement): string {
  const titles = [
    video.title,
    video.ariaLabel,
    // The page tells the system's media controls what plays: right for the one that does.
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

/** The top frame's address where this frame may know it; else its own. Without fragment. */
function pageUrl(): string {
  return (topAddress() ?? location.href).replace(/#.*/, '');
}

function topAddress(): string | null {
  try {
    return window.top?.location.href ?? null;
  } catch {
    // Another origin's frame may not ask (HTML, "cross-origin properties"); the referrer is what it was embedded by.
    return document.referrer === '' ? null : document.referrer;
  }
}
