import type { DecodedSoFar, StoredPicture } from '../../utils/domain/content-messages.ts';
import type { CutRegion } from '../../utils/domain/frames-port.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';
import type { NoFrame } from '../image/grab-frame.ts';
import type { RasterImage } from '../image/raster-image.ts';
import type { ScreenPart } from './screen-part.ts';

/** Why a source gives no more frames. */
export type FrameSourceEnd =
  | { readonly kind: 'end' }
  /** The video was paused at the scan's turn, so it had only one frame to give. */
  | { readonly kind: 'still' }
  /** The video left the page, or another one took its place. */
  | { readonly kind: 'gone' }
  | Extract<NoFrame, { readonly kind: 'refused' }>;

/** A frame without its pixels. */
export type FrameFacts = {
  /** From 0, without gaps. */
  readonly frameIndex: number;
  readonly mediaTimeSeconds: number;
  /** As shown: rotated, with square pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Left out where the browser does not count. */
  readonly decoded?: DecodedSoFar | undefined;
};

/** One frame of a video, from which parts are cut. */
export type Frame = FrameFacts & {
  /** The whole picture, at most THUMBNAIL_SIDE_PIXELS a side. */
  readonly thumbnail: () => RasterImage;
  /**
   * Parts of the picture at full size, in the order of the regions; black where a region reaches outside.
   * @returns null where the source has ended meanwhile, so that the picture is lost
   * @throws DetectorError `unreachable` where the page that has the picture does not answer, `internal` where it
   *   answers with other pictures
   */
  readonly cut: (regions: readonly CutRegion[]) => Promise<readonly RasterImage[] | null>;
  /** Frees the picture's memory. */
  readonly close: () => void;
};

/** A frame's pixels as they are sent to the document or Worker that cuts them. */
export type FramePixels =
  | { readonly kind: 'video-frame'; readonly picture: VideoFrame }
  | { readonly kind: 'stored'; readonly stored: StoredPicture }
  | { readonly kind: 'captured'; readonly captured: ImageBitmap; readonly part: ScreenPart }
  /** The picture stays in the page, which is asked for each cut. */
  | { readonly kind: 'remote'; readonly thumbnail: ImageData };

/** A frame that is not cut yet: it crosses to the engine's Worker once. */
export type UncutFrame = FrameFacts & {
  readonly pixels: FramePixels;
  /** Only for `remote` pixels; as {@link Frame.cut}. */
  readonly cut?: (regions: readonly CutRegion[], signal: AbortSignal) => Promise<readonly ImageData[] | null>;
};

/** The source of a scan's frames. One frame is open at a time: the caller closes it before it asks for the next one. */
export type FrameSource<AnyFrame = Frame> = {
  readonly kind: FrameSourceKind;
  /**
   * @returns the next frame, or null at the end
   * @throws AbortError; DetectorError
   */
  readonly nextFrame: (signal: AbortSignal) => Promise<AnyFrame | null>;
  /** Why no further frame comes; null while one may come. */
  readonly ending: () => FrameSourceEnd | null;
  /** Frees everything that the source holds; no frame is asked for afterwards. */
  readonly close: () => void;
};

export const UNREADABLE: FrameSourceEnd = { kind: 'refused', reason: 'unreadable', isForeign: false };

export function factsOf({ frameIndex, mediaTimeSeconds, size, decoded }: FrameFacts): FrameFacts {
  return { frameIndex, mediaTimeSeconds, size, decoded };
}

/** Frees a decoder's buffer or a capture's memory. Does nothing after a transfer, or the second time. */
export function closePixels(pixels: FramePixels): void {
  if (pixels.kind === 'video-frame') pixels.picture.close();
  else if (pixels.kind === 'captured') pixels.captured.close();
}

/** The parts that are transferred to a Worker, not copied. */
export function transferablesOf(pixels: FramePixels): Transferable[] {
  switch (pixels.kind) {
    case 'video-frame':
      return [pixels.picture];
    case 'stored':
      return [pixels.stored.bytes.buffer];
    case 'captured':
      return [pixels.captured];
    case 'remote':
      return [pixels.thumbnail.data.buffer];
    default:
      return pixels satisfies never;
  }
}
