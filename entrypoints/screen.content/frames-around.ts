import { chain, UNMOVED } from '../../utils/browser/boxes.ts';
import type { BoxMap } from '../../utils/browser/boxes.ts';
import { contentBoxOf, uprightMap } from '../../utils/browser/content-box.ts';

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
      const toViewport = content && uprightMap(content);
      if (!element || !toViewport || !isAsLargeAs(frame, content)) return null;
      frames.push({ element, toViewport });
    }
    return frames;
  } catch {
    // The extension can't test a frame of another origin (HTML, "cross-origin properties").
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
