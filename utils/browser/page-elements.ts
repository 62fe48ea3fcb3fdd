import {
  elementsFromPoint,
  matches,
  parentElementOf,
  parentNodeOf,
  queryAll,
  rootOf,
  shadowRootOf,
  slotOf,
} from './dom.ts';

/** A point in a document's viewport, in CSS pixels. */
export type Point = { readonly x: number; readonly y: number };

/** How many shadow roots within each other are searched under one point. Real pages have a few. */
export const MAX_SHADOW_DEPTH = 50;
/** Pages with more shadow roots are searched up to this many. A long feed has some thousands of them. */
export const MAX_ROOTS = 50_000;

/**
 * The elements that the browser draws above the page, and for which it makes the rest inert if they are modal or in full
 * screen (HTML, "top layer"). A video is left out, since nothing inside it is drawn; so is the root, which is the page.
 */
const LAYERS = 'dialog:modal, :popover-open, :fullscreen:not(video, :root)';

/**
 * The parent of an element; for a shadow tree's outermost element, the host. It tests no class, since the element may
 * belong to a frame's document, which has classes of its own.
 */
export function parentOf(element: Element): Element | null {
  return parentElementOf(element) ?? (parentNodeOf(element) as Partial<ShadowRoot> | null)?.host ?? null;
}

/** The parent by which an element is drawn; for an element in a slot, that is the slot (DOM, "flat tree"). */
export function flatParentOf(element: Element): Element | null {
  return slotOf(element) ?? parentOf(element);
}

/** Whether `ancestor` is the element or contains it, through shadow roots as well. */
export function isAround(ancestor: Element, element: Element): boolean {
  for (let at: Element | null = element; at !== null; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

/** The dialog, popover or full-screen element that contains an element; null if it lies on the page itself. */
export function layerOf(element: Element): Element | null {
  for (let at: Element | null = element; at !== null; at = flatParentOf(at)) if (isOpenLayer(at)) return at;
  return null;
}

/** Whether an element is an open dialog or popover, or is in full screen; false once it has left the page. */
export function isOpenLayer(element: Element): boolean {
  return matches(element, LAYERS);
}

/** The elements under a point, topmost first, through shadow roots. */
export function elementsAt(root: Document | ShadowRoot, { x, y }: Point, depth = 0): Element[] {
  return elementsFromPoint(root, x, y).flatMap((element) => {
    // The list of a shadow root contains elements outside the root as well.
    if (rootOf(element) !== root) return [];
    const inner = shadowRootOf(element);
    return inner && depth < MAX_SHADOW_DEPTH
      ? [...elementsAt(inner, { x, y }, depth + 1), element]
      : [element];
  });
}

/** All elements of a document and its shadow roots, root by root. */
export function* elementsIn(document: Document): Generator<Element> {
  const roots: (Document | ShadowRoot)[] = [document];
  for (const root of roots) {
    for (const element of queryAll(root, '*')) {
      const inner = shadowRootOf(element);
      if (inner !== null && roots.length < MAX_ROOTS) roots.push(inner);
      yield element;
    }
  }
}

/** A document and all its shadow roots. */
export function* rootsIn(document: Document): Generator<Document | ShadowRoot> {
  yield document;
  for (const element of elementsIn(document)) {
    const root = shadowRootOf(element);
    if (root !== null) yield root;
  }
}
