import { elementsAt } from '../../utils/browser/page-elements.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { PageBox } from '../../utils/domain/frames-port.ts';
import { around, chain, inverse, mapBox, UNMOVED } from './boxes.ts';
import type { BoxMap } from './boxes.ts';
import { drawnPath, takesPointer } from './drawn-path.ts';
import type { FrameAround } from './frames-around.ts';
import { isOpaque } from './opaque.ts';
import { unhitCovers } from './unhit-covers.ts';

/** Where what lies over the video is asked for: a place every tenth of its width, about. */
const COLUMNS = 12;
const ROWS = 8;

/** More boxes than these are told as the one around them. */
const MAX_BOXES = 64;

/** The video, or a frame around it. */
type Layer = {
  readonly target: Element;
  /** From the viewport of the video's document to that of the target's. */
  readonly way: BoxMap;
};

/**
 * Where the page lays something opaque over the picture: captions' boxes, pictures, dialogs. Cells, where a pointer would hit it;
 * where it lets pointers through, whole boxes.
 * @param frames around the video, innermost first
 * @param seen of the picture, in the viewport of the video's document, as the answer is
 */
export function coveredBoxes(
  video: HTMLVideoElement,
  frames: readonly FrameAround[],
  seen: PageBox,
): readonly PageBox[] {
  if (!(seen.width > 0 && seen.height > 0)) return [];
  const layers: Layer[] = [{ target: video, way: UNMOVED }];
  for (const { element, toViewport } of frames) {
    layers.push({ target: element, way: chain(layers.at(-1)!.way, toViewport) });
  }
  const unhit = layers.flatMap(({ target, way }) =>
    unhitCovers(target, mapBox(way, seen)).map((box) => mapBox(inverse(way), box)),
  );
  return [...coveredCells(layers, seen), ...(unhit.length > MAX_BOXES ? [around(unhit)] : unhit)];
}

function coveredCells(layers: readonly Layer[], seen: PageBox): PageBox[] {
  const cells: PageBox[] = [];
  const width = seen.width / COLUMNS;
  const height = seen.height / ROWS;
  const looks = layers.map(({ target, way }) => ({ way, isCovered: hitLooker(target) }));
  for (let at = 0; at < COLUMNS * ROWS; at++) {
    const left = seen.left + (at % COLUMNS) * width;
    const top = seen.top + Math.floor(at / COLUMNS) * height;
    const isCovered = looks.some((look) => {
      const middle = mapBox(look.way, { left: left + width / 2, top: top + height / 2, width: 0, height: 0 });
      return look.isCovered({ x: middle.left, y: middle.top });
    });
    if (isCovered) cells.push({ left, top, width, height });
  }
  return cells;
}

/** Asks what a pointer would hit, in one document. */
function hitLooker(target: Element): (point: Point) => boolean {
  const path = new Set(drawnPath(target));
  const root = innermostRoot(target);
  const isHit = takesPointer(target);
  return (point) => {
    const hit = root.elementsFromPoint(point.x, point.y);
    const place = hit.indexOf(target);
    if (place === -1) {
      // Cut off there, or a modal dialog keeps the pointer from it; else it lets pointers through, and nothing tells what of
      // the others lies over it.
      return isHit || hit.some((element) => !path.has(element) && hidesAt(element, point));
    }
    const beneath = hit.slice(place + 1);
    // What holds the video comes before it with something that it generates, and again after it with its background.
    return hit
      .slice(0, place)
      .some((element) =>
        path.has(element) ? isOpaque(element, beneath.includes(element)) : hidesAt(element, point),
      );
  };
}

/** Itself, or what is in its shadow tree there: in another tree's list that is said to be its host. */
function hidesAt(element: Element, point: Point): boolean {
  if (isOpaque(element)) return true;
  const { shadowRoot } = element;
  return shadowRoot !== null && elementsAt(shadowRoot, point).some((inner) => isOpaque(inner));
}

/** The tree of the innermost slot that the element is put into: its list alone holds everything around it as it lies. */
function innermostRoot(element: Element): Document | ShadowRoot {
  let innermost = element;
  while (innermost.assignedSlot) innermost = innermost.assignedSlot;
  return innermost.getRootNode() as Document | ShadowRoot;
}
