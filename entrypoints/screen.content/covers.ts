import { elementsAt } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { PageBox } from '../../utils/domain/frames-port.ts';
import { around, chain, inverse, mapBox, UNMOVED } from './boxes.ts';
import type { BoxMap } from './boxes.ts';
import { drawnPath, takesPointer } from './drawn-path.ts';
import type { FrameAround } from './frames-around.ts';
import { isOpaque } from './opaque.ts';
import { unhitCovers } from './unhit-covers.ts';

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
  while (innermost.assignedSlot) innermost = innermost.assignedSlot;
  return innermost.getRootNode() as Document | ShadowRoot;
}
