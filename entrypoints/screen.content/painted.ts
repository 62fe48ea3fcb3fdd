import { matches } from '../../utils/browser/dom.ts';
import { drawnPath } from '../../utils/browser/content-box.ts';
import { dataBackgroundOf } from './picture-alpha.ts';

/** 0 to 1: the element's own opacity times that of its ancestors. */
export function opacityOf(element: Element): number {
  return drawnPath(element).reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1);
}

/** Whether a pointer can hit an element; other elements are in no list of a hit test. */
export function takesPointer(element: Element): boolean {
  return (
    getComputedStyle(element).pointerEvents !== 'none' &&
    drawnPath(element).every((each) => !matches(each, '[inert]'))
  );
}

/**
 * The least opacity of a layer that hides the video. Fades and translucent controls have less, and show the picture
 * through.
 */
export const OPAQUE_FROM = 0.5;

/** Elements of SVG, whose names are in lower case. */
const SHAPES = /^(?:rect|path|circle|ellipse|polygon)$/;
export const PSEUDO_ELEMENTS = ['::before', '::after'] as const;
/** A pseudo-element's place is unknown. A smaller one is a symbol somewhere in the element. */
const MIN_PSEUDO_SHARE = 0.5;

/**
 * Whether an element hides the picture beneath it.
 * @param options.isOwnBeneath tests only the element's pseudo-elements, since its own background lies beneath the picture
 * @param options.from the opacity that counts
 * @param options.isPictureDrawn whether the picture, if the element is one, draws at the place in question
 */
export function isOpaque(
  element: Element,
  { isOwnBeneath = false, from = OPAQUE_FROM, isPictureDrawn = false }: PaintOptions = {},
): boolean {
  if (getComputedStyle(element).visibility !== 'visible') return false;
  const own = isOwnBeneath ? 0 : isPictureDrawn ? 1 : paintOf(element);
  const paint = Math.max(own, ...PSEUDO_ELEMENTS.map((each) => pseudoPaintOf(element, each)));
  return paint >= from && paint * opacityOf(element) >= from;
}

export type PaintOptions = {
  readonly isOwnBeneath?: boolean;
  readonly from?: number;
  readonly isPictureDrawn?: boolean;
};

/** The alpha of an element's own paint, 0 to 1, without its opacity and the picture that it may have. */
function paintOf(element: Element): number {
  const style = getComputedStyle(element);
  if (SHAPES.test(element.tagName)) return alphaOf(style.fill) * Number(style.fillOpacity);
  // Where a picture in the style draws is read by itself.
  return dataBackgroundOf(style) === null ? backgroundPaint(style) : alphaOf(style.backgroundColor);
}

function backgroundPaint({ backgroundColor, backgroundImage, backdropFilter }: CSSStyleDeclaration): number {
  // A picture in the style counts as opaque, and so does a filter, which changes the video under it.
  if (backgroundImage.includes('url(') || !['', 'none'].includes(backdropFilter)) return 1;
  const stops = backgroundImage.match(/(?:rgba?|color)\([^)]*\)/g) ?? [];
  // A gradient counts by its most transparent stop.
  const gradient = stops.length === 0 ? 0 : Math.min(...stops.map(alphaOf));
  return Math.max(gradient, alphaOf(backgroundColor));
}

/** The alpha of an element's pseudo-element alone, 0 to 1. */
export function pseudoPaintOf(element: Element, pseudo: (typeof PSEUDO_ELEMENTS)[number]): number {
  const style = getComputedStyle(element, pseudo);
  if (/^(?:none|normal)$/.test(style.content) || style.visibility !== 'visible') return 0;
  const [width, height] = [Number.parseFloat(style.width), Number.parseFloat(style.height)];
  const { clientWidth, clientHeight } = element;
  // Inline pseudo-elements have no size, and only small backgrounds.
  if (!(width * height >= MIN_PSEUDO_SHARE * clientWidth * clientHeight)) return 0;
  const paint = style.content.includes('url(') ? 1 : backgroundPaint(style);
  return paint * Number(style.opacity);
}

/** CSS Color 4, resolved values: `none`, `rgb(r, g, b)`, `rgba(r, g, b, a)`, `color(space a b c / a)`. */
function alphaOf(colour: string): number {
  if (colour === 'none') return 0;
  const alpha = /^rgba\(.*,\s*([\d.]+)\)$/.exec(colour)?.[1] ?? /\/\s*([\d.]+)\)$/.exec(colour)?.[1];
  return alpha === undefined ? 1 : Number(alpha);
}

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
