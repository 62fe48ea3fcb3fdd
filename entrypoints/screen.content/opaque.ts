import { opacityOf } from './drawn-path.ts';

/** Opacity from which a layer hides the video: fades and translucent controls below it let the picture through. */
export const OPAQUE_FROM = 0.5;

const PICTURES = /^(?:IMG|CANVAS|VIDEO|IFRAME|OBJECT|EMBED|image)$/;
/** Elements of SVG, whose names are in lower case. */
const SHAPES = /^(?:rect|path|circle|ellipse|polygon)$/;
export const PSEUDO_ELEMENTS = ['::before', '::after'] as const;
/** A pseudo-element's place is unknown. A smaller one is a symbol somewhere in the element. */
const MIN_PSEUDO_SHARE = 0.5;

/**
 * Whether an element hides the picture beneath it.
 * @param isOwnBeneath tests only the element's pseudo-elements, since its own background lies beneath the picture
 */
export function isOpaque(element: Element, isOwnBeneath = false): boolean {
  if (getComputedStyle(element).visibility !== 'visible') return false;
  const own = isOwnBeneath ? 0 : paintOf(element);
  const paint = Math.max(own, ...PSEUDO_ELEMENTS.map((each) => pseudoPaintOf(element, each)));
  return paint >= OPAQUE_FROM && paint * opacityOf(element) >= OPAQUE_FROM;
}

/** The alpha of an element's own paint, 0 to 1, without its opacity. */
function paintOf(element: Element): number {
  const style = getComputedStyle(element);
  if (PICTURES.test(element.tagName)) return 1;
  if (SHAPES.test(element.tagName)) return alphaOf(style.fill) * Number(style.fillOpacity);
  return backgroundPaint(style);
}

function backgroundPaint({ backgroundColor, backgroundImage, backdropFilter }: CSSStyleDeclaration): number {
  // A picture hides the video, and a filter changes it.
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
