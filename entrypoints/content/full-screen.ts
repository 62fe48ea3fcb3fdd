import { isAround } from './parent-of.ts';

/** In CSS pixels: inside of the page's, outside of the browser window's. */
export type WindowSizes = Pick<
  Window,
  'innerWidth' | 'innerHeight' | 'outerWidth' | 'outerHeight' | 'devicePixelRatio'
>;

/**
 * Whether something on the page is in full screen. It lies over everything, or is the picture that one wants to see without
 * anything on it. A frame of another origin than the page's is told only of its own; that the page shows it in full screen
 * is seen by its size, which is then that of the whole browser window: else some of that is the browser's own.
 */
export function isSomethingFullScreen(): boolean {
  const top = topDocument();
  return (
    (top === null && fillsWindow(window)) ||
    [document, top].some((each) => {
      const element = each?.fullscreenElement ?? null;
      return element !== null && element !== each?.documentElement;
    })
  );
}

/** Whether that is this video, or it is in that. */
export function isInFullScreen(video: Element): boolean {
  const element = document.fullscreenElement;
  return element !== null && isAround(element, video);
}

/**
 * Whether a frame is as large as the whole browser window. Page zoom makes its pixels larger or smaller than the window's, by
 * the same factor either way; no display has fewer than one pixel for one of the window's, so a smaller frame that happens to
 * have the window's shape is none that was zoomed.
 */
export function fillsWindow(sizes: WindowSizes): boolean {
  const { innerWidth, innerHeight, outerWidth, outerHeight, devicePixelRatio } = sizes;
  const zoom = outerWidth / innerWidth;
  // Both inner sizes are rounded.
  return (
    outerWidth <= (innerWidth + 1) * devicePixelRatio &&
    Math.abs(outerHeight - innerHeight * zoom) <= zoom * (1 + innerHeight / innerWidth)
  );
}

/** Calls back when that may have changed. */
export function watchFullScreen(onChange: () => void, signal: AbortSignal): void {
  for (const each of new Set([document, topDocument()])) {
    each?.addEventListener('fullscreenchange', onChange, { passive: true, signal });
  }
}

function topDocument(): Document | null {
  try {
    return window.top?.document ?? null;
  } catch {
    // Another origin's (HTML, "cross-origin properties").
    return null;
  }
}
