import { documentElementOf } from '../../utils/browser/dom.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import {
  firstPlacement,
  isShownInFullScreen,
  nextPlacement,
  iconMiddle,
  isWithin,
  middleOf,
  pictureBox,
  visibleBox,
} from './badge-policy.ts';
import type { NextPlacement, Placement, Cut, PictureFit, Size } from './badge-policy.ts';
import type { Manner } from './check-policy.ts';
import { isCoveredAt, firstCorner, freeCorner } from './covering.ts';
import { isInFullScreen, isSomethingFullScreen } from './page-changes.ts';
import { watchForMove } from '../../utils/browser/watch-move.ts';
import type { Overlay } from './overlay.ts';

/** Pages take their player out and put it back elsewhere. A video that is away for longer counts as removed. */
const REMOVED_AFTER_MILLISECONDS = 1000;

export type PositionedBadge = {
  readonly video: HTMLVideoElement;
  /** The badge's element in the overlay. */
  readonly place: HTMLElement;
  readonly manner: Manner;
  /** Called when the video has left the page for good, or the extension was updated or removed. */
  readonly onRemoved: () => void;
};

/** A badge with the latest measurements of the badge and of its video. */
export type FollowedBadge = PositionedBadge & {
  fit: PictureFit;
  size: Size;
  /** Width of the closed badge, in CSS pixels. */
  pillWidth: number;
  cut: Cut;
  isOnScreen: boolean;
  isOpen: boolean;
  placement: Placement;
  transform: string;
  moveWatch: AbortController | null;
  removalTimer: ReturnType<typeof setTimeout> | undefined;
};

export function followedBadge(positioned: PositionedBadge): FollowedBadge {
  return {
    ...positioned,
    fit: 'contained',
    size: { width: 0, height: 0 },
    pillWidth: 0,
    cut: { left: 0, top: 0, right: 0, bottom: 0 },
    isOnScreen: false,
    isOpen: false,
    placement: firstPlacement(positioned.manner),
    transform: '',
    moveWatch: null,
    removalTimer: undefined,
  };
}

/** Whether the overlay may lie over the badge's video now. It moves the overlay into the video's dialog or full screen. */
export function coverVideo(badge: FollowedBadge, overlay: Overlay, showsQuietInFullScreen: boolean): boolean {
  const { video, manner } = badge;
  const ofVideo = isInFullScreen(video) ? 'own-video' : 'other';
  const fullScreen = isSomethingFullScreen() ? ofVideo : 'none';
  return isShownInFullScreen(manner, fullScreen, showsQuietInFullScreen) && overlay.cover(video);
}

/** Computes the badge's place. It reads the page, and writes nothing. */
export function measureBadge(
  badge: FollowedBadge,
  overlay: Overlay,
  now: { readonly mayCover: boolean; readonly pointer: Point | null },
): NextPlacement {
  const { video, cut, size, pillWidth: width, isOpen, fit } = badge;
  const box = video.getBoundingClientRect();
  const picture = pictureBox(box, { width: video.videoWidth, height: video.videoHeight }, fit);
  const visible = visibleBox(box, cut);
  const isCovered = (point: Point): boolean => isCoveredAt(point, video, overlay.host);
  return nextPlacement(badge.placement, {
    manner: badge.manner,
    picture,
    visible,
    viewport: { width: documentElementOf(document).clientWidth, height: innerHeight },
    badge: { ...size, isOpen },
    mayCover: now.mayCover,
    isPointed: now.pointer !== null && isWithin(now.pointer, box),
    firstCorner: firstCorner(),
    // While the site has a layer over the whole video, nothing is known of the controls under it.
    findFreeCorner: (first) =>
      isCovered(middleOf(visible)) && isCovered(iconMiddle(picture, first))
        ? null
        : freeCorner({ picture, visible, width }, overlay.host, first),
    isCovered: (corner) => isCovered(iconMiddle(picture, corner)),
  });
}

/** @returns whether the badge has changed */
export function writeBadge(badge: FollowedBadge, { placement, place }: NextPlacement): boolean {
  const { classList, style } = badge.place;
  const transform = `translate(${Math.round(place.x)}px, ${Math.round(place.y)}px)`;
  const hasMoved = transform !== badge.transform;
  badge.placement = placement;
  if (hasMoved) {
    badge.transform = transform;
    style.transform = transform;
    stopMoveWatch(badge);
  }
  classList.toggle('is-right', place.isRight);
  const wasShown = classList.contains('is-shown');
  return classList.toggle('is-shown', place.isVisible) !== wasShown || hasMoved;
}

/** Calls back once when the video of a badge that does not move leaves its place. */
export function startMoveWatch(badge: FollowedBadge, onMove: () => void): void {
  if (badge.moveWatch !== null) return;
  badge.moveWatch = new AbortController();
  const onLeave = (): void => {
    badge.moveWatch = null;
    onMove();
  };
  watchForMove(badge.video, onLeave, badge.moveWatch.signal);
}

export function stopMoveWatch(badge: FollowedBadge): void {
  badge.moveWatch?.abort();
  badge.moveWatch = null;
}

/** Measures the sizes and styles that the page may have changed. */
export function measureSizes(badge: FollowedBadge): void {
  const { objectFit } = getComputedStyle(badge.video);
  badge.fit = objectFit === 'fill' || objectFit === 'cover' ? 'filling' : 'contained';
  badge.size = { width: badge.place.offsetWidth, height: badge.place.offsetHeight };
  if (!badge.isOpen) badge.pillWidth = badge.size.width;
}

/** Hides the badge of a video that is out of the page, and removes the badge if the video does not come back. */
export function noticeRemoval(badge: FollowedBadge): void {
  clearTimeout(badge.removalTimer);
  if (badge.video.isConnected) return;
  badge.place.classList.remove('is-shown');
  badge.removalTimer = setTimeout(() => {
    if (!badge.video.isConnected) badge.onRemoved();
  }, REMOVED_AFTER_MILLISECONDS);
}
