import { matches, rectOf } from './dom.ts';
import { flatParentOf, isOpenLayer } from './page-elements.ts';
import type { PageBox } from '../domain/content-messages.ts';
import type { BoxMap } from './boxes.ts';

/**
 * The element and the ancestors with which it is drawn, innermost first: each of them fades, scales and turns the element
 * with itself. The path ends with an element of the top layer, which the browser draws by itself (HTML, "top layer").
 */
export function drawnPath(element: Element): readonly Element[] {
  const path: Element[] = [];
  for (let at: Element | null = element; at !== null; at = isInTopLayer(at) ? null : flatParentOf(at)) {
    // These are mostly slots: without a box they have neither opacity nor transform.
    if (getComputedStyle(at).display !== 'contents') path.push(at);
  }
  return path;
}

export function isInTopLayer(element: Element): boolean {
  return isOpenLayer(element) || matches(element, ':fullscreen');
}

/** The rounding error of a transform that does not turn: far less than a pixel over a whole screen. */
const MAX_SKEW = 1e-6;

/** A map of the plane as CSS writes it: `matrix(a, b, c, d, e, f)`. */
export type PlaneMap = Readonly<Record<'a' | 'b' | 'c' | 'd' | 'e' | 'f', number>>;

/** An element's content box (CSS Box Model): the box within its border and padding. */
export type ContentBox = {
  /** In the element's own CSS pixels, before transforms scale it. */
  readonly width: number;
  readonly height: number;
  /** Maps those pixels, counted from the box's top left corner, to the document's viewport. */
  readonly toViewport: PlaneMap;
};

/** @returns null if the element has no box, or is in perspective or on a path */
export function contentBoxOf(element: Element): ContentBox | null {
  const turn = turnOf(element);
  const rect = rectOf(element);
  const style = getComputedStyle(element);
  const pixels = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (Number.parseFloat(style.getPropertyValue(name)) || 0), 0);
  const [left, top] = [
    pixels('border-left-width', 'padding-left'),
    pixels('border-top-width', 'padding-top'),
  ];
  const across = left + pixels('border-right-width', 'padding-right');
  const down = top + pixels('border-bottom-width', 'padding-bottom');
  const isBorderBox = style.boxSizing === 'border-box';
  // `offsetWidth` would be rounded to a whole number.
  const width = pixels('width') - (isBorderBox ? across : 0);
  const height = pixels('height') - (isBorderBox ? down : 0);
  if (turn === null || Math.min(width, height, rect.width, rect.height) <= 0) return null;
  const [outerWidth, outerHeight] = [width + across, height + down];
  // CSS zoom scales the rectangle, and no transform tells of it.
  const zoomX = rect.width / (Math.abs(turn.a) * outerWidth + Math.abs(turn.c) * outerHeight);
  const zoomY = rect.height / (Math.abs(turn.b) * outerWidth + Math.abs(turn.d) * outerHeight);
  const [a, b, c, d] = [turn.a * zoomX, turn.b * zoomY, turn.c * zoomX, turn.d * zoomY];
  // Any map of the plane keeps the middle of the box in the middle of the rectangle around it.
  const [x, y] = [left - outerWidth / 2, top - outerHeight / 2];
  const e = rect.left + rect.width / 2 + a * x + c * y;
  const f = rect.top + rect.height / 2 + b * x + d * y;
  return { width, height, toViewport: { a, b, c, d, e, f } };
}

/**
 * The map of the box along each axis; null if the box is turned, skewed or upside down. A mirrored box has a negative
 * scale.
 */
export function uprightMap({ toViewport: { a, b, c, d, e, f } }: ContentBox): BoxMap | null {
  const isUpright = Math.abs(b) < MAX_SKEW && Math.abs(c) < MAX_SKEW && d > 0;
  return isUpright ? { left: e, top: f, scaleX: a, scaleY: d } : null;
}

/**
 * The video's picture in its content box, in the box's own pixels, as `object-fit` and `object-position` place it. It may be
 * smaller than the content box, or reach beyond it, which cuts it off.
 * @returns null if the styles have values that this function does not know
 */
export function pictureOf(
  video: HTMLVideoElement,
  content: Pick<ContentBox, 'width' | 'height'>,
): PageBox | null {
  const { videoWidth, videoHeight } = video;
  const style = getComputedStyle(video);
  const isWhole = ['', 'none'].includes(style.getPropertyValue('object-view-box'));
  const [x, y] = (style.objectPosition.match(/calc\([^)]*\)|\S+/g) ?? []).map(positionOf);
  if (!isWhole || !x || !y || videoWidth === 0 || videoHeight === 0) return null;
  const [width, height] = fitted(style.objectFit, videoWidth, videoHeight, content);
  return {
    left: (content.width - width) * x.share + x.pixels,
    top: (content.height - height) * y.share + y.pixels,
    width,
    height,
  };
}

/** CSS Images 3, "object-fit". */
function fitted(
  fit: string,
  videoWidth: number,
  videoHeight: number,
  { width, height }: Pick<ContentBox, 'width' | 'height'>,
): readonly [number, number] {
  const factors = [width / videoWidth, height / videoHeight];
  const contained = Math.min(...factors);
  const by = (factor: number): readonly [number, number] => [videoWidth * factor, videoHeight * factor];
  switch (fit) {
    case 'contain':
      return by(contained);
    case 'cover':
      return by(Math.max(...factors));
    case 'none':
      return by(1);
    case 'scale-down':
      return by(Math.min(1, contained));
    default:
      return [width, height];
  }
}

/** One axis of a computed `object-position`: `50%`, `10px` or `calc(100% - 10px)`; null for other values. */
function positionOf(text: string): { readonly share: number; readonly pixels: number } | null {
  const parts = /^(?:calc\()?(?:(-?[\d.]+)%)?(?: ?([+-]) )?(?:(-?[\d.]+)px)?\)?$/.exec(text);
  if (parts === null) return null;
  const [, share = '0', sign = '+', pixels = '0'] = parts;
  return { share: Number(share) / 100, pixels: Number(pixels) * (sign === '-' ? -1 : 1) };
}

/** The part of an element's map to the viewport that turns and scales it; null in perspective or on a path. */
function turnOf(element: Element): Omit<PlaneMap, 'e' | 'f'> | null {
  let whole = new DOMMatrix();
  for (const each of drawnPath(element)) {
    const { transform, rotate, scale, translate, offsetPath } = getComputedStyle(each);
    const [scaleX = 1, scaleY = scaleX] = scale === 'none' ? [] : scale.split(' ').map(Number);
    const matrix = new DOMMatrixReadOnly(transform);
    // A path turns the element as well.
    const isFlat =
      /^(?:none|[-+.e\d]+deg)$/.test(rotate) &&
      offsetPath === 'none' &&
      // A third value moves the element out of the page's plane.
      translate.split(' ').length < 3 &&
      isWithoutDepth(matrix);
    if (!isFlat) return null;
    // CSS Transforms 2, "current transformation matrix".
    const own = new DOMMatrix()
      .rotateSelf(Number.parseFloat(rotate) || 0)
      .scaleSelf(scaleX, scaleY)
      .multiplySelf(matrix);
    whole = own.multiplySelf(whole);
  }
  const { a, b, c, d } = whole;
  return { a, b, c, d };
}

function isWithoutDepth(matrix: DOMMatrixReadOnly): boolean {
  const { m13, m14, m23, m24, m31, m32, m34, m43 } = matrix;
  return [m13, m14, m23, m24, m31, m32, m34, m43].every((each) => Math.abs(each) < MAX_SKEW);
}
