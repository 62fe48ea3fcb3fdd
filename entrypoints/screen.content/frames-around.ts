import { chain, UNMOVED } from './boxes.ts';
import type { BoxMap } from './boxes.ts';
import { contentBoxOf } from './content-box.ts';

/** A frame element in its own document, and the way from the document in it to that one's viewport. */
export type FrameAround = { readonly element: Element; readonly toViewport: BoxMap };

/** A frame is told its size in whole pixels. */
const MAX_ROUNDING_PIXELS = 1;

/** The frames that this document is in, innermost first; null where one is of another origin, or drawn turned or skewed. */
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
    // HTML, "cross-origin properties": a frame of another origin tells nothing of itself.
    return null;
  }
}

/** Of this document's boxes to the tab's visible page. */
export function wayToTop(frames: readonly FrameAround[]): BoxMap {
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
    frames.reduce((way, { toViewport }) => chain(way, toViewport), UNMOVED),
    ofPinch,
  );
}

/** Else something stands between the two, as CSS `zoom` does, and one's pixels are not the other's. */
function isAsLargeAs(
  { innerWidth, innerHeight }: Window,
  { width, height }: { readonly width: number; readonly height: number },
): boolean {
  return (
    Math.abs(innerWidth - width) <= MAX_ROUNDING_PIXELS &&
    Math.abs(innerHeight - height) <= MAX_ROUNDING_PIXELS
  );
}
