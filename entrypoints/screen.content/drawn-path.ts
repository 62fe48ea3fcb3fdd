import { flatParentOf, isOpenLayer } from '../../utils/browser/page-elements.ts';

/**
 * The element and the ancestors with which it is drawn, innermost first: each of them fades, scales and turns the element
 * with itself. The path ends with an element of the top layer, which the browser draws by itself (HTML, "top layer").
 */
export function drawnPath(element: Element): readonly Element[] {
  const path: Element[] = [];
  for (let at: Element | null = element; at !== null; at = isInTopLayer(at) ? null : flatParentOf(at)) {
    // These are mostly slots: without a box they have neither opacity nor transform.
    if (getComputedStyle(at).display !== 'contents') path.push(at);
  }
  return path;
}

export function isInTopLayer(element: Element): boolean {
  return isOpenLayer(element) || element.matches(':fullscreen');
}

/** 0 to 1: the element's own opacity times that of its ancestors. */
export function opacityOf(element: Element): number {
  return drawnPath(element).reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1);
}

/** Whether a pointer can hit an element; other elements are in no list of a hit test. */
export function takesPointer(element: Element): boolean {
  return (
    getComputedStyle(element).pointerEvents !== 'none' &&
    drawnPath(element).every((each) => !each.matches('[inert]'))
  );
}
