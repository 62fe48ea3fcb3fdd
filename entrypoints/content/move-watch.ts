/** Where a part of the element is cut off, every hundredth of it that comes or goes is noticed. */
const THRESHOLDS = Array.from({ length: 101 }, (_, index) => index / 100);

/**
 * Tells once when an element leaves its place, without looking: the viewport is cut down to just that place by `rootMargin`,
 * so that the element crosses its edge with any move (IntersectionObserver, "root intersection rectangle").
 * @returns stops watching
 */
export function watchForMoves(element: Element, onMove: () => void): () => void {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  // Rounded outwards: at rest the element lies within.
  const inset = [top, clientWidth - right, clientHeight - bottom, left]
    .map((edge) => `${String(-Math.floor(edge))}px`)
    .join(' ');
  let isFirst = true;
  const observer = new IntersectionObserver(
    ([entry]) => {
      const box = entry?.boundingClientRect;
      const hasMoved = box === undefined || Math.abs(box.left - left) >= 1 || Math.abs(box.top - top) >= 1;
      // The first call only says how things are; it is a move if there was one since they were measured.
      if (isFirst && !hasMoved) {
        isFirst = false;
        return;
      }
      observer.disconnect();
      onMove();
    },
    // The document as the root, since margins of the implicit one have no effect in frames.
    { root: document, rootMargin: inset, threshold: THRESHOLDS },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
