import { documentElementOf, fullscreenElementOf, listen, queryAll } from '../../utils/browser/dom.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import { isAround } from '../../utils/browser/page-elements.ts';

export type PageChanges = {
  /** Something begins to move: the page scrolls, a size changes, or full screen begins or ends. */
  readonly onMove: () => void;
  /** Something may now cover a video that does not move. */
  readonly onLayer: () => void;
  /** The pointer is over another element of the page than before; null over the overlay itself. */
  readonly onPointer: (point: Point | null) => void;
};

/**
 * Watches for changes of the page that move a video or cover it, without a timer. A cover over a video that does not
 * move is found by changes at the top of the page's tree, by dialogs and popovers that open, and under the pointer,
 * before the user presses anything.
 * @param overlay the element of our overlay
 */
export function watchPage(overlay: Element, changes: PageChanges, signal: AbortSignal): void {
  const { onMove, onLayer, onPointer } = changes;
  const passively = { capture: true, passive: true, signal } as const;
  for (const type of ['scroll', 'resize']) listen(window, type, onMove, passively);
  watchFullScreen(onMove, signal);
  // Dialogs and popovers send an event when they open and when they close (HTML, "ToggleEvent").
  listen(document, 'toggle', ({ target }) => target !== overlay && onLayer(), passively);
  const onPointerOver = (event: Event): void => {
    const { target, clientX, clientY } = event as PointerEvent;
    onPointer(target === overlay ? null : { x: clientX, y: clientY });
  };
  listen(document, 'pointerover', onPointerOver, passively);

  const layers = new MutationObserver((mutations) => {
    // An added element may get its content later.
    if (mutations.some(({ addedNodes }) => addedNodes.length > 0)) observeLayers();
    onLayer();
  });
  const observeLayers = (): void => {
    // Extensions add their elements beside the body. After an update, the badges of this extension's former script are
    // there as well.
    for (const element of queryAll(document, ':root, body, body > *')) {
      layers.observe(element, { childList: true, attributeFilter: ['class', 'style', 'hidden'] });
    }
  };
  observeLayers();
  signal.addEventListener('abort', () => layers.disconnect(), { once: true });
}

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
      if (each === null) return false;
      const element = fullscreenElementOf(each);
      return element !== null && element !== documentElementOf(each);
    })
  );
}

/** Whether the element in full screen is this video or contains it. */
export function isInFullScreen(video: Element): boolean {
  const element = fullscreenElementOf(document);
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
function watchFullScreen(onChange: () => void, signal: AbortSignal): void {
  for (const each of new Set([document, topDocument()])) {
    if (each !== null) listen(each, 'fullscreenchange', onChange, { passive: true, signal });
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
