import type { Sampling } from '../../../utils/domain/evaluation.ts';
import type { FileProblem } from '../../../utils/domain/scan.ts';

/**
 * The messages to the decoding Worker. The first `next` opens the file; each is answered by one {@link DecodeReply}.
 */
export type DecodeRequest =
  | {
      readonly type: 'open';
      readonly file: Blob;
      readonly framesAsked: number | null;
      readonly sampling: Sampling | undefined;
    }
  | { readonly type: 'next' };

export type DecodeReply =
  /** The size is as shown: rotated, with square pixels. */
  | {
      readonly type: 'frame';
      readonly mediaTimeSeconds: number;
      readonly size: { readonly width: number; readonly height: number };
      /** Bytes of a frame in the file, on average; null where that is not known. */
      readonly averageByteLength: number | null;
      readonly picture: VideoFrame;
    }
  | { readonly type: 'end' }
  | { readonly type: 'protected' }
  | { readonly type: 'refused'; readonly problem: FileProblem; readonly message: string };
