/** The element around this one, out of shadow trees as well; of a frame's document, too, whose classes are not ours. */
export function parentOf(element: Element): Element | null {
  return element.parentElement ?? (element.parentNode as Partial<ShadowRoot> | null)?.host ?? null;
}

/** The same as it is drawn: what a shadow tree has put into one of its slots lies in that. */
export function drawnParentOf(element: Element): Element | null {
  return element.assignedSlot ?? parentOf(element);
}
