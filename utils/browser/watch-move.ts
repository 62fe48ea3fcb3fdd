import { documentElementOf, rectOf } from './dom.ts';

/** If a container cuts the element off, each hundredth of it that appears or disappears is noticed. */
const THRESHOLDS = Array.from({ length: 101 }, (_, index) => index / 100);

/**
 * Calls back once when an element leaves its place, without polling. `rootMargin` shrinks the observed part of the viewport
 * to the element's place, so that the element crosses its edge with any move (IntersectionObserver, "root intersection
 * rectangle").
 */
export function watchForMove(element: Element, onMove: () => void, signal: AbortSignal): void {
  const { left, top, right, bottom } = rectOf(element);
  const { clientWidth, clientHeight } = documentElementOf(document);
  // Rounded outwards, so that the element lies within while it does not move.
  const inset = [top, clientWidth - right, clientHeight - bottom, left]
    .map((edge) => `${String(-Math.floor(edge))}px`)
    .join(' ');
  let isFirst = true;
  const observer = new IntersectionObserver(
    ([entry]) => {
      const box = entry?.boundingClientRect;
      const hasMoved = box === undefined || Math.abs(box.left - left) >= 1 || Math.abs(box.top - top) >= 1;
      // The first call reports the present place, which is a move only if it differs from the measured one.
      if (isFirst && !hasMoved) {
        isFirst = false;
        return;
      }
      observer.disconnect();
      onMove();
    },
    // The root is the document, since margins of the implicit root have no effect in frames.
    { root: document, rootMargin: inset, threshold: THRESHOLDS },
  );
  observer.observe(element);
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
}
