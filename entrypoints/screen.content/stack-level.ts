/** Between elements with a negative `z-index` and positioned ones (CSS 2.2, appendix E). */
const IN_FLOW = -0.5;

/** The other properties that make an element a stacking context of level 0, each with the value that does not. */
const STACKING: readonly (readonly [string, string])[] = [
  ['opacity', '1'],
  ['transform', 'none'],
  ['rotate', 'none'],
  ['scale', 'none'],
  ['translate', 'none'],
  ['perspective', 'none'],
  ['filter', 'none'],
  ['backdrop-filter', 'none'],
  ['clip-path', 'none'],
  ['mask-image', 'none'],
  ['isolation', 'auto'],
  ['mix-blend-mode', 'normal'],
  ['will-change', 'auto'],
  ['contain', 'none'],
  ['container-type', 'normal'],
];

/**
 * The level on which an element is painted within the parent of the last element of its path: that of the outermost stacking
 * context in the path, with which everything inside is painted.
 * @param path innermost first, without the ancestors that the compared elements share
 */
export function stackLevelOf(path: readonly Element[]): number {
  let level = IN_FLOW;
  for (const element of path.toReversed()) {
    const style = getComputedStyle(element);
    const isPositioned = style.position !== 'static';
    if (style.zIndex !== 'auto' && (isPositioned || isItem(element))) return Number(style.zIndex);
    const isContext =
      /^(?:fixed|sticky)$/.test(style.position) ||
      STACKING.some(([name, initial]) => ![initial, ''].includes(style.getPropertyValue(name)));
    if (isContext) return 0;
    // Stacking contexts inside it may still have another level.
    if (isPositioned) level = 0;
  }
  return level;
}

/** Whether an element is an item of a flex box or grid, to which `z-index` applies without a position. */
function isItem({ parentElement }: Element): boolean {
  return parentElement !== null && /flex|grid/.test(getComputedStyle(parentElement).display);
}
