import { useLayoutEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';

/**
 * Keeps the keyboard's focus in an element whose content is replaced: when the focused control disappears, the element itself
 * takes the focus, and Tab continues from there. The element needs `tabIndex={-1}`.
 */
export function useKeptFocus<Place extends HTMLElement>(): RefObject<Place | null> {
  const place = useRef<Place>(null);
  // Read before the old content is replaced.
  const hadFocus = place.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (hadFocus && document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  });
  return place;
}
