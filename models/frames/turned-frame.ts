import type { PageBox } from '../../utils/domain/content-messages.ts';
import type { CutRegion } from '../../utils/domain/frames-port.ts';
import { turnImage, type QuarterTurns } from '../image/turn-image.ts';
import type { Frame } from './frame-source.ts';

/** A frame in the direction in which it is examined. */
export type ExaminedFrame = Pick<Frame, 'size' | 'cut'> & {
  /** Maps a box of this frame to shares of the sides of the video's own picture. */
  readonly sharesOf: (box: PageBox) => PageBox;
};

/**
 * A frame as if its video were turned: sizes and regions are those of the turned picture, whose pixels are the same.
 */
export function turnedFrame({ size, cut }: Pick<Frame, 'size' | 'cut'>, turns: QuarterTurns): ExaminedFrame {
  const { width, height } = size;
  return {
    size: turns % 2 === 0 ? { width, height } : { width: height, height: width },
    cut: async (regions) => {
      const cuts = await cut(regions.map((region) => regionAsItLies(region, size, turns)));
      return cuts === null ? null : cuts.map((each) => turnImage(each, turns));
    },
    sharesOf: (box) => {
      const lying = boxAsItLies(box, size, turns);
      return {
        left: lying.left / width,
        top: lying.top / height,
        width: lying.width / width,
        height: lying.height / height,
      };
    },
  };
}

function regionAsItLies(region: CutRegion, size: Frame['size'], turns: QuarterTurns): CutRegion {
  const { outWidth, outHeight } = region;
  const out = turns % 2 === 0 ? { outWidth, outHeight } : { outWidth: outHeight, outHeight: outWidth };
  return { ...boxAsItLies(region, size, turns), ...out };
}

/** Maps a box of the turned picture to pixels of the unturned picture, which has this size. */
function boxAsItLies(
  { left, top, width, height }: PageBox,
  size: Frame['size'],
  turns: QuarterTurns,
): PageBox {
  switch (turns) {
    case 0:
      return { left, top, width, height };
    case 1:
      return { left: top, top: size.height - left - width, width: height, height: width };
    case 2:
      return { left: size.width - left - width, top: size.height - top - height, width, height };
    case 3:
      return { left: size.width - top - height, top: left, width: height, height: width };
    default:
      return turns satisfies never;
  }
}
