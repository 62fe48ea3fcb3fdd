import { BADGE_STYLE } from '../../components/badge/badge-style.ts';
import { isOpenLayer, layerOf } from '../../utils/browser/page-elements.ts';

export type Overlay = {
  /** A new element in the overlay, gone with `signal`. */
  readonly addPlace: (className: string, signal: AbortSignal) => HTMLElement;
  /** Out of sight, for whoever looks at the screen. @returns back in sight */
  readonly hide: () => () => void;
  /**
   * Sees to it that the overlay is in the page and over this element; a page may have thrown it out.
   * @returns false while a dialog, popover or full screen that it is in lies over the element
   */
  readonly cover: (element: Element) => boolean;
  /** The one element of ours, in whose closed root all of it is. */
  readonly host: Element;
};

/** What is ours to hear. The page's shortcuts and its "click anywhere to pause" are not for our buttons. */
const OWN_EVENTS = [
  'click',
  'dblclick',
  'auxclick',
  'contextmenu',
  'pointerdown',
  'pointerup',
  'mousedown',
  'mouseup',
  'touchstart',
  'touchend',
  'keydown',
  'keyup',
  'keypress',
] as const;

/** A page may throw the overlay out again and again: it is not fought with sixty times a second. */
const QUICK_INSERTIONS = 20;
const SLOW_INSERTION_MILLISECONDS = 1000;

/**
 * The one element that we put into a page: a closed shadow root at the end of `<html>`, of no size, so that nothing
 * of the page moves. It takes no clicks but those on its own buttons. Made with its first content, gone with `signal`.
 *
 * It is a popover (HTML, "the popover attribute"), so that it lies in the top layer: over the dialogs and popovers that
 * videos may be in, and free of any transform of `<html>`. Outside a modal dialog all is inert, so it goes into the dialog; the same with full screen.
 */
export function createOverlay(signal: AbortSignal): Overlay {
  const host = document.createElement('div');
  // No other popover of the page closes for it, and no click elsewhere closes it.
  host.popover = 'manual';
  const root = host.attachShadow({ mode: 'closed' });
  const style = new CSSStyleSheet();
  style.replaceSync(BADGE_STYLE);
  root.adoptedStyleSheets = [style];
  const hidden = new CSSStyleSheet();
  // Not only the host: what is in it may be visible by a rule of its own.
  hidden.replaceSync('* { visibility: hidden !important; transition: none !important; }');
  for (const type of OWN_EVENTS) {
    host.addEventListener(type, (event) => event.stopPropagation(), { signal });
  }
  signal.addEventListener('abort', () => host.remove());

  let insertions = 0;
  let insertedAt = -Infinity;
  let layer: Element | null = null;
  let shownOver: Element | null = null;
  let zoom = 1;
  const ensureConnected = (): void => {
    if (root.childElementCount === 0 || signal.aborted) return;
    const home = layer ?? document.documentElement;
    if (!host.isConnected) {
      const now = performance.now();
      if (insertions >= QUICK_INSERTIONS && now - insertedAt < SLOW_INSERTION_MILLISECONDS) return;
      insertions++;
      insertedAt = now;
    }
    if (host.parentNode !== home) home.append(host);
    // A video that goes into full screen comes to lie over all that was shown before (Fullscreen API, "fullscreen an element").
    const { fullscreenElement } = document;
    if (fullscreenElement !== shownOver && host.matches(':popover-open')) host.hidePopover();
    shownOver = fullscreenElement;
    if (!host.matches(':popover-open')) host.showPopover();
    // Not every browser tells; there the badge is of the page's size and beside its place.
    const { currentCSSZoom = 1 } = home as { currentCSSZoom?: number };
    if (currentCSSZoom === zoom) return;
    zoom = currentCSSZoom;
    host.style.setProperty('--unzoom', String(1 / zoom));
  };

  return {
    addPlace: (className, placeSignal) => {
      const place = document.createElement('div');
      place.className = className;
      root.append(place);
      ensureConnected();
      placeSignal.addEventListener('abort', () => {
        place.remove();
        if (root.childElementCount === 0) host.remove();
      });
      return place;
    },
    cover: (element) => {
      const own = layerOf(element);
      const isLayerOpen = layer !== null && isOpenLayer(layer);
      // Of two that are open the outer one gives way; beside each other, the first keeps it.
      if (own !== layer && isLayerOpen && (own === null || !layer?.contains(own))) return false;
      layer = own;
      ensureConnected();
      return true;
    },
    host,
    hide: () => {
      root.adoptedStyleSheets = [style, hidden];
      return () => {
        root.adoptedStyleSheets = [style];
      };
    },
  };
}
