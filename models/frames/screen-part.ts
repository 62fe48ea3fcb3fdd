import type { PageBox, ScreenPlace } from '../../utils/domain/content-messages.ts';
import { coveredShare } from '../../utils/domain/covered-share.ts';

/** A part of the picture in whole pixels. */
export type PicturePart = PageBox;

/** A smaller piece shows no face that can be judged. */
const MIN_SIDE_PIXELS = 90;
/**
 * The largest share of the part that may be blank: a corner of a video gets no verdict, and a part that is all blank
 * would look like a protected video.
 */
const MAX_BLANK_SHARE = 0.5;

export type ScreenPart = {
  /** The video's visible part in the captured picture's pixels. */
  readonly part: PicturePart;
  /** The boxes in the part that do not belong to the video. */
  readonly blanks: readonly PicturePart[];
  /** The part's size: in the video's own pixels where the screen shows it larger, else as it was captured. */
  readonly size: { readonly width: number; readonly height: number };
  /** Captured pixels for each of the video's own, along a side. */
  readonly scale: number;
};

/**
 * Where in a captured page the video is. The page's zoom and the screen's pixel ratio are in the captured picture's own
 * size: it is as wide as the viewport, whatever its pixels.
 * @param video the size of its picture in its own pixels, as it is just now
 * @returns null where too little of the video is in sight
 */
export function screenPart(
  place: ScreenPlace,
  captured: { readonly width: number; readonly height: number },
  video: { readonly widthPixels: number; readonly heightPixels: number },
): ScreenPart | null {
  if (place.visible === null) return null;
  const ratio = captured.width / place.viewportWidth;
  const part = wholePixels(place.visible, ratio, captured);
  const { picture } = place;
  // A stretched one has lost detail along the side that is drawn smaller.
  const scale = Math.min(
    (picture.width * ratio) / video.widthPixels,
    (picture.height * ratio) / video.heightPixels,
  );
  const size = ownSize(part, scale);
  if (Math.min(size.width, size.height) < MIN_SIDE_PIXELS) return null;
  const blanks = place.covered.map((box) => ({
    left: Math.floor(box.left * ratio),
    top: Math.floor(box.top * ratio),
    width: Math.ceil(box.width * ratio),
    height: Math.ceil(box.height * ratio),
  }));
  return coveredShare(part, blanks) > MAX_BLANK_SHARE ? null : { part, size, blanks, scale };
}

/**
 * An enlargement by the screen adds no detail: a face that is too small to judge must not pass as a large one, and the
 * networks must see the other faces as they are in the video.
 */
function ownSize({ width, height }: PicturePart, scale: number): ScreenPart['size'] {
  const factor = Math.max(1, scale);
  return { width: Math.round(width / factor), height: Math.round(height / factor) };
}

/** Rounds inwards: a pixel that is only partly the video's is a mixture. */
function wholePixels(
  { left, top, width, height }: PageBox,
  ratio: number,
  captured: { readonly width: number; readonly height: number },
): PicturePart {
  // A thousandth: boxes come as sums of fractions, and 639.9999 is 640.
  const from = (edge: number): number => Math.max(0, Math.ceil(edge * ratio - 1e-3));
  const to = (edge: number, limit: number): number => Math.min(limit, Math.floor(edge * ratio + 1e-3));
  const x = from(left);
  const y = from(top);
  return {
    left: x,
    top: y,
    width: Math.max(0, to(left + width, captured.width) - x),
    height: Math.max(0, to(top + height, captured.height) - y),
  };
}
