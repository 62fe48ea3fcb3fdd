import { isExtensionAlive } from '../../utils/browser/frame-world.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import {
  coverVideo,
  followedBadge,
  measureBadge,
  measureSizes,
  noticeRemoval,
  startMoveWatch,
  stopMoveWatch,
  writeBadge,
} from './followed-badge.ts';
import type { FollowedBadge, PositionedBadge } from './followed-badge.ts';
import type { Overlay } from './overlay.ts';
import { watchPage } from './page-changes.ts';

/** Each fiftieth of a video's area: a badge is hidden within a few pixels of being cut off. */
const THRESHOLDS = Array.from({ length: 51 }, (_, index) => index / 50);
/** After this many animation frames without a move, only the observers watch the video. */
const STILL_AFTER_FRAMES = 3;

export type BadgePositioner = {
  /**
   * Keeps a badge on its video until `signal`.
   * @returns to be called when the badge's content has changed
   */
  readonly add: (badge: PositionedBadge, signal: AbortSignal) => (isOpen: boolean) => void;
};

/**
 * Keeps the badges of a page on their videos through scrolling, layout and transforms. In each animation frame while
 * something moves it reads all rectangles and then writes all places, so that the browser computes the layout once. While
 * nothing moves there is no timer and no animation frame: observers tell when a video moves or something covers it.
 * @param showsQuietInFullScreen whether quiet badges stay on a video in full screen
 */
export function createBadgePositioner(
  overlay: Overlay,
  showsQuietInFullScreen: () => boolean,
): BadgePositioner {
  const followed = new Map<Element, FollowedBadge>();
  /** Watches the page while there are badges. */
  let pageWatch: AbortController | null = null;
  let frame: number | null = null;
  let stillFrames = 0;
  /** Where the pointer has come over another element since the last frame. */
  let pointer: Point | null = null;

  const drawOnce = (): void => {
    if (frame === null && followed.size > 0) frame = requestAnimationFrame(draw);
  };
  const drawUntilStill = (): void => {
    stillFrames = 0;
    drawOnce();
  };

  const draw = (): void => {
    frame = null;
    // The badges of a script whose extension was updated would lie under those of its successor.
    if (!isExtensionAlive()) {
      for (const { onRemoved } of [...followed.values()]) onRemoved();
      return;
    }
    const onScreen = [...followed.values()].filter(({ isOnScreen }) => isOnScreen);
    stillFrames = placeAll(onScreen) ? 0 : stillFrames + 1;
    if (stillFrames < STILL_AFTER_FRAMES && onScreen.length > 0) drawOnce();
    else for (const badge of onScreen) startMoveWatch(badge, drawUntilStill);
  };

  /** @returns whether a badge has changed */
  const placeAll = (badges: readonly FollowedBadge[]): boolean => {
    const isShown = showsQuietInFullScreen();
    const mayCover = badges.map((badge) => coverVideo(badge, overlay, isShown));
    const places = badges.map((badge, at) =>
      measureBadge(badge, overlay, { mayCover: mayCover[at]!, pointer }),
    );
    pointer = null;
    return badges.map((badge, at) => writeBadge(badge, places[at]!)).includes(true);
  };

  const intersections = new IntersectionObserver(
    (entries) => {
      for (const { target, boundingClientRect: whole, intersectionRect: seen, isIntersecting } of entries) {
        const badge = followed.get(target);
        if (badge === undefined) continue;
        badge.cut = {
          left: seen.left - whole.left,
          top: seen.top - whole.top,
          right: whole.right - seen.right,
          bottom: whole.bottom - seen.bottom,
        };
        badge.isOnScreen = isIntersecting;
        noticeRemoval(badge);
        if (isIntersecting) continue;
        badge.place.classList.remove('is-shown');
        stopMoveWatch(badge);
      }
      drawUntilStill();
    },
    { threshold: THRESHOLDS },
  );

  const sizes = new ResizeObserver((entries) => {
    let hasPageChanged = false;
    for (const { target } of entries) {
      const badge = followed.get(target) ?? [...followed.values()].find(({ place }) => place === target);
      if (badge === undefined) continue;
      // A video that the page removes far from the screen crosses no edge, but loses its size.
      noticeRemoval(badge);
      measureSizes(badge);
      if (target !== badge.video) continue;
      badge.placement = { ...badge.placement, corner: null };
      hasPageChanged = true;
    }
    // A badge with new words moves nothing in the page, so one animation frame places it.
    if (hasPageChanged) drawUntilStill();
    else drawOnce();
  });

  const startPageWatch = (): void => {
    if (pageWatch !== null) return;
    pageWatch = new AbortController();
    const onPointer = (point: Point | null): void => {
      pointer = point;
      drawOnce();
    };
    watchPage(overlay.host, { onMove: drawUntilStill, onLayer: drawOnce, onPointer }, pageWatch.signal);
  };

  const remove = (badge: FollowedBadge): void => {
    stopMoveWatch(badge);
    clearTimeout(badge.removalTimer);
    followed.delete(badge.video);
    intersections.unobserve(badge.video);
    sizes.unobserve(badge.video);
    sizes.unobserve(badge.place);
    if (followed.size > 0) return;
    pageWatch?.abort();
    pageWatch = null;
  };

  return {
    add: (positioned, signal) => {
      const badge = followedBadge(positioned);
      const { video, place } = badge;
      followed.set(video, badge);
      startPageWatch();
      intersections.observe(video);
      sizes.observe(video);
      sizes.observe(place);
      // The picture may get another shape in an element of the same size.
      video.addEventListener('resize', drawUntilStill, { passive: true, signal });
      signal.addEventListener('abort', () => remove(badge), { once: true });
      return (isOpen) => {
        const hasToggled = isOpen !== badge.isOpen;
        badge.isOpen = isOpen;
        // Progress that does not change the badge's size costs the page nothing, since the size is observed.
        if (!hasToggled) return;
        measureSizes(badge);
        // A card is placed at once, since only a visible one can take the keyboard's focus.
        if (isOpen && badge.isOnScreen && isExtensionAlive()) placeAll([badge]);
        drawOnce();
      };
    },
  };
}
