import { flatParentOf } from './parent-of.ts';

/** What the browser draws over the page, and, if modal, makes all the rest inert for (HTML, "top layer"). */
const LAYERS = 'dialog:modal, :popover-open';

/** The dialog or popover that an element is in, through shadow roots and slots; null on the page itself. */
export function layerOf(element: Element): Element | null {
  for (let at: Element | null = element; at !== null; at = flatParentOf(at)) if (isOpenLayer(at)) return at;
  return null;
}

/** false once it was closed, or left the page. */
export function isOpenLayer(element: Element): boolean {
  return element.matches(LAYERS);
}
