import { hasCanvasNoise } from './canvas-noise.ts';
import { MAX_STORED_BYTE_LENGTH } from '../../utils/domain/frames-port.ts';
import type { DecodedSoFar, StoredPicture, UnreadableReason } from '../../utils/domain/content-messages.ts';
import type { PictureCutter } from './picture-cutter.ts';
import { copyStored } from './stored-picture.ts';

/** Why a video gives no frame at this moment. */
export type NoFrame =
  /** Nothing is decoded yet; a later frame may be readable. */
  | { readonly kind: 'not-ready' }
  /** Another origin without CORS, copy protection, or altered pixels: no frame of this video can ever be read. */
  | {
      readonly kind: 'refused';
      readonly reason: UnreadableReason;
      /** The picture belongs to another origin: the file or the screen may still be readable. */
      readonly isForeign: boolean;
    };

export type GrabResult =
  /** The cutter has the frame. */
  | { readonly kind: 'placed' }
  /** The host's cutter places the frame. The size is as shown: rotated, with square pixels. */
  | {
      readonly kind: 'stored';
      readonly frame: {
        readonly stored: StoredPicture;
        readonly widthPixels: number;
        readonly heightPixels: number;
      };
    }
  | NoFrame;

/** The frame that a video shows at the call. The caller closes it. */
export function openShownFrame(
  video: HTMLVideoElement,
): { readonly kind: 'frame'; readonly picture: VideoFrame } | NoFrame {
  if (video.videoWidth === 0 || video.videoHeight === 0 || video.readyState < video.HAVE_CURRENT_DATA) {
    return { kind: 'not-ready' };
  }
  // A copy-protected video is not copied, even where its pictures are not black. Pages without https have no `mediaKeys`.
  if (video.mediaKeys) return { kind: 'refused', reason: 'protected', isForeign: false };
  try {
    // Throws for another origin's video before anything is copied, and for a video without a picture.
    return { kind: 'frame', picture: new VideoFrame(video) };
  } catch (error) {
    const { name } = error as Error;
    // HTML, "origin-clean": the video's data comes from another origin without CORS.
    if (name === 'SecurityError') return { kind: 'refused', reason: 'unreadable', isForeign: true };
    // WebCodecs, VideoFrame(image): no current data.
    if (name === 'InvalidStateError') return { kind: 'not-ready' };
    throw error;
  }
}

/**
 * Copies the frame that a video shows at the call, without touching the video. The frame stays the same however late the
 * answer comes. One call at a time for each cutter. A frame that is small enough to be sent whole is neither converted nor
 * cut here.
 */
export async function grabFrame(video: HTMLVideoElement, cutter: PictureCutter): Promise<GrabResult> {
  const { videoWidth: widthPixels, videoHeight: heightPixels } = video;
  const opened = openShownFrame(video);
  if (opened.kind !== 'frame') return opened;
  const { picture } = opened;
  try {
    if (hasCanvasNoise()) return { kind: 'refused', reason: 'canvas-noise', isForeign: false };
    const isSentWhole = widthPixels * heightPixels <= MAX_STORED_BYTE_LENGTH;
    const stored = isSentWhole ? await copyStored(picture, cutter.bytesFor) : null;
    if (stored !== null) return { kind: 'stored', frame: { stored, widthPixels, heightPixels } };
    await cutter.place(picture, widthPixels, heightPixels);
    return { kind: 'placed' };
  } finally {
    // The decoder has few buffers; while one is held, playback may stutter.
    picture.close();
  }
}

/** Chromium and Safari have these properties; they are in no standard. */
type CountingVideo = {
  readonly webkitVideoDecodedByteCount?: number;
  readonly webkitDecodedFrameCount?: number;
};

/** undefined where the browser does not count, or no decoder makes the video's pictures (MediaStream). */
export function decodedSoFar(video: HTMLVideoElement): DecodedSoFar | undefined {
  const { webkitVideoDecodedByteCount: byteLength, webkitDecodedFrameCount: frames } = video as CountingVideo;
  return byteLength && frames ? { byteLength, frames } : undefined;
}
