import { isExtensionAlive } from '../../utils/browser/frame-world.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import { firstPlacement, isShownInFullScreen, nextPlacement } from './badge-policy.ts';
import type { Placement } from './badge-policy.ts';
import { iconMiddle, isWithin, pictureBox, visibleBox } from './badge-position.ts';
import type { Cut, PictureFit, Size } from './badge-position.ts';
import type { Manner } from './check-policy.ts';
import { isCoveredAt } from './covering.ts';
import { firstCorner, freeCorner } from './free-corner.ts';
import { isInFullScreen, isSomethingFullScreen } from './full-screen.ts';
import { watchForMove } from './move-watch.ts';
import type { Overlay } from './overlay.ts';
import { watchPage } from './page-changes.ts';

/** Each fiftieth of a video's area: a badge is hidden within a few pixels of being cut off. */
const THRESHOLDS = Array.from({ length: 51 }, (_, index) => index / 50);
/** Pages take their player out and put it back elsewhere. After this time the video counts as removed. */
const REMOVED_AFTER_MILLISECONDS = 1000;
/** After this many animation frames without a move the observers alone keep watch. */
const STILL_AFTER_FRAMES = 10;

export type PositionedBadge = {
  readonly video: HTMLVideoElement;
  /** The badge's element in the overlay. */
  readonly place: HTMLElement;
  readonly manner: Manner;
  /** The video has left the page for good, or the extension has. */
  readonly onRemoved: () => void;
};

export type BadgePositioner = {
  /**
   * Keeps a badge on its video until `signal`.
   * @returns to be called when the badge's content has changed
   */
  readonly add: (badge: PositionedBadge, signal: AbortSignal) => (isOpen: boolean) => void;
};

type Followed = PositionedBadge & {
  fit: PictureFit;
  size: Size;
  /** As the browser last reported it. */
  cut: Cut;
  isOnScreen: boolean;
  isOpen: boolean;
  placement: Placement;
  transform: string;
  moveWatch: AbortController | null;
  removalTimer: ReturnType<typeof setTimeout> | undefined;
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
  const followed = new Map<Element, Followed>();
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
    else onScreen.forEach(startMoveWatch);
  };

  /** @returns whether a badge has changed */
  const placeAll = (badges: readonly Followed[]): boolean => {
    const coverable = badges.map(mayCover);
    const places = badges.map((badge, index) => measure(badge, coverable[index]!));
    pointer = null;
    return badges.map((badge, index) => write(badge, places[index]!)).includes(true);
  };

  const mayCover = ({ video, manner }: Followed): boolean => {
    const ofPage = isSomethingFullScreen() ? 'other' : 'none';
    const fullScreen = ofPage === 'other' && isInFullScreen(video) ? 'own-video' : ofPage;
    return isShownInFullScreen(manner, fullScreen, showsQuietInFullScreen()) && overlay.cover(video);
  };

  /** Reads the page, and writes nothing. */
  const measure = (badge: Followed, isCoverable: boolean): ReturnType<typeof nextPlacement> => {
    const { video, place, manner, cut, size, isOpen, fit } = badge;
    const box = video.getBoundingClientRect();
    const picture = pictureBox(box, { width: video.videoWidth, height: video.videoHeight }, fit);
    const visible = visibleBox(box, cut);
    return nextPlacement(badge.placement, {
      manner,
      picture,
      visible,
      viewport: { width: document.documentElement.clientWidth, height: innerHeight },
      badge: { ...size, isOpen, isWide: place.querySelector('.is-wide') !== null },
      mayCover: isCoverable,
      isPointed: pointer !== null && isWithin(pointer, box),
      firstCorner: firstCorner(),
      findFreeCorner: (width, first) => freeCorner({ picture, visible, width }, overlay.host, first),
      isCovered: (corner) => isCoveredAt(iconMiddle(picture, corner), video, overlay.host),
    });
  };

  /** @returns whether the badge has changed */
  const write = (badge: Followed, { placement, place }: ReturnType<typeof nextPlacement>): boolean => {
    const { classList, style } = badge.place;
    const transform = `translate(${Math.round(place.x)}px, ${Math.round(place.y)}px)`;
    const hasMoved = transform !== badge.transform;
    badge.placement = placement;
    if (hasMoved) {
      badge.transform = transform;
      style.transform = transform;
      stopMoveWatch(badge);
    }
    const wasShown = classList.contains('is-shown');
    return classList.toggle('is-shown', place.isVisible) !== wasShown || hasMoved;
  };

  const startMoveWatch = (badge: Followed): void => {
    if (badge.moveWatch !== null) return;
    const life = new AbortController();
    badge.moveWatch = life;
    const onMove = (): void => {
      badge.moveWatch = null;
      drawUntilStill();
    };
    watchForMove(badge.video, onMove, life.signal);
  };

  const stopMoveWatch = (badge: Followed): void => {
    badge.moveWatch?.abort();
    badge.moveWatch = null;
  };

  const noticeRemoval = (badge: Followed): void => {
    clearTimeout(badge.removalTimer);
    if (badge.video.isConnected) return;
    badge.place.classList.remove('is-shown');
    badge.removalTimer = setTimeout(() => {
      if (!badge.video.isConnected) badge.onRemoved();
    }, REMOVED_AFTER_MILLISECONDS);
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
    for (const { target } of entries) {
      const badge = followed.get(target) ?? [...followed.values()].find(({ place }) => place === target);
      if (badge === undefined) continue;
      // A video that the page removes far from the screen crosses no edge, but loses its size.
      noticeRemoval(badge);
      badge.fit = /^(?:fill|cover)$/.test(getComputedStyle(badge.video).objectFit) ? 'filling' : 'contained';
      badge.size = sizeOf(badge.place);
      if (target === badge.video) badge.placement = { ...badge.placement, corner: null };
    }
    drawUntilStill();
  });

  const onPointer = (point: Point | null): void => {
    pointer = point;
    drawOnce();
  };

  const remove = (badge: Followed): void => {
    stopMoveWatch(badge);
    clearTimeout(badge.removalTimer);
    followed.delete(badge.video);
    for (const target of [badge.video, badge.place]) sizes.unobserve(target);
    intersections.unobserve(badge.video);
    if (followed.size > 0) return;
    pageWatch?.abort();
    pageWatch = null;
  };

  return {
    add: (positioned, badgeSignal) => {
      const badge: Followed = {
        ...positioned,
        fit: 'contained',
        size: { width: 0, height: 0 },
        cut: { left: 0, top: 0, right: 0, bottom: 0 },
        isOnScreen: false,
        isOpen: false,
        placement: firstPlacement(positioned.manner),
        transform: '',
        moveWatch: null,
        removalTimer: undefined,
      };
      const { video, place } = badge;
      followed.set(video, badge);
      if (pageWatch === null) {
        pageWatch = new AbortController();
        watchPage(overlay.host, { onMove: drawUntilStill, onLayer: drawOnce, onPointer }, pageWatch.signal);
      }
      intersections.observe(video);
      sizes.observe(video);
      sizes.observe(place);
      // The picture may get another shape in an element of the same size.
      video.addEventListener('resize', drawUntilStill, { passive: true, signal: badgeSignal });
      badgeSignal.addEventListener('abort', () => remove(badge), { once: true });
      return (isOpen) => {
        badge.isOpen = isOpen;
        badge.size = sizeOf(place);
        // A card is placed at once, since only a visible one can take the keyboard's focus.
        if (isOpen && badge.isOnScreen && isExtensionAlive()) placeAll([badge]);
        drawUntilStill();
      };
    },
  };
}

function sizeOf({ offsetWidth, offsetHeight }: HTMLElement): Size {
  return { width: offsetWidth, height: offsetHeight };
}
