import type { Point } from '../../utils/browser/page-elements.ts';
import { watchFullScreen } from './full-screen.ts';

export type PageChanges = {
  /** Something begins to move: scrolling, another size, full screen. */
  readonly onMove: () => void;
  /** Something may have come over a video that does not move. */
  readonly onLayer: () => void;
  /** The pointer has come over another element of the page; null over the overlay itself. */
  readonly onPointer: (point: Point | null) => void;
};

/**
 * Watches for changes of the page that move a video or cover it, without a timer. What covers a video that does not move is
 * seen by changes at the top of the page's tree, by dialogs and popovers that open, and under the pointer, before the user
 * presses anything.
 * @param overlay the element of our overlay
 */
export function watchPage(overlay: Element, changes: PageChanges, signal: AbortSignal): void {
  const { onMove, onLayer, onPointer } = changes;
  const passively = { capture: true, passive: true, signal } as const;
  for (const type of ['scroll', 'resize']) addEventListener(type, onMove, passively);
  watchFullScreen(onMove, signal);
  // Dialogs and popovers tell of their opening and closing (HTML, "ToggleEvent").
  document.addEventListener('toggle', ({ target }) => target !== overlay && onLayer(), passively);
  document.addEventListener(
    'pointerover',
    ({ target, clientX, clientY }) => onPointer(target === overlay ? null : { x: clientX, y: clientY }),
    passively,
  );

  const layers = new MutationObserver((mutations) => {
    // An added element may get its content later.
    if (mutations.some(({ addedNodes }) => addedNodes.length > 0)) observeLayers();
    onLayer();
  });
  const observeLayers = (): void => {
    // Extensions add their elements beside the body: after an update of this one, its former script's badges as well.
    for (const element of document.querySelectorAll(':root, body, body > *')) {
      layers.observe(element, { childList: true, attributeFilter: ['class', 'style', 'hidden'] });
    }
  };
  observeLayers();
  signal.addEventListener('abort', () => layers.disconnect(), { once: true });
}
