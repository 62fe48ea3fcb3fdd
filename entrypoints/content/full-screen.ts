/**
 * Whether something on the page is in full screen. It lies over everything, or is the picture that one wants to see without
 * anything on it. A frame of another origin than the page's can only know of its own.
 */
export function isSomethingFullScreen(): boolean {
  return [document, topDocument()].some((each) => {
    const element = each?.fullscreenElement ?? null;
    return element !== null && element !== each?.documentElement;
  });
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
