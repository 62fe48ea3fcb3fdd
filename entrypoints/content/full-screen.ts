/**
 * Whether something on the page is in full screen. It lies over everything, or is the picture that one wants to see without
 * anything on it. A frame of another origin than the page's is told only of its own; that the page shows it in full screen
 * is seen by its size, which is then that of the whole browser window: else some of that is the browser's own.
 */
export function isSomethingFullScreen(): boolean {
  const top = topDocument();
  return (
    (top === null && innerWidth === outerWidth && innerHeight === outerHeight) ||
    [document, top].some((each) => {
      const element = each?.fullscreenElement ?? null;
      return element !== null && element !== each?.documentElement;
    })
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
