import { rectOf, rootOf, slotOf } from '../../utils/browser/dom.ts';
import { elementsAt, elementsIn } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import { around, chain, inverse, mapBox, UNMOVED, boxOf, overlap } from './boxes.ts';
import type { BoxMap } from './boxes.ts';
import {
  drawnPath,
  takesPointer,
  isOpaque,
  isInTopLayer,
  PSEUDO_ELEMENTS,
  pseudoPaintOf,
  OPAQUE_FROM,
  stackLevelOf,
} from './drawn-path.ts';
import type { FrameAround } from './content-box.ts';

/** The grid of points at which the page is tested for covers: about one for each tenth of the video's width. */
const COLUMNS = 12;
const ROWS = 8;

/** More boxes than this are reported as the one box around them. */
const MAX_BOXES = 64;

/** The video, or a frame element around it. */
type Layer = {
  readonly target: Element;
  /** From the viewport of the video's document to that of the target's document. */
  readonly toTarget: BoxMap;
};

/**
 * The parts of the picture over which the page lays something opaque: captions, pictures, dialogs. Covers that a pointer hits
 * are reported as cells of a grid, covers that let the pointer through as whole boxes.
 * @param frames around the video, innermost first
 * @param seen the visible part of the picture; like the result in the viewport of the video's document
 */
export function coveredBoxes(
  video: HTMLVideoElement,
  frames: readonly FrameAround[],
  seen: PageBox,
): readonly PageBox[] {
  if (!(seen.width > 0 && seen.height > 0)) return [];
  const layers: Layer[] = [{ target: video, toTarget: UNMOVED }];
  for (const { element, toViewport } of frames) {
    layers.push({ target: element, toTarget: chain(layers.at(-1)!.toTarget, toViewport) });
  }
  const unhit = layers.flatMap(({ target, toTarget }) =>
    unhitCovers(target, mapBox(toTarget, seen)).map((box) => mapBox(inverse(toTarget), box)),
  );
  return [...coveredCells(layers, seen), ...(unhit.length > MAX_BOXES ? [around(unhit)] : unhit)];
}

function coveredCells(layers: readonly Layer[], seen: PageBox): PageBox[] {
  const cells: PageBox[] = [];
  const width = seen.width / COLUMNS;
  const height = seen.height / ROWS;
  const tests = layers.map(({ target, toTarget }) => ({ toTarget, isCoveredAt: hitTest(target) }));
  for (let at = 0; at < COLUMNS * ROWS; at++) {
    const left = seen.left + (at % COLUMNS) * width;
    const top = seen.top + Math.floor(at / COLUMNS) * height;
    const isCovered = tests.some(({ toTarget, isCoveredAt }) => {
      const middle = mapBox(toTarget, { left: left + width / 2, top: top + height / 2, width: 0, height: 0 });
      return isCoveredAt({ x: middle.left, y: middle.top });
    });
    if (isCovered) cells.push({ left, top, width, height });
  }
  return cells;
}

/** Tells whether the page hides an element at a point, by what a pointer would hit in the element's document. */
function hitTest(target: Element): (point: Point) => boolean {
  const path = new Set(drawnPath(target));
  const root = innermostRoot(target);
  const isHit = takesPointer(target);
  return (point) => {
    const hit = root.elementsFromPoint(point.x, point.y);
    const place = hit.indexOf(target);
    if (place === -1) {
      // An element that takes the pointer is cut off here, or under a modal dialog. For one that lets the pointer through, the
      // list does not tell which elements lie over it.
      return isHit || hit.some((element) => !path.has(element) && hidesAt(element, point));
    }
    const beneath = hit.slice(place + 1);
    // An ancestor of the video comes before it with a pseudo-element, and again after it with its background.
    return hit
      .slice(0, place)
      .some((element) =>
        path.has(element) ? isOpaque(element, beneath.includes(element)) : hidesAt(element, point),
      );
  };
}

/** Whether an element or its shadow tree is opaque at a point; the list of an outer tree names only the host. */
function hidesAt(element: Element, point: Point): boolean {
  if (isOpaque(element)) return true;
  const { shadowRoot } = element;
  return shadowRoot !== null && elementsAt(shadowRoot, point).some((inner) => isOpaque(inner));
}

/** The tree of the innermost slot of an element: only this tree's list orders everything around the element as drawn. */
function innermostRoot(element: Element): Document | ShadowRoot {
  let innermost = element;
  for (let slot = slotOf(innermost); slot !== null; slot = slotOf(innermost)) innermost = slot;
  return rootOf(innermost) as Document | ShadowRoot;
}

/** A long feed has 10,000 elements. Larger documents are searched up to this many. */
const MAX_ELEMENTS = 50_000;

/**
 * The boxes of opaque elements that lie over an element and let the pointer through, so that no hit test finds them: captions,
 * watermarks, fading posters. A box counts as a whole, even if a container cuts it off.
 * @param seen the visible part of the element; like the result in its document's viewport
 */
function unhitCovers(target: Element, seen: PageBox): PageBox[] {
  const path = drawnPath(target);
  const found: PageBox[] = [];
  let count = 0;
  for (const element of elementsIn(target.ownerDocument)) {
    if (++count > MAX_ELEMENTS) break;
    const box = overlap(boxOf(rectOf(element)), seen);
    // The cheap test comes first: most of a page lies elsewhere.
    if (box.width < 1 || box.height < 1) continue;
    const isOver = path.includes(element)
      ? element !== target && isGeneratedOver(element, target, path)
      : !takesPointer(element) && isOpaque(element) && isPaintedOver(element, path);
    if (isOver) found.push(box);
  }
  return found;
}

/**
 * Whether an element is painted over another: on a higher level, or later on the same one (CSS 2.2, appendix E).
 * @param path of the other element
 */
function isPaintedOver(element: Element, path: readonly Element[]): boolean {
  const own = drawnPath(element);
  const shared = own.find((each) => path.includes(each));
  // One of the two elements is in the top layer.
  if (shared === undefined) return isInTopLayer(own.at(-1)!);
  const branch = own.slice(0, own.indexOf(shared));
  const otherBranch = path.slice(0, path.indexOf(shared));
  const [top, otherTop] = [branch.at(-1), otherBranch.at(-1)];
  // The content of a video or frame element is drawn only if the browser can't show the video or frame.
  if (top === undefined || otherTop === undefined) return false;
  const [level, otherLevel] = [stackLevelOf(branch), stackLevelOf(otherBranch)];
  const isLater = (otherTop.compareDocumentPosition(top) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  return level > otherLevel || (level === otherLevel && isLater);
}

/** Whether an ancestor has an opaque pseudo-element over the target, and one of the two lets the pointer through. */
function isGeneratedOver(holder: Element, target: Element, path: readonly Element[]): boolean {
  const level = stackLevelOf(path.slice(0, path.indexOf(holder)));
  return PSEUDO_ELEMENTS.some((pseudo) => {
    const style = getComputedStyle(holder, pseudo);
    if (style.pointerEvents !== 'none' && takesPointer(target)) return false;
    if (pseudoPaintOf(holder, pseudo) < OPAQUE_FROM) return false;
    const ownLevel = style.position === 'static' ? -0.5 : Number(style.zIndex) || 0;
    return ownLevel > level || (ownLevel === level && pseudo === '::after');
  });
}

/** Often an ancestor a few elements above the video has the rounded corners. */
const MAX_ANCESTORS = 6;

/** Squares in the corners that a radius cuts off, of the video or of an ancestor of its size; in its document's viewport. */
export function roundedCorners(video: HTMLVideoElement): PageBox[] {
  const box = rectOf(video);
  let radius = 0;
  for (const element of drawnPath(video).slice(0, MAX_ANCESTORS)) {
    const rect = rectOf(element);
    const isOfTheVideo = Math.abs(rect.width - box.width) < 2 && Math.abs(rect.height - box.height) < 2;
    if (isOfTheVideo && (element === video || getComputedStyle(element).overflow !== 'visible')) {
      radius = Math.max(radius, largestRadius(element, rect));
    }
  }
  // The largest square between a quarter circle and its corner.
  const side = Math.min(radius, box.width / 2, box.height / 2) * (1 - Math.SQRT1_2);
  if (side < 1) return [];
  const [right, bottom] = [box.right - side, box.bottom - side];
  return [box.left, right].flatMap((left) =>
    [box.top, bottom].map((top) => ({ left, top, width: side, height: side })),
  );
}

/** The largest radius of the four corners, in the viewport's CSS pixels. */
function largestRadius(element: Element, rect: DOMRect): number {
  const style = getComputedStyle(element);
  // A transform scales the corners with the element.
  const scale = rect.width / (Number.parseFloat(style.width) || rect.width);
  const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right'].map((corner) => {
    const text = style.getPropertyValue(`border-${corner}-radius`);
    const value = Number.parseFloat(text) || 0;
    return text.includes('%') ? (value / 100) * Math.max(rect.width, rect.height) : value * scale;
  });
  return Math.max(...corners);
}
