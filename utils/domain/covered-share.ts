import type { PageBox } from './content-messages.ts';

/** The share is counted at the places of a grid with so many along each side, since boxes may overlap. */
const PLACES = 48;

/** How much of a box is covered, 0 to 1; 0 of an empty one. */
export function coveredShare(box: PageBox, covers: readonly PageBox[]): number {
  if (!(box.width > 0 && box.height > 0)) return 0;
  let count = 0;
  for (let at = 0; at < PLACES * PLACES; at++) {
    const x = box.left + (((at % PLACES) + 0.5) / PLACES) * box.width;
    const y = box.top + ((Math.floor(at / PLACES) + 0.5) / PLACES) * box.height;
    const isCovered = covers.some(
      ({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height,
    );
    if (isCovered) count++;
  }
  return count / PLACES ** 2;
}
