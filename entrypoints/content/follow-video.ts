import { markMiddle, pictureBox, placeBadge } from './badge-position.ts';
import type { Box, PictureFit } from './badge-position.ts';
import { isCoveredAt } from './covering.ts';
import { isInFullScreen, isSomethingFullScreen } from './full-screen.ts';
import { isExtensionAlive } from './host-port.ts';
import type { Overlay } from './overlay.ts';

/** Every fiftieth of the video's area: the pill is hidden within a few pixels of being cut off. */
const THRESHOLDS = Array.from({ length: 51 }, (_, index) => index / 50);
/** Pages take their player out and put it back elsewhere; after this it is gone. */
const GONE_AFTER_MILLISECONDS = 1000;
/** Most videos stand still: after half a second without a move ten looks a second are enough, until something scrolls. */
const STILL_AFTER_FRAMES = 30;
const STILL_INTERVAL_MILLISECONDS = 100;

/**
 * Keeps `place` on the video through scrolling, layout and transforms. Reads one rectangle for each frame that the
 * browser draws while the video moves, ten a second while it stands still, and none while it is off the screen; writes
 * only what has changed.
 * @param onGone the element has left the page for good
 * @returns looks again now, after the place's own content has changed
 */
export function followVideo(
  video: HTMLVideoElement,
  place: HTMLElement,
  overlay: Overlay,
  isOpen: () => boolean,
  onGone: () => void,
  signal: AbortSignal,
): () => void {
  let fit: PictureFit = 'contained';
  let isOnScreen = false;
  // How much of the video's edges is cut off by scrolling containers, as of the browser's last look.
  let cut = { left: 0, top: 0, right: 0, bottom: 0 };
  let size = { width: 0, height: 0 };
  let frame: number | null = null;
  let stillTimer: ReturnType<typeof setTimeout> | undefined;
  let stillFrames = 0;
  let shownTransform = '';
  // Pages have layers over everything that take every click: there a badge that was asked for is none the less shown.
  let wasFree = false;
  let goneTimer: ReturnType<typeof setTimeout> | undefined;

  const hide = (): void => {
    place.classList.remove('is-shown');
  };

  /** @returns whether anything had to be written */
  const update = (): boolean => {
    // What is full screen or a dialog lies over everything; a badge below it would still take the keyboard's focus.
    // Over its own video in full screen it stays: it was asked for.
    if ((isSomethingFullScreen() && !isInFullScreen(video)) || !overlay.cover(video)) {
      hide();
      return false;
    }
    const box = video.getBoundingClientRect();
    const picture = pictureBox(box, video.videoWidth, video.videoHeight, fit);
    const viewport = { width: document.documentElement.clientWidth, height: innerHeight };
    const placed = placeBadge(picture, within(box, cut), { ...size, isOpen: isOpen() }, viewport);
    const { x, y } = placed;
    const isFree = placed.isVisible && !isCoveredAt(markMiddle(picture, 'top-left'), video, overlay.host);
    wasFree ||= isFree;
    const isVisible = placed.isVisible && (isFree || !wasFree || isOpen());
    const transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    const hasMoved = transform !== shownTransform || isVisible !== place.classList.contains('is-shown');
    if (transform !== shownTransform) {
      shownTransform = transform;
      place.style.transform = transform;
    }
    place.classList.toggle('is-shown', isVisible);
    return hasMoved;
  };

  const stop = (): void => {
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
    clearTimeout(stillTimer);
  };
  const look = (): void => {
    if (signal.aborted || !isOnScreen) return;
    // The extension was updated or removed: what is left of it here would lie under its successor's badge.
    if (!isExtensionAlive()) {
      onGone();
      return;
    }
    stillFrames = update() ? 0 : stillFrames + 1;
    run();
  };
  const run = (): void => {
    stop();
    if (stillFrames < STILL_AFTER_FRAMES) frame = requestAnimationFrame(look);
    else stillTimer = setTimeout(look, STILL_INTERVAL_MILLISECONDS);
  };
  const wake = (): void => {
    stillFrames = 0;
    if (isOnScreen && frame === null) run();
  };
  for (const event of ['scroll', 'resize', 'fullscreenchange']) {
    addEventListener(event, wake, { capture: true, passive: true, signal });
  }

  const noticeRemoval = (): void => {
    clearTimeout(goneTimer);
    if (video.isConnected) return;
    goneTimer = setTimeout(() => {
      if (!video.isConnected) onGone();
    }, GONE_AFTER_MILLISECONDS);
  };
  const intersections = new IntersectionObserver(
    (entries) => {
      const entry = entries.at(-1);
      if (!entry) return;
      const { boundingClientRect: whole, intersectionRect: seen } = entry;
      cut = {
        left: seen.left - whole.left,
        top: seen.top - whole.top,
        right: whole.right - seen.right,
        bottom: whole.bottom - seen.bottom,
      };
      noticeRemoval();
      if (entry.isIntersecting === isOnScreen) return;
      isOnScreen = entry.isIntersecting;
      stop();
      if (isOnScreen) wake();
      else hide();
    },
    { threshold: THRESHOLDS },
  );
  const sizes = new ResizeObserver(() => {
    // A video that is removed far from the screen (feeds do that) crosses no edge, but loses its size.
    noticeRemoval();
    fit = /^(?:fill|cover)$/.test(getComputedStyle(video).objectFit) ? 'filling' : 'contained';
    size = { width: place.offsetWidth, height: place.offsetHeight };
    if (isOnScreen) update();
  });
  intersections.observe(video);
  sizes.observe(video);
  sizes.observe(place);

  signal.addEventListener('abort', () => {
    intersections.disconnect();
    sizes.disconnect();
    clearTimeout(goneTimer);
    stop();
  });
  return () => {
    if (!isOnScreen) return;
    size = { width: place.offsetWidth, height: place.offsetHeight };
    update();
  };
}

function within(box: Box, cut: { left: number; top: number; right: number; bottom: number }): Box {
  return {
    left: box.left + cut.left,
    top: box.top + cut.top,
    width: box.width - cut.left - cut.right,
    height: box.height - cut.top - cut.bottom,
  };
}
