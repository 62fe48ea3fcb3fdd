import type { FrameWorld } from '../../utils/browser/frame-world.ts';
import badgeStyle from '../../components/badge/badge.css?inline';
import { textDirection } from '../../components/texts.tsx';
import {
  appendChild,
  createElement,
  documentElementOf,
  fullscreenElementOf,
} from '../../utils/browser/dom.ts';
import { isOpenLayer, layerOf } from '../../utils/browser/page-elements.ts';

export type Overlay = {
  /** A new element in the overlay, gone with `signal`. */
  readonly addPlace: (className: string, signal: AbortSignal) => HTMLElement;
  /** Hides the overlay while the screen is captured. @returns shows it again */
  readonly hide: () => () => void;
  /**
   * Makes sure that the overlay is in the page, which may have removed it, and over an element.
   * @returns false while the overlay is in another dialog, popover or full screen, which lies over the element
   */
  readonly cover: (element: Element) => boolean;
  /** The overlay's one element in the page, with a closed shadow root. */
  readonly host: Element;
};

/** Events that the overlay keeps from the page, whose shortcuts and "click anywhere to pause" are not for our buttons. */
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

/** If a page removes the overlay again and again, it is put back at once this often, and then once a second. */
const QUICK_INSERTIONS = 20;
const SLOW_INSERTION_MILLISECONDS = 1000;

/**
 * The one element that the extension puts into a page: a closed shadow root at the end of `<html>`. It has no size, so that
 * nothing of the page moves, and takes clicks on its own buttons only. It comes with its first content and goes with `signal`.
 *
 * It is a popover (HTML, "the popover attribute"), so that it lies in the top layer: above dialogs and popovers that contain
 * videos, and free of the transforms of `<html>`. Outside a modal dialog everything is inert, so the overlay goes into the
 * dialog, and likewise into an element in full screen.
 */
export function createOverlay(signal: AbortSignal): Overlay {
  const host = createElement('div');
  // A manual popover closes no other popover of the page, and no click elsewhere closes it.
  host.popover = 'manual';
  (globalThis as FrameWorld).trueFrameOverlay = host;
  const root = host.attachShadow({ mode: 'closed' });
  const style = new CSSStyleSheet();
  style.replaceSync(badgeStyle);
  root.adoptedStyleSheets = [style];
  const hidden = new CSSStyleSheet();
  // The rule is for all elements, since one inside the host may be visible by a rule of its own.
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
    const home = layer ?? documentElementOf(document);
    if (!host.isConnected) {
      const now = performance.now();
      if (insertions >= QUICK_INSERTIONS && now - insertedAt < SLOW_INSERTION_MILLISECONDS) return;
      insertions++;
      insertedAt = now;
    }
    if (host.parentNode !== home) appendChild(home, host);
    // An element that enters full screen lies over the popovers that were open before (Fullscreen API, "fullscreen an element").
    const fullscreenElement = fullscreenElementOf(document);
    if (fullscreenElement !== shownOver && host.matches(':popover-open')) host.hidePopover();
    shownOver = fullscreenElement;
    if (!host.matches(':popover-open')) host.showPopover();
    // Browsers without this property show the badge zoomed with the page.
    const { currentCSSZoom = 1 } = home as { currentCSSZoom?: number };
    if (currentCSSZoom === zoom) return;
    zoom = currentCSSZoom;
    host.style.setProperty('--unzoom', String(1 / zoom));
  };

  return {
    addPlace: (className, placeSignal) => {
      const place = createElement('div');
      place.className = className;
      place.dir = textDirection();
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
      // Of two open layers the inner one gets the overlay; of two beside each other the first keeps it.
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
