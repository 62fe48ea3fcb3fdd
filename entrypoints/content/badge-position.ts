/** Rectangles are of the viewport, in CSS pixels. */
export type Box = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** `object-fit` as far as it matters here: whether the picture fills the element's box. */
export type PictureFit = 'contained' | 'filling';

export type BadgePlace = { readonly x: number; readonly y: number; readonly isVisible: boolean };

/** Where in the picture: its first corner, or one where the site has nothing of its own. */
export type BadgeCorner = 'top-left' | 'top-right' | 'below-top-left';

/** From the picture's edges. */
const MARGIN_PIXELS = 8;
/** The pill's height; its icon is as wide. */
export const MARK_PIXELS = 28;

/** The picture within the element: players letterbox with `object-fit: contain`, the default. */
export function pictureBox(video: Box, pictureWidth: number, pictureHeight: number, fit: PictureFit): Box {
  if (fit === 'filling' || pictureWidth === 0 || pictureHeight === 0) return video;
  const scale = Math.min(video.width / pictureWidth, video.height / pictureHeight);
  const width = pictureWidth * scale;
  const height = pictureHeight * scale;
  return {
    left: video.left + (video.width - width) / 2,
    top: video.top + (video.height - height) / 2,
    width,
    height,
  };
}

/** Under a row of the site's own buttons along the top. */
const BELOW_PIXELS = 56;

/** The middle of the pill's mark in a corner of the picture; in a right corner the pill grows to the left. */
export function markMiddle(picture: Box, corner: BadgeCorner): { readonly x: number; readonly y: number } {
  const inset = MARGIN_PIXELS + MARK_PIXELS / 2;
  const x = corner === 'top-right' ? picture.left + picture.width - inset : picture.left + inset;
  return { x, y: picture.top + inset + (corner === 'below-top-left' ? BELOW_PIXELS : 0) };
}

/**
 * Where the badge goes: the pill inside the picture's top left corner, wherever that is, and hidden where scrolling
 * containers cut that corner off; the open card from the same corner, but kept within the viewport to be read.
 * @param visible the part of the picture's element that no ancestor cuts off
 */
export function placeBadge(
  picture: Box,
  visible: Box,
  badge: { readonly width: number; readonly height: number; readonly isOpen: boolean },
  viewport: { readonly width: number; readonly height: number },
  corner: BadgeCorner = 'top-left',
): BadgePlace {
  const middle = markMiddle(picture, corner);
  const x = corner === 'top-right' ? middle.x + MARK_PIXELS / 2 - badge.width : middle.x - MARK_PIXELS / 2;
  const y = middle.y - MARK_PIXELS / 2;
  if (badge.isOpen) {
    return {
      x: clamp(x, MARGIN_PIXELS, viewport.width - badge.width - MARGIN_PIXELS),
      y: clamp(y, MARGIN_PIXELS, viewport.height - badge.height - MARGIN_PIXELS),
      isVisible: true,
    };
  }
  return { x, y, isVisible: isWithin(middle.x, middle.y, visible) };
}

export function isWithin(x: number, y: number, { left, top, width, height }: Box): boolean {
  return x >= left && x <= left + width && y >= top && y <= top + height;
}

/** The lower end wins: a card larger than the viewport shows its beginning. */
function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
