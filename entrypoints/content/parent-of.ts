/** The element around this one, out of shadow trees as well; of a frame's document, too, whose classes are not ours. */
export function parentOf(element: Element): Element | null {
  return element.parentElement ?? (element.parentNode as Partial<ShadowRoot> | null)?.host ?? null;
}

/** As it is drawn: what is put into a slot is in what the slot is in (DOM, "flat tree"). */
export function flatParentOf(element: Element): Element | null {
  return element.assignedSlot ?? parentOf(element);
}

/** Whether an element is this one or in it, through shadow roots as well. */
export function isAround(level: Element, element: Element): boolean {
  for (let at: Element | null = element; at !== null; at = parentOf(at)) if (at === level) return true;
  return false;
}
