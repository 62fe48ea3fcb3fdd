/** The element around this one, out of shadow trees as well; of a frame's document, too, whose classes are not ours. */
export function parentOf(element: Element): Element | null {
  return element.parentElement ?? (element.getRootNode() as Partial<ShadowRoot>).host ?? null;
}
