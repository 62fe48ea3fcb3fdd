import type { FrameWorld } from '../../utils/browser/frame-world.ts';
import badgeStyle from '../../components/badge/badge.css?inline';
import { language, textDirection } from '../../components/texts.tsx';
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

/** If a page hides or removes the overlay again and again, it is shown at once this often, and then once a second. */
const QUICK_SHOWINGS = 20;
const SLOW_SHOWING_MILLISECONDS = 1000;

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
  const unzoomed = new CSSStyleSheet();
  root.adoptedStyleSheets = [style, unzoomed];
  const hidden = new CSSStyleSheet();
  // The rule is for all elements, since one inside the host may be visible by a rule of its own.
  hidden.replaceSync('* { visibility: hidden !important; transition: none !important; }');
  for (const type of OWN_EVENTS) {
    host.addEventListener(type, (event) => event.stopPropagation(), { signal });
  }
  signal.addEventListener('abort', () => {
    clearTimeout(retry);
    host.remove();
  });

  let showings = 0;
  let shownAt = -Infinity;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let layer: Element | null = null;
  let shownOver: Element | null = null;
  let zoom = 0;
  const isShown = (): boolean => host.isConnected && host.matches(':popover-open');

  /** @returns false where the page has hidden the overlay too often of late: it comes back later by itself */
  const mayShow = (): boolean => {
    const now = performance.now();
    clearTimeout(retry);
    if (showings >= QUICK_SHOWINGS && now - shownAt < SLOW_SHOWING_MILLISECONDS) {
      retry = setTimeout(ensureShown, SLOW_SHOWING_MILLISECONDS);
      return false;
    }
    showings++;
    shownAt = now;
    return true;
  };

  /** @returns false where the page has prevented it, or removed the element meanwhile (HTML, "show popover") */
  const show = (): boolean => {
    try {
      host.showPopover();
    } catch {
      // The lines below return that it is not shown.
    }
    if (!isShown()) retry = setTimeout(ensureShown, SLOW_SHOWING_MILLISECONDS);
    return isShown();
  };

  const ensureShown = (): void => {
    if (root.childElementCount === 0 || signal.aborted) return;
    const home = layer ?? documentElementOf(document);
    if (!isShown() && !mayShow()) return;
    if (host.parentNode !== home) appendChild(home, host);
    // The page may have taken the attribute away, without which nothing can be shown.
    if (host.popover !== 'manual') host.popover = 'manual';
    // An element that enters full screen lies over the popovers that were open before (Fullscreen API, "fullscreen an element").
    const fullscreenElement = fullscreenElementOf(document);
    if (fullscreenElement !== shownOver && isShown()) host.hidePopover();
    shownOver = fullscreenElement;
    if (!isShown() && !show()) return;
    // Browsers without this property show the badge zoomed with the page.
    const { currentCSSZoom = 1 } = home as { currentCSSZoom?: number };
    if (currentCSSZoom === zoom) return;
    zoom = currentCSSZoom;
    // The rule is in the shadow root, where nothing that the page sets for all of its elements is inherited.
    unzoomed.replaceSync(`:host { --unzoom: ${String(1 / zoom)} !important }`);
  };
  // The page may hide a popover by a call, or with its attribute.
  host.addEventListener('toggle', () => isShown() || ensureShown(), { signal });

  return {
    addPlace: (className, placeSignal) => {
      const place = createElement('div');
      place.className = className;
      place.lang = language();
      place.dir = textDirection();
      root.append(place);
      ensureShown();
      placeSignal.addEventListener('abort', () => {
        place.remove();
        if (root.childElementCount === 0) host.remove();
      });
      return place;
    },
    cover: (element) => {
      const own = layerOf(element);
      const isLayerOpen = layer !== null && isOpenLayer(layer);
      // If two open layers lie in each other, the inner one gets the overlay. If they lie beside each other, the first
      // one keeps it.
      if (own !== layer && isLayerOpen && (own === null || !layer?.contains(own))) return false;
      layer = own;
      ensureShown();
      return true;
    },
    host,
    hide: () => {
      root.adoptedStyleSheets = [style, unzoomed, hidden];
      return () => {
        root.adoptedStyleSheets = [style, unzoomed];
      };
    },
  };
}
