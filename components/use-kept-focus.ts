import { useLayoutEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';

/**
 * Keeps the keyboard in a place whose content is exchanged: where the focused control has gone with what it was in, the
 * place itself takes the focus. It needs `tabIndex={-1}`.
 * @param content names what is shown; the focus is looked after when it changes
 */
export function useKeptFocus<Place extends HTMLElement>(content: string): RefObject<Place | null> {
  const place = useRef<Place>(null);
  const shown = useRef(content);
  useLayoutEffect(() => {
    if (shown.current === content) return;
    shown.current = content;
    if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  }, [content]);
  return place;
}
