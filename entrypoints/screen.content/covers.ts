import { elementsFromPoint, rectOf, rootOf, shadowRootOf, slotOf } from '../../utils/browser/dom.ts';
import { inWorld } from '../../utils/browser/frame-world.ts';
import { elementsAt, elementsIn } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import { chain, inverse, mapBox, UNMOVED, boxOf, overlap } from '../../utils/browser/boxes.ts';
import type { BoxMap } from '../../utils/browser/boxes.ts';
import { drawnPath, isInTopLayer } from '../../utils/browser/content-box.ts';
import {
  takesPointer,
  isOpaque,
  PSEUDO_ELEMENTS,
  pseudoPaintOf,
  OPAQUE_FROM,
  stackLevelOf,
} from './painted.ts';
import type { PaintOptions } from './painted.ts';
import type { FrameAround } from './frames-around.ts';
import { drawnBoxes, drawsAt } from './picture-alpha.ts';
import type { PictureReader } from './picture-alpha.ts';

/** The grid of points at which the page is tested for covers: about one for each tenth of the video's width. */
const COLUMNS = 12;
const ROWS = 8;

/** More boxes than this are reported as cells of the grid. */
const MAX_BOXES = 64;

/** The video, or a frame element around it. */
type Layer = {
  readonly target: Element;
  /** Maps the viewport of the video's document to that of the target's document. */
  readonly toTarget: BoxMap;
};

function layersOf(video: HTMLVideoElement, frames: readonly FrameAround[]): readonly Layer[] {
  const layers: Layer[] = [{ target: video, toTarget: UNMOVED }];
  for (const { element, toViewport } of frames) {
    layers.push({ target: element, toTarget: chain(layers.at(-1)!.toTarget, toViewport) });
  }
  return layers;
}

/** The elements of one document that may cover the picture. */
type LayerSearch = {
  /** The elements whose boxes overlap the target's. */
  readonly near: readonly Element[];
  /** The elements under the middle of each cell of the grid, topmost first. */
  readonly hits: readonly (readonly Element[])[];
};

export type CoverSearch = {
  /** The searches for the video and for each frame element around it, innermost first. */
  readonly layers: readonly LayerSearch[];
  /** The cells of the grid, counted from the video's left and top. */
  readonly cells: readonly PageBox[];
};

/** A long feed has 10,000 elements. Larger documents are searched up to this many. */
const MAX_ELEMENTS = 50_000;
/** Half of an animation frame at 60 Hz: the page has the other half. */
const SLICE_MILLISECONDS = 8;
/** Elements between two reads of the clock. Their work takes some tenths of a millisecond. */
const SLICE_ELEMENTS = 32;

/**
 * Finds the elements that may cover a video's picture. A page of 10,000 elements takes a tenth of a second, so the search
 * yields to the page after each {@link SLICE_MILLISECONDS}. The video may move meanwhile.
 * @param seen the visible part of the picture, in the viewport of the video's document
 * @param yielded resolves in a later animation frame
 */
export async function searchCovers(
  video: HTMLVideoElement,
  frames: readonly FrameAround[],
  { seen, yielded }: { readonly seen: PageBox; readonly yielded: () => Promise<void> },
): Promise<CoverSearch> {
  let sliceEnd = performance.now() + SLICE_MILLISECONDS;
  const hasYielded = async (): Promise<boolean> => {
    if (performance.now() <= sliceEnd) return false;
    await yielded();
    sliceEnd = performance.now() + SLICE_MILLISECONDS;
    return true;
  };

  const findNear = async (target: Element): Promise<readonly Element[]> => {
    const near: Element[] = [];
    let around = boxOf(rectOf(target));
    let count = 0;
    for (const element of elementsIn(target.ownerDocument)) {
      if (++count > MAX_ELEMENTS) break;
      if (count % SLICE_ELEMENTS === 0 && (await hasYielded())) around = boxOf(rectOf(target));
      const { width, height } = overlap(boxOf(rectOf(element)), around);
      if (width >= 1 && height >= 1) near.push(element);
    }
    return near;
  };

  const cells = cellsOf(fromCorner(seen, video));
  const findHits = async ({ target, toTarget }: Layer): Promise<readonly Element[][]> => {
    const root = innermostRoot(target);
    const hits: Element[][] = [];
    for (const cell of cells) {
      await hasYielded();
      const { left, top } = mapBox(toTarget, pointBox(middleOf(toViewport(cell, video))));
      hits.push(elementsFromPoint(root, left, top));
    }
    return hits;
  };

  const layers: LayerSearch[] = [];
  for (const layer of layersOf(video, frames)) {
    layers.push({ near: await findNear(layer.target), hits: await findHits(layer) });
  }
  return { layers, cells };
}

/** The distance of a box in the viewport from an element's left and top. */
function fromCorner(box: PageBox, element: Element): PageBox {
  const { left, top } = rectOf(element);
  return { ...box, left: box.left - left, top: box.top - top };
}

function toViewport(box: PageBox, element: Element): PageBox {
  const { left, top } = rectOf(element);
  return { ...box, left: box.left + left, top: box.top + top };
}

/**
 * The parts of the picture over which the page lays something opaque: captions, pictures, dialogs. Covers that a
 * pointer hits are reported as cells of a grid, covers that let the pointer through as whole boxes.
 * @param frames around the video, innermost first
 * @param options.seen the visible part of the picture, in the viewport of the video's document; the result is in the
 *   same pixels
 * @param options.from the least opacity that counts. A low one finds layers that tint the picture as well
 */
export function coveredBoxes(
  video: HTMLVideoElement,
  frames: readonly FrameAround[],
  options: {
    readonly search: CoverSearch;
    readonly seen: PageBox;
    readonly pictures: PictureReader;
    readonly from?: number;
  },
): readonly PageBox[] {
  const { search, seen, pictures, from = OPAQUE_FROM } = options;
  if (!(seen.width > 0 && seen.height > 0)) return [];
  const paint = createPaintTest(from, pictures);
  const cells = search.cells.map((cell) => toViewport(cell, video));
  const isCellCovered = cells.map(() => false);
  const unhit: PageBox[] = [];
  layersOf(video, frames).forEach((layer, depth) => {
    const { near, hits } = search.layers[depth] ?? { near: [], hits: [] };
    const { target, toTarget } = layer;
    const isCoveredAt = hitTest(target, paint);
    cells.forEach((cell, at) => {
      if (isCellCovered[at] === true || hits[at] === undefined) return;
      const { left: x, top: y } = mapBox(toTarget, pointBox(middleOf(cell)));
      isCellCovered[at] = isCoveredAt({ x, y }, hits[at]);
    });
    const boxes = unhitCovers(target, near, { seen: mapBox(toTarget, seen), paint });
    unhit.push(...boxes.map((box) => mapBox(inverse(toTarget), box)));
  });
  return [
    ...cells.filter((_, at) => isCellCovered[at]),
    ...(unhit.length > MAX_BOXES ? cellsUnder(seen, unhit) : unhit),
  ];
}

type PaintTest = ReturnType<typeof createPaintTest>;

/**
 * Tests what elements draw.
 * @param from the least opacity that counts
 */
function createPaintTest(from: number, { partsOf }: PictureReader) {
  // Each element lies under many of the grid's points, and its styles and those of its path are the same at each.
  const known = new Map<Element, Map<string, boolean>>();
  const hidesWith = (element: Element, options: PaintOptions): boolean => {
    const answers = known.get(element) ?? new Map<string, boolean>();
    known.set(element, answers);
    const question = `${String(options.isOwnBeneath)} ${String(options.isPictureDrawn)}`;
    const answer = answers.get(question) ?? isOpaque(element, { ...options, from });
    answers.set(question, answer);
    return answer;
  };

  return {
    from,
    /** Whether an element hides what lies beneath it at a point. */
    hidesAt: (element: Element, point: Point, isOwnBeneath = false): boolean => {
      const parts = isOwnBeneath ? null : partsOf(element);
      return hidesWith(element, {
        isOwnBeneath,
        isPictureDrawn: parts !== null && drawsAt(parts, element, point),
      });
    },
    /** The boxes of an element, in its document's viewport, in which it hides what lies beneath it. */
    hiddenBoxes: (element: Element): readonly PageBox[] => {
      if (hidesWith(element, {})) return [boxOf(rectOf(element))];
      const parts = partsOf(element);
      return parts !== null && parts !== 'none' && hidesWith(element, { isPictureDrawn: true })
        ? drawnBoxes(parts, element)
        : [];
    },
  };
}

/** The cells whose middle lies in one of the boxes. */
function cellsUnder(seen: PageBox, boxes: readonly PageBox[]): PageBox[] {
  return cellsOf(seen).filter((cell) => {
    const { x, y } = middleOf(cell);
    return boxes.some(
      ({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height,
    );
  });
}

function cellsOf(seen: PageBox): PageBox[] {
  const width = seen.width / COLUMNS;
  const height = seen.height / ROWS;
  return Array.from({ length: COLUMNS * ROWS }, (_, at) => ({
    left: seen.left + (at % COLUMNS) * width,
    top: seen.top + Math.floor(at / COLUMNS) * height,
    width,
    height,
  }));
}

function middleOf({ left, top, width, height }: PageBox): Point {
  return { x: left + width / 2, y: top + height / 2 };
}

function pointBox({ x, y }: Point): PageBox {
  return { left: x, top: y, width: 0, height: 0 };
}

/** Tells whether the page hides an element at a point, by what a pointer would hit in the element's document. */
function hitTest(
  target: Element,
  paint: PaintTest,
): (point: Point, underPoint: readonly Element[]) => boolean {
  const path = new Set(drawnPath(target));
  const isHit = takesPointer(target);
  return (point, underPoint) => {
    const hit = underPoint.filter((element) => !isOwn(element));
    const place = hit.indexOf(target);
    if (place === -1) {
      // An element that takes the pointer is cut off here, or under a modal dialog. For one that lets the pointer through, the
      // list does not tell which elements lie over it.
      return isHit || hit.some((element) => !path.has(element) && hidesAt(element, point, paint));
    }
    const beneath = hit.slice(place + 1);
    // An ancestor of the video comes before it with a pseudo-element, and again after it with its background.
    return hit
      .slice(0, place)
      .some((element) =>
        path.has(element)
          ? paint.hidesAt(element, point, beneath.includes(element))
          : hidesAt(element, point, paint),
      );
  };
}

/** Whether an element is the extension's overlay, whose badge lies over the video. */
function isOwn(element: Element): boolean {
  return element === inWorld('trueFrameOverlay');
}

/** Whether an element or its shadow tree is opaque at a point; the list of an outer tree names only the host. */
function hidesAt(element: Element, point: Point, paint: PaintTest): boolean {
  if (paint.hidesAt(element, point)) return true;
  const shadowRoot = shadowRootOf(element);
  return shadowRoot !== null && elementsAt(shadowRoot, point).some((inner) => paint.hidesAt(inner, point));
}

/** The tree of the innermost slot of an element: only this tree's list orders everything around the element as drawn. */
function innermostRoot(element: Element): Document | ShadowRoot {
  let innermost = element;
  for (let slot = slotOf(innermost); slot !== null; slot = slotOf(innermost)) innermost = slot;
  return rootOf(innermost) as Document | ShadowRoot;
}

/**
 * The boxes of opaque elements that lie over an element and let the pointer through, so that no hit test finds them:
 * captions, watermarks, fading posters. A box counts as a whole, even if a container cuts it off.
 * @param seen the visible part of the element, in its document's viewport; the result is in the same pixels
 */
function unhitCovers(
  target: Element,
  near: readonly Element[],
  { seen, paint }: { readonly seen: PageBox; readonly paint: PaintTest },
): PageBox[] {
  const path = drawnPath(target);
  const found: PageBox[] = [];
  for (const element of near) {
    const box = overlap(boxOf(rectOf(element)), seen);
    if (box.width < 1 || box.height < 1) continue;
    if (path.includes(element)) {
      if (element !== target && isGeneratedOver(element, target, { path, from: paint.from })) found.push(box);
    } else if (!takesPointer(element) && !isOwn(element) && isPaintedOver(element, path)) {
      found.push(...paint.hiddenBoxes(element).map((each) => overlap(each, seen)));
    }
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
function isGeneratedOver(
  holder: Element,
  target: Element,
  { path, from }: { readonly path: readonly Element[]; readonly from: number },
): boolean {
  const level = stackLevelOf(path.slice(0, path.indexOf(holder)));
  return PSEUDO_ELEMENTS.some((pseudo) => {
    const style = getComputedStyle(holder, pseudo);
    if (style.pointerEvents !== 'none' && takesPointer(target)) return false;
    if (pseudoPaintOf(holder, pseudo) < from) return false;
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
