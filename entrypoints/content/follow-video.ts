import { pictureBox, placeBadge } from './badge-position.ts';
import type { Box, PictureFit } from './badge-position.ts';
import type { Overlay } from './overlay.ts';

/** Every fiftieth of the video's area: the pill is hidden within a few pixels of being cut off. */
const THRESHOLDS = Array.from({ length: 51 }, (_, index) => index / 50);
/** Pages take their player out and put it back elsewhere; after this it is gone. */
const GONE_AFTER_MILLISECONDS = 1000;

/**
 * Keeps `place` on the video through scrolling, layout and transforms. Reads one rectangle for each frame that the
 * browser draws, and only while the video is on the screen; writes only what has changed.
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
  let shownTransform = '';
  let goneTimer: ReturnType<typeof setTimeout> | undefined;

  const hide = (): void => {
    place.classList.remove('is-shown');
  };

  const update = (): void => {
    overlay.ensureConnected();
    const fullscreen = document.fullscreenElement;
    // What is full screen lies over everything; a badge below it would still take the keyboard's focus.
    if (fullscreen !== null && fullscreen !== document.documentElement) {
      hide();
      return;
    }
    const box = video.getBoundingClientRect();
    const picture = pictureBox(box, video.videoWidth, video.videoHeight, fit);
    const viewport = { width: document.documentElement.clientWidth, height: innerHeight };
    const { x, y, isVisible } = placeBadge(
      picture,
      within(box, cut),
      { ...size, isOpen: isOpen() },
      viewport,
    );
    const origin = overlay.origin();
    const transform = `translate(${Math.round(x - origin.left)}px, ${Math.round(y - origin.top)}px)`;
    if (transform !== shownTransform) {
      shownTransform = transform;
      place.style.transform = transform;
    }
    place.classList.toggle('is-shown', isVisible);
  };

  const run = (): void => {
    frame = requestAnimationFrame(() => {
      if (signal.aborted || !isOnScreen) return;
      update();
      run();
    });
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
      clearTimeout(goneTimer);
      if (!video.isConnected) {
        goneTimer = setTimeout(() => {
          if (!video.isConnected) onGone();
        }, GONE_AFTER_MILLISECONDS);
      }
      if (entry.isIntersecting === isOnScreen) return;
      isOnScreen = entry.isIntersecting;
      if (frame !== null) cancelAnimationFrame(frame);
      if (isOnScreen) run();
      else hide();
    },
    { threshold: THRESHOLDS },
  );
  const sizes = new ResizeObserver(() => {
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
    if (frame !== null) cancelAnimationFrame(frame);
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
