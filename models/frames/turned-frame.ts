import type { CutRegion } from '../../utils/domain/frames-port.ts';
import { quarterTurns, turnImage, type QuarterTurns } from '../image/turn-image.ts';
import type { Frame } from './frame-source.ts';

/** What of a frame is examined. */
export type ExaminedFrame = Pick<Frame, 'size' | 'cut'>;

/**
 * A frame as if its video lay turned: sizes and regions are of the turned picture, whose pixels are the same.
 * @returns the frame itself where there is nothing to turn
 */
export function turnedFrame(frame: ExaminedFrame, turns: QuarterTurns): ExaminedFrame {
  if (turns === 0) return frame;
  const { width, height } = frame.size;
  return {
    size: turns === 2 ? { width, height } : { width: height, height: width },
    cut: async (regions) => {
      const back = regions.map((region) => turnedBack(region, frame.size, turns));
      const cuts = await frame.cut(back);
      return cuts === null ? null : cuts.map((cut) => turnImage(cut, turns));
    },
  };
}

/** A region of the turned picture in the pixels of the picture as it lies. */
function turnedBack(region: CutRegion, size: ExaminedFrame['size'], turns: QuarterTurns): CutRegion {
  const { left, top, width, height, outWidth, outHeight } = region;
  const across = { width: height, height: width, outWidth: outHeight, outHeight: outWidth };
  switch (turns) {
    case 0:
      return region;
    case 1:
      return { left: top, top: size.height - left - width, ...across };
    case 2:
      return { ...region, left: size.width - left - width, top: size.height - top - height };
    case 3:
      return { left: size.width - top - height, top: left, ...across };
    default:
      return turns satisfies never;
  }
}

/** The turns by which a face of this roll, in degrees (geometry's `rollOf`), comes to stand upright within 45°. */
export function turnsUpright(rollDegrees: number): QuarterTurns {
  return quarterTurns(Math.round(rollDegrees / 90));
}
