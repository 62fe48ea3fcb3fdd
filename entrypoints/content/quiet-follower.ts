import { isWithin, markMiddle, pictureBox, placeBadge } from './badge-position.ts';
import type { BadgeCorner, Box, PictureFit } from './badge-position.ts';
import { isCoveredAt } from './covering.ts';
import type { followVideo } from './follow-video.ts';
import { firstCorner, freeCorner } from './free-corner.ts';
import { isInFullScreen, isSomethingFullScreen, watchFullScreen } from './full-screen.ts';
import { isExtensionAlive } from './host-port.ts';
import { watchForMoves } from './move-watch.ts';
import type { Overlay } from './overlay.ts';
import type { Point } from '../../utils/browser/page-elements.ts';

/** Every twentieth: how much of a video's edges is cut off. */
const THRESHOLDS = Array.from({ length: 21 }, (_, index) => index / 20);
/** Pages take their player out and put it back elsewhere; after this it is gone. */
const GONE_AFTER_MILLISECONDS = 1000;
/** After so many animation frames without a move the observers alone keep watch. */
const STILL_AFTER_FRAMES = 10;

type Mark = {
  readonly video: HTMLVideoElement;
  readonly place: HTMLElement;
  readonly isOpen: () => boolean;
  readonly onGone: () => void;
  fit: PictureFit;
  corner: BadgeCorner | null;
  /** Of the pill as it was looked for: a wider one may need another corner. */
  cornerWidth: number;
  size: { readonly width: number; readonly height: number };
  /** Of the video's edges, by scrolling containers and the viewport, as of the browser's last look. */
  cut: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  isOnScreen: boolean;
  transform: string;
  stopMoveWatch: (() => void) | null;
  goneTimer: ReturnType<typeof setTimeout> | undefined;
};

/**
 * Keeps the marks of a feed on their videos, all in one go: for each frame that the browser draws while something moves, all
 * rectangles are read and then all places written, so that the layout is computed once. While nothing moves there is no
 * timer and no animation frame: an observer around each video tells when it leaves its place. What comes over a video that
 * stays where it is, is seen by changes at the top of the page's tree, and under the pointer, before anything is pressed.
 */
export function createQuietFollower(
  overlay: Overlay,
  showsInFullScreen: () => boolean,
  signal: AbortSignal,
): typeof followVideo {
  const marks = new Map<Element, Mark>();
  let frame: number | null = null;
  let stillFrames = 0;
  /** Where it has come over something of the page since the last look. */
  let pointer: Point | null = null;

  const glance = (): void => {
    if (frame === null && marks.size > 0) frame = requestAnimationFrame(draw);
  };
  const wake = (): void => {
    stillFrames = 0;
    glance();
  };

  const draw = (): void => {
    frame = null;
    if (signal.aborted) return;
    if (!isExtensionAlive()) {
      for (const { onGone } of [...marks.values()]) onGone();
      return;
    }
    const onScreen = [...marks.values()].filter(({ isOnScreen }) => isOnScreen);
    const hasMoved = placeAll(onScreen);
    stillFrames = hasMoved ? 0 : stillFrames + 1;
    if (stillFrames < STILL_AFTER_FRAMES) frame = requestAnimationFrame(draw);
    else for (const mark of onScreen) keepWatch(mark);
  };

  /** @returns whether anything had to be written */
  const placeAll = (onScreen: readonly Mark[]): boolean => {
    const isFullScreen = isSomethingFullScreen();
    const viewport = { width: document.documentElement.clientWidth, height: innerHeight };
    const places = onScreen.map((mark) => {
      const { video, place, cut, size, isOpen, fit } = mark;
      const box = video.getBoundingClientRect();
      const picture = pictureBox(box, video.videoWidth, video.videoHeight, fit);
      const isOver =
        overlay.cover(video) && (!isFullScreen || (showsInFullScreen() && isInFullScreen(video)));
      const visible = within(box, cut);
      // Not of one that is wide under the pointer alone, nor of a card: they must not jump away.
      const width = place.querySelector('.is-wide') ? size.width : 0;
      // Players show their controls with the pointer.
      const isPointed = pointer !== null && isWithin(pointer.x, pointer.y, box);
      if (mark.corner === null || width > mark.cornerWidth || isPointed) {
        const former = mark.corner ?? undefined;
        mark.corner =
          freeCorner(picture, visible, width, overlay.host, former) ?? (isPointed ? mark.corner : null);
        mark.cornerWidth = width;
      }
      const corner = mark.corner ?? firstCorner();
      const placed = placeBadge(picture, visible, { ...size, isOpen: isOpen() }, viewport, corner);
      const transform = `translate(${Math.round(placed.x)}px, ${Math.round(placed.y)}px)`;
      const isVisible =
        placed.isVisible &&
        isOver &&
        // A card was opened, and can be closed.
        (isOpen() || !isCoveredAt(markMiddle(picture, corner), video, overlay.host));
      return { mark, transform, isVisible };
    });
    pointer = null;
    let hasMoved = false;
    for (const { mark, transform, isVisible } of places) {
      const { classList, style } = mark.place;
      if (transform !== mark.transform) {
        mark.transform = transform;
        style.transform = transform;
        hasMoved = true;
      }
      if (classList.contains('is-shown') !== isVisible) {
        classList.toggle('is-shown', isVisible);
        hasMoved = true;
      }
      if (hasMoved) rest(mark);
    }
    return hasMoved;
  };

  const keepWatch = (mark: Mark): void => {
    mark.stopMoveWatch ??= watchForMoves(mark.video, () => {
      mark.stopMoveWatch = null;
      wake();
    });
  };

  const rest = (mark: Mark): void => {
    mark.stopMoveWatch?.();
    mark.stopMoveWatch = null;
  };

  const noticeRemoval = (mark: Mark): void => {
    clearTimeout(mark.goneTimer);
    if (mark.video.isConnected) return;
    mark.place.classList.remove('is-shown');
    mark.goneTimer = setTimeout(() => {
      if (!mark.video.isConnected) mark.onGone();
    }, GONE_AFTER_MILLISECONDS);
  };

  const intersections = new IntersectionObserver(
    (entries) => {
      for (const { target, boundingClientRect: whole, intersectionRect: seen, isIntersecting } of entries) {
        const mark = marks.get(target);
        if (mark === undefined) continue;
        mark.cut = {
          left: seen.left - whole.left,
          top: seen.top - whole.top,
          right: whole.right - seen.right,
          bottom: whole.bottom - seen.bottom,
        };
        mark.isOnScreen = isIntersecting;
        noticeRemoval(mark);
        if (!isIntersecting) {
          mark.place.classList.remove('is-shown');
          rest(mark);
        }
      }
      wake();
    },
    { threshold: THRESHOLDS },
  );
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const mark = marks.get(target) ?? [...marks.values()].find(({ place }) => place === target);
      if (mark === undefined) continue;
      // A video that is removed far from the screen (feeds do that) crosses no edge, but loses its size.
      noticeRemoval(mark);
      mark.fit = /^(?:fill|cover)$/.test(getComputedStyle(mark.video).objectFit) ? 'filling' : 'contained';
      mark.size = { width: mark.place.offsetWidth, height: mark.place.offsetHeight };
      if (target === mark.video) mark.corner = null;
    }
    wake();
  });

  const layers = new MutationObserver((mutations) => {
    // What comes may be filled later.
    if (mutations.some(({ addedNodes }) => addedNodes.length > 0)) watchLayers();
    glance();
  });
  const watchLayers = (): void => {
    // Beside the body lies what extensions add: after an update of ours the former script's marks, until it has ended.
    for (const element of document.querySelectorAll(':root, body, body > *')) {
      layers.observe(element, { childList: true, attributeFilter: ['class', 'style', 'hidden'] });
    }
  };
  const onPointer = ({ target, clientX, clientY }: PointerEvent): void => {
    // A mark must not jump away from under it.
    pointer = target === overlay.host ? null : { x: clientX, y: clientY };
    glance();
  };
  /** Only while there are marks. */
  const startWatch = (): void => {
    watchLayers();
    document.addEventListener('pointerover', onPointer, { capture: true, passive: true, signal });
  };
  const stopWatch = (): void => {
    layers.disconnect();
    document.removeEventListener('pointerover', onPointer, { capture: true });
  };

  watchFullScreen(wake, signal);
  for (const event of ['scroll', 'resize']) {
    addEventListener(event, wake, { capture: true, passive: true, signal });
  }
  signal.addEventListener('abort', () => {
    intersections.disconnect();
    sizes.disconnect();
    stopWatch();
    if (frame !== null) cancelAnimationFrame(frame);
    for (const mark of marks.values()) {
      rest(mark);
      clearTimeout(mark.goneTimer);
    }
  });

  return (video, place, _overlay, isOpen, onGone, markSignal) => {
    const mark: Mark = {
      video,
      place,
      isOpen,
      onGone,
      fit: 'contained',
      corner: null,
      cornerWidth: 0,
      size: { width: 0, height: 0 },
      cut: { left: 0, top: 0, right: 0, bottom: 0 },
      isOnScreen: false,
      transform: '',
      stopMoveWatch: null,
      goneTimer: undefined,
    };
    if (marks.size === 0) startWatch();
    marks.set(video, mark);
    intersections.observe(video);
    sizes.observe(video);
    sizes.observe(place);
    markSignal.addEventListener('abort', () => {
      rest(mark);
      clearTimeout(mark.goneTimer);
      sizes.unobserve(place);
      if (marks.get(video) !== mark) return;
      marks.delete(video);
      intersections.unobserve(video);
      sizes.unobserve(video);
      if (marks.size === 0) stopWatch();
    });
    return () => {
      mark.size = { width: place.offsetWidth, height: place.offsetHeight };
      wake();
    };
  };
}

function within(box: Box, cut: Mark['cut']): Box {
  return {
    left: box.left + cut.left,
    top: box.top + cut.top,
    width: box.width - cut.left - cut.right,
    height: box.height - cut.top - cut.bottom,
  };
}
