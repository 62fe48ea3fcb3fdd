import { elementsIn } from '../../utils/browser/page-elements.ts';
import type { PageBox } from '../../utils/domain/frames-port.ts';
import { boxOf, overlap } from './boxes.ts';
import { drawnPath, isInTopLayer, takesPointer } from './drawn-path.ts';
import { isOpaque, PSEUDO_ELEMENTS, pseudoPaintOf, OPAQUE_FROM } from './opaque.ts';
import { stackLevelOf } from './stack-level.ts';

/** A long feed has 10,000 elements. Larger documents are searched up to this many. */
const MAX_ELEMENTS = 50_000;

/**
 * The boxes of opaque elements that lie over an element and let the pointer through, so that no hit test finds them: captions,
 * watermarks, fading posters. A box counts as a whole, even if a container cuts it off.
 * @param seen the visible part of the element; like the result in its document's viewport
 */
export function unhitCovers(target: Element, seen: PageBox): PageBox[] {
  const path = drawnPath(target);
  const found: PageBox[] = [];
  let count = 0;
  for (const element of elementsIn(target.ownerDocument)) {
    if (++count > MAX_ELEMENTS) break;
    const box = overlap(boxOf(element.getBoundingClientRect()), seen);
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
