import { isAround } from '../../utils/browser/page-elements.ts';

/** Sizes in CSS pixels: the inner ones of the document, the outer ones of the browser's window. */
export type WindowSizes = Pick<
  Window,
  'innerWidth' | 'innerHeight' | 'outerWidth' | 'outerHeight' | 'devicePixelRatio'
>;

/**
 * Whether an element of the page is in full screen; it then lies over everything else. A frame of another origin than the
 * page learns only of its own full screen. The page shows such a frame in full screen if the frame is as large as the
 * whole browser window, since otherwise the browser's own bars take a part of the window.
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

/** Whether the element in full screen is this video or contains it. */
export function isInFullScreen(video: Element): boolean {
  const element = document.fullscreenElement;
  return element !== null && isAround(element, video);
}

/**
 * Whether a frame is as large as the whole browser window. Page zoom scales the frame's CSS pixels by the same factor in
 * both directions. No display has fewer than one pixel for each pixel of the window, so a smaller frame of the window's
 * shape is not a zoomed full screen.
 */
export function fillsWindow(sizes: WindowSizes): boolean {
  const { innerWidth, innerHeight, outerWidth, outerHeight, devicePixelRatio } = sizes;
  const zoom = outerWidth / innerWidth;
  // The browser rounds both inner sizes to whole pixels.
  return (
    outerWidth <= (innerWidth + 1) * devicePixelRatio &&
    Math.abs(outerHeight - innerHeight * zoom) <= zoom * (1 + innerHeight / innerWidth)
  );
}

/** Calls back when an element enters or leaves full screen. */
export function watchFullScreen(onChange: () => void, signal: AbortSignal): void {
  for (const each of new Set([document, topDocument()])) {
    each?.addEventListener('fullscreenchange', onChange, { passive: true, signal });
  }
}

function topDocument(): Document | null {
  try {
    return window.top?.document ?? null;
  } catch {
    // The page is of another origin (HTML, "cross-origin properties").
    return null;
  }
}
