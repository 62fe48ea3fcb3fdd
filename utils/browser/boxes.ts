import type { PageBox } from '../../utils/domain/content-messages.ts';

/** Maps one document's CSS pixels to another's along each axis; a negative scale mirrors. */
export type BoxMap = {
  readonly left: number;
  readonly top: number;
  readonly scaleX: number;
  readonly scaleY: number;
};

export const UNMOVED: BoxMap = { left: 0, top: 0, scaleX: 1, scaleY: 1 };

export function mapBox({ left, top, scaleX, scaleY }: BoxMap, box: PageBox): PageBox {
  const from = left + box.left * scaleX;
  const to = from + box.width * scaleX;
  return {
    left: Math.min(from, to),
    top: top + box.top * scaleY,
    width: Math.abs(to - from),
    height: box.height * scaleY,
  };
}

/** The map that applies `inner` first, and `outer` to its result. */
export function chain(inner: BoxMap, outer: BoxMap): BoxMap {
  return {
    left: outer.left + inner.left * outer.scaleX,
    top: outer.top + inner.top * outer.scaleY,
    scaleX: inner.scaleX * outer.scaleX,
    scaleY: inner.scaleY * outer.scaleY,
  };
}

export function inverse({ left, top, scaleX, scaleY }: BoxMap): BoxMap {
  return { left: -left / scaleX, top: -top / scaleY, scaleX: 1 / scaleX, scaleY: 1 / scaleY };
}

export function boxOf({ left, top, width, height }: DOMRectReadOnly): PageBox {
  return { left, top, width, height };
}

/** The part that lies in both boxes; without width or height if they do not meet. */
export function overlap(one: PageBox, other: PageBox): PageBox {
  const left = Math.max(one.left, other.left);
  const top = Math.max(one.top, other.top);
  return {
    left,
    top,
    width: Math.max(0, Math.min(one.left + one.width, other.left + other.width) - left),
    height: Math.max(0, Math.min(one.top + one.height, other.top + other.height) - top),
  };
}
