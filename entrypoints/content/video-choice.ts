import { videosAt, videosUnderHover } from './pointed-videos.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import { findVideos, hasAddress, isOfSize, visibleArea } from './videos-in-frame.ts';
import type { CheckTarget } from '../../utils/domain/page-video.ts';

export type VideoChoice =
  | { readonly kind: 'video'; readonly video: HTMLVideoElement }
  /** The user has to choose one. */
  | { readonly kind: 'several'; readonly videos: readonly HTMLVideoElement[] }
  | { readonly kind: 'none' };

/**
 * The video of this frame that the user means.
 * @param lastPoint where the user opened the last context menu; null if the script has seen none
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
  // A feed may repeat a clip: the pointer tells videos of the same address apart.
  const candidates = addressed.length > 1 ? addressed : all;
  const under = lastPoint ? videosAt(candidates, lastPoint) : videosUnderHover(candidates);
  const topmost = lastPoint ? under.slice(0, 1) : under;
  if (topmost.length === 1) return oneOf(topmost);
  const ofSize = (topmost.length > 1 ? topmost : candidates).filter(isOfSize);
  const visible = ofSize.filter((video) => visibleArea(video) > 0);
  return oneOf(visible.length > 0 ? visible : ofSize);
}

function largest(videos: readonly HTMLVideoElement[]): VideoChoice {
  // A playing video goes before a larger paused one, since feeds and lists show paused videos as posters.
  const rank = (video: HTMLVideoElement): number => visibleArea(video) * (video.paused ? 0.25 : 1);
  const visible = videos.filter((video) => visibleArea(video) > 0);
  return oneOf(visible.toSorted((one, other) => rank(other) - rank(one)).slice(0, 1));
}

function oneOf(videos: readonly HTMLVideoElement[]): VideoChoice {
  const [video, another] = videos;
  if (video === undefined) return { kind: 'none' };
  return another === undefined ? { kind: 'video', video } : { kind: 'several', videos };
}

/** The numbers of the page's videos in this script. An element keeps its number. */
export type VideoIds = { readonly of: (video: HTMLVideoElement) => number };

export function createVideoIds(): VideoIds {
  const ids = new WeakMap<HTMLVideoElement, number>();
  // A later script in the same page, while a popup is open, must not give the same numbers to other videos.
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
