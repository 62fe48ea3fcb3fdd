/** Between what has a negative `z-index` and what is positioned (CSS 2.2, appendix E). */
const IN_FLOW = -0.5;

/** What else makes an element a stacking context of level 0, by property, and the value with which it does not. */
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
 * On which level an element is painted within what holds the last of its path: that of the outermost stacking context in the
 * path, since all within is painted with it.
 * @param path innermost first, without what both sides share
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
    // Those within it may still rise above it, or lie beneath.
    if (isPositioned) level = 0;
  }
  return level;
}

/** To items of flex boxes and grids `z-index` applies without a position. */
function isItem({ parentElement }: Element): boolean {
  return parentElement !== null && /flex|grid/.test(getComputedStyle(parentElement).display);
}
