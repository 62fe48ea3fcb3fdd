import type { PageBox } from '../../utils/domain/frames-port.ts';
import { drawnPath } from './drawn-path.ts';

/** Often an ancestor a few elements above the video has the rounded corners. */
const MAX_ELEMENTS = 6;

/** Squares in the corners that a radius cuts off, of the video or of an ancestor of its size; in its document's viewport. */
export function roundedCorners(video: HTMLVideoElement): PageBox[] {
  const box = video.getBoundingClientRect();
  let radius = 0;
  for (const element of drawnPath(video).slice(0, MAX_ELEMENTS)) {
    const rect = element.getBoundingClientRect();
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
