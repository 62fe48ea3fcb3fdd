import { BADGE_STYLE } from '../../components/badge/badge-style.ts';

export type Overlay = {
  /** A new element in the overlay, gone with `signal`. */
  readonly addPlace: (className: string, signal: AbortSignal) => HTMLElement;
  /** Out of sight, for whoever looks at the screen. @returns back in sight */
  readonly hide: () => () => void;
  /** Puts the overlay back where a page has thrown it out. */
  readonly ensureConnected: () => void;
  /** Where `position: fixed; left: 0; top: 0` really is: a transform on `<html>` moves it. */
  readonly origin: () => DOMRect;
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
 */
export function createOverlay(signal: AbortSignal): Overlay {
  const host = document.createElement('div');
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
  const ensureConnected = (): void => {
    if (host.isConnected || root.childElementCount === 0 || signal.aborted) return;
    const now = performance.now();
    if (insertions >= QUICK_INSERTIONS && now - insertedAt < SLOW_INSERTION_MILLISECONDS) return;
    insertions++;
    insertedAt = now;
    document.documentElement.append(host);
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
    ensureConnected,
    hide: () => {
      root.adoptedStyleSheets = [style, hidden];
      return () => {
        root.adoptedStyleSheets = [style];
      };
    },
    origin: () => host.getBoundingClientRect(),
  };
}
