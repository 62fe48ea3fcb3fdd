import { flatParentOf } from './parent-of.ts';

/**
 * What the browser draws over the page, and, if modal or in full screen, makes all the rest inert for (HTML, "top layer"). In
 * a video nothing would be shown, and the page as a whole is no layer over itself.
 */
const LAYERS = 'dialog:modal, :popover-open, :fullscreen:not(video, :root)';

/** The dialog, popover or element in full screen that an element is in, through shadow roots and slots; null on the page itself. */
export function layerOf(element: Element): Element | null {
  for (let at: Element | null = element; at !== null; at = flatParentOf(at)) if (isOpenLayer(at)) return at;
  return null;
}

/** false once it was closed, or left the page. */
export function isOpenLayer(element: Element): boolean {
  return element.matches(LAYERS);
}
