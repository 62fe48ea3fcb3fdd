import { flatParentOf, isOpenLayer } from '../../utils/browser/page-elements.ts';

/**
 * The element and those around it of which it is a part when it is drawn, innermost first: what they fade, scale or turn is
 * faded, scaled or turned with it. It ends with what the browser draws over the page by itself (HTML, "top layer").
 */
export function drawnPath(element: Element): readonly Element[] {
  const path: Element[] = [];
  for (let at: Element | null = element; at !== null; at = isInTopLayer(at) ? null : flatParentOf(at)) {
    // Slots, mostly: they have no box, and so neither opacity nor transform.
    if (getComputedStyle(at).display !== 'contents') path.push(at);
  }
  return path;
}

export function isInTopLayer(element: Element): boolean {
  return isOpenLayer(element) || element.matches(':fullscreen');
}

/** 0 to 1: its own opacity and that of everything around it. */
export function opacityOf(element: Element): number {
  return drawnPath(element).reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1);
}

/** Whether a pointer can hit it: what can't be hit is in no list of what lies at a place. */
export function takesPointer(element: Element): boolean {
  return (
    getComputedStyle(element).pointerEvents !== 'none' &&
    drawnPath(element).every((each) => !each.matches('[inert]'))
  );
}
