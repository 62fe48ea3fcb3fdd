import { rectOf } from '../../utils/browser/dom.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import { mapBox, chain, UNMOVED } from './boxes.ts';
import type { BoxMap } from './boxes.ts';
import { drawnPath } from './drawn-path.ts';

/** Rounding of a transform that does not turn: far less than a pixel over a whole screen. */
const MAX_SKEW = 1e-6;

/** An element's content box (CSS Box Model): the box within its border and padding. */
export type ContentBox = {
  /** In the element's own CSS pixels, before transforms scale it. */
  readonly width: number;
  readonly height: number;
  /** From those pixels, counted from the box's top left corner, to the document's viewport. */
  readonly toViewport: BoxMap;
};

/**
 * @returns null if the element has no box, or is turned, skewed or in perspective, since then no upright box describes the
 *   place of its picture
 */
export function contentBoxOf(element: Element): ContentBox | null {
  const mirroring = mirroringOf(element);
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
  if (mirroring === null || Math.min(width, height, rect.width, rect.height) <= 0) return null;
  const scaleX = (rect.width / (width + across)) * mirroring;
  const scaleY = rect.height / (height + down);
  return {
    width,
    height,
    toViewport: {
      left: (mirroring < 0 ? rect.right : rect.left) + left * scaleX,
      top: rect.top + top * scaleY,
      scaleX,
      scaleY,
    },
  };
}

/**
 * The video's picture in its document's viewport, as `object-fit` and `object-position` place it. It may be smaller than the
 * content box, or reach beyond it, which cuts it off.
 * @returns null if the styles have values that this function does not know
 */
export function pictureOf(video: HTMLVideoElement, content: ContentBox): PageBox | null {
  const { videoWidth, videoHeight } = video;
  const style = getComputedStyle(video);
  const isOfSameNetworks = ['', 'none'].includes(style.getPropertyValue('object-view-box'));
  const [x, y] = (style.objectPosition.match(/calc\([^)]*\)|\S+/g) ?? []).map(positionOf);
  if (!isOfSameNetworks || !x || !y || videoWidth === 0 || videoHeight === 0) return null;
  const [width, height] = fitted(style.objectFit, videoWidth, videoHeight, content);
  return mapBox(content.toViewport, {
    left: (content.width - width) * x.share + x.pixels,
    top: (content.height - height) * y.share + y.pixels,
    width,
    height,
  });
}

/** CSS Images 3, "object-fit". */
function fitted(
  fit: string,
  videoWidth: number,
  videoHeight: number,
  { width, height }: ContentBox,
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

/** 1; -1 if the element is drawn mirrored, as the user's own camera often is; null if turned, skewed or in perspective. */
function mirroringOf(element: Element): 1 | -1 | null {
  let mirroring: 1 | -1 = 1;
  for (const each of drawnPath(element)) {
    const { transform, rotate, scale, translate, offsetPath } = getComputedStyle(each);
    const [scaleX = 1, scaleY = scaleX] = scale === 'none' ? [] : scale.split(' ').map(Number);
    const matrix = new DOMMatrixReadOnly(transform);
    const isUpright =
      /^(?:none|0deg)$/.test(rotate) &&
      // A path turns the element as well.
      offsetPath === 'none' &&
      // A third value moves the element out of the page's plane.
      translate.split(' ').length < 3 &&
      isWithoutTurn(matrix) &&
      matrix.m22 * scaleY > 0;
    if (!isUpright) return null;
    if (matrix.m11 * scaleX < 0) mirroring = mirroring === 1 ? -1 : 1;
  }
  return mirroring;
}

function isWithoutTurn(matrix: DOMMatrixReadOnly): boolean {
  const { m12, m13, m14, m21, m23, m24, m31, m32, m34, m43 } = matrix;
  return [m12, m13, m14, m21, m23, m24, m31, m32, m34, m43].every((each) => Math.abs(each) < MAX_SKEW);
}

/** A frame element in its document, and the map from the document inside it to the viewport of its own document. */
export type FrameAround = { readonly element: Element; readonly toViewport: BoxMap };

/** A frame knows its size in whole pixels. */
const MAX_ROUNDING_PIXELS = 1;

/** The frames around this document, innermost first; null if one is of another origin, turned or skewed. */
export function framesAround(): readonly FrameAround[] | null {
  const frames: FrameAround[] = [];
  try {
    for (let frame: Window = window; frame !== frame.top; frame = frame.parent) {
      const element = frame.frameElement;
      const content = element && contentBoxOf(element);
      if (!element || !content || !isAsLargeAs(frame, content)) return null;
      frames.push({ element, toViewport: content.toViewport });
    }
    return frames;
  } catch {
    // A frame of another origin may not be asked (HTML, "cross-origin properties").
    return null;
  }
}

/** Maps this document's boxes to the tab's visible page. */
export function mapToTop(frames: readonly FrameAround[]): BoxMap {
  const pinch = window.top?.visualViewport;
  const ofPinch: BoxMap = pinch
    ? {
        left: -pinch.offsetLeft * pinch.scale,
        top: -pinch.offsetTop * pinch.scale,
        scaleX: pinch.scale,
        scaleY: pinch.scale,
      }
    : UNMOVED;
  return chain(
    frames.reduce((map, { toViewport }) => chain(map, toViewport), UNMOVED),
    ofPinch,
  );
}

/** Whether a document is as large as its frame. If not, CSS `zoom` scales the pixels between the two. */
function isAsLargeAs(
  { innerWidth, innerHeight }: Window,
  { width, height }: { readonly width: number; readonly height: number },
): boolean {
  return (
    Math.abs(innerWidth - width) <= MAX_ROUNDING_PIXELS &&
    Math.abs(innerHeight - height) <= MAX_ROUNDING_PIXELS
  );
}
