import { videosAt, videosUnderHover } from './pointed-videos.ts';
import type { Point } from './pointed-videos.ts';
import { findVideos, hasAddress, isOfSize, visibleArea } from './videos-in-frame.ts';
import type { CheckTarget } from '../../utils/domain/page-video.ts';

export type VideoChoice =
  | { readonly kind: 'video'; readonly video: HTMLVideoElement }
  /** The user has to say which. */
  | { readonly kind: 'several'; readonly videos: readonly HTMLVideoElement[] }
  | { readonly kind: 'none' };

/**
 * Which video of this frame is meant.
 * @param lastPoint of the pointer, where one was seen since the script came
 */
export function chooseVideo(target: CheckTarget, videoIds: VideoIds, lastPoint: Point | null): VideoChoice {
  switch (target.kind) {
    case 'video':
      return oneOf(findVideos(document).filter((video) => videoIds.of(video) === target.videoId));
    case 'largest':
      return largest(findVideos(document).filter(isOfSize));
    case 'pointer':
      return pointed(target.srcUrl, lastPoint);
  }
}

function pointed(srcUrl: string | null, lastPoint: Point | null): VideoChoice {
  const all = findVideos(document);
  const addressed = srcUrl === null ? [] : all.filter((video) => hasAddress(video, srcUrl));
  if (addressed.length === 1) return oneOf(addressed);
  // The same address twice (a feed that repeats a clip) is told apart by the pointer, like no address.
  const candidates = addressed.length > 1 ? addressed : all;
  const under = lastPoint ? videosAt(candidates, lastPoint) : videosUnderHover(candidates);
  const topmost = lastPoint ? under.slice(0, 1) : under;
  if (topmost.length === 1) return oneOf(topmost);
  const ofSize = (topmost.length > 1 ? topmost : candidates).filter(isOfSize);
  const visible = ofSize.filter((video) => visibleArea(video) > 0);
  return oneOf(visible.length > 0 ? visible : ofSize);
}

function largest(videos: readonly HTMLVideoElement[]): VideoChoice {
  // One that plays goes before a larger still one: feeds and lists show posters.
  const rank = (video: HTMLVideoElement): number => visibleArea(video) * (video.paused ? 0.25 : 1);
  const visible = videos.filter((video) => visibleArea(video) > 0);
  return oneOf(visible.toSorted((one, other) => rank(other) - rank(one)).slice(0, 1));
}

function oneOf(videos: readonly HTMLVideoElement[]): VideoChoice {
  const [video, another] = videos;
  if (video === undefined) return { kind: 'none' };
  return another === undefined ? { kind: 'video', video } : { kind: 'several', videos };
}

/** This script's numbers for the page's videos, from 1. An element keeps its number for as long as it lives. */
export type VideoIds = { readonly of: (video: HTMLVideoElement) => number };

export function createVideoIds(): VideoIds {
  const ids = new WeakMap<HTMLVideoElement, number>();
  // Another script that follows this one in the page, while a popup is open, must not give the same ids to other videos.
  let last = Math.trunc(performance.now());
  return {
    of: (video) => {
      const known = ids.get(video);
      if (known !== undefined) return known;
      last += 1;
      ids.set(video, last);
      return last;
    },
  };
}
