import type { FileProblem } from '../../../utils/domain/scan.ts';
import type { FrameFacts, FrameSourceEnd } from '../../../models/frames/frame-source.ts';

export type DecodingRequest = {
  readonly path: string;
  readonly framesAsked: number | null;
  /** The change that is made to the file first. Places beyond the file's end begin again at its start. */
  readonly change?: { readonly keptBytes?: number; readonly bytes?: readonly (readonly [number, number])[] };
  readonly maxSilenceMilliseconds?: number;
};

export type DecodingResult = {
  readonly frames: readonly {
    readonly seconds: number;
    readonly size: FrameFacts['size'];
    /** RGB of the pixel in the middle. */
    readonly middle: readonly number[];
    readonly decoded: FrameFacts['decoded'];
  }[];
  readonly ending: FrameSourceEnd | null;
  readonly problem: FileProblem | null;
};

export type PictureComparison = {
  readonly browserSeconds: readonly number[];
  readonly ffmpegSeconds: readonly number[];
  readonly sizes: readonly FrameFacts['size'][];
  /** The differences of each frame, in levels of 256. */
  readonly differences: readonly { readonly most: number; readonly mean: number }[];
};
