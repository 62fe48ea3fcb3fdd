import { elementsIn } from '../../utils/browser/page-elements.ts';
import type { PageBox } from '../../utils/domain/frames-port.ts';
import { boxOf, overlap } from './boxes.ts';
import { drawnPath, isInTopLayer, takesPointer } from './drawn-path.ts';
import { isOpaque, PSEUDO_ELEMENTS, pseudoPaintOf, OPAQUE_FROM } from './opaque.ts';
import { stackLevelOf } from './stack-level.ts';

/** Of one document, through open shadow roots: a long feed has ten thousand. Larger pages are searched as far as that. */
const MAX_ELEMENTS = 50_000;

/**
 * What lies over an element and lets pointers through, so that no hit test finds it: captions, watermarks, fading posters.
 * What may lie over it counts: boxes are whole ones, whatever cuts them off.
 * @param seen of the element, in its document's viewport, as the answer is
 */
export function unhitCovers(target: Element, seen: PageBox): PageBox[] {
  const path = drawnPath(target);
  const found: PageBox[] = [];
  let count = 0;
  for (const element of elementsIn(target.ownerDocument)) {
    if (++count > MAX_ELEMENTS) break;
    const box = overlap(boxOf(element.getBoundingClientRect()), seen);
    // First what is cheap: most of a page lies elsewhere.
    if (box.width < 1 || box.height < 1) continue;
    const isOver = path.includes(element)
      ? element !== target && isGeneratedOver(element, target, path)
      : !takesPointer(element) && isOpaque(element) && isPaintedOver(element, path);
    if (isOver) found.push(box);
  }
  return found;
}

/** CSS 2.2, appendix E: the higher level, and of equal ones the later. @param path of the element that may be hidden */
function isPaintedOver(element: Element, path: readonly Element[]): boolean {
  const own = drawnPath(element);
  const shared = own.find((each) => path.includes(each));
  // One of the two is in the top layer.
  if (shared === undefined) return isInTopLayer(own.at(-1)!);
  const branch = own.slice(0, own.indexOf(shared));
  const otherBranch = path.slice(0, path.indexOf(shared));
  const [top, otherTop] = [branch.at(-1), otherBranch.at(-1)];
  // What a video or frame itself holds is drawn only where it can't be.
  if (top === undefined || otherTop === undefined) return false;
  const [level, otherLevel] = [stackLevelOf(branch), stackLevelOf(otherBranch)];
  const isLater = (otherTop.compareDocumentPosition(top) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  return level > otherLevel || (level === otherLevel && isLater);
}

/** Of what holds the element, where a pointer passes through what it generates, or through the element. */
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
