import { hasCanvasNoise } from './canvas-noise.ts';
import { MAX_STORED_BYTE_LENGTH } from '../../utils/domain/frames-port.ts';
import type { StoredPicture, UnreadableReason } from '../../utils/domain/frames-port.ts';
import type { PictureCutter } from './picture-cutter.ts';
import { copyStored } from './stored-picture.ts';

type StoredFrame = {
  readonly stored: StoredPicture;
  /** As shown: rotated, with square pixels. */
  readonly widthPixels: number;
  readonly heightPixels: number;
};

export type GrabResult =
  /** The cutter has it. */
  | { readonly kind: 'placed' }
  /** For another cutter to place. Its bytes are good until the next frame. */
  | { readonly kind: 'stored'; readonly frame: StoredFrame }
  /** Nothing decoded yet; a later presented frame may do. */
  | { readonly kind: 'not-ready' }
  /** Another origin without CORS, copy protection, or falsified pixels: no frame of this video will ever do. */
  | {
      readonly kind: 'refused';
      readonly reason: UnreadableReason;
      /** The picture is another origin's: its file, or the screen, may still be read. */
      readonly isForeign: boolean;
    };

const PROTECTED: GrabResult = { kind: 'refused', reason: 'protected', isForeign: false };

/**
 * Copies the frame that a video shows at the call, however much later the answer comes, without touching the video. One at
 * a time for each cutter.
 * @param givesStored leaves converting and cutting to whoever gets the frame, where it is small enough to be sent whole
 */
export async function grabFrame(
  video: HTMLVideoElement,
  cutter: PictureCutter,
  givesStored: boolean,
): Promise<GrabResult> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0 || video.readyState < video.HAVE_CURRENT_DATA) {
    return { kind: 'not-ready' };
  }
  // Whether its pictures come out black or not, what is copy-protected is not copied.
  // Pages without https have no such property.
  if (video.mediaKeys) return PROTECTED;
  if (hasCanvasNoise()) return { kind: 'refused', reason: 'canvas-noise', isForeign: false };
  try {
    // Refuses a foreign video before anything is copied, and one without a picture, which would draw nothing.
    const picture = new VideoFrame(video);
    try {
      const isSentWhole = givesStored && width * height <= MAX_STORED_BYTE_LENGTH;
      const stored = isSentWhole ? await copyStored(picture, cutter.bytesFor) : null;
      if (stored !== null) {
        return { kind: 'stored', frame: { stored, widthPixels: width, heightPixels: height } };
      }
      await cutter.place(picture, width, height);
      return { kind: 'placed' };
    } finally {
      // The decoder has few buffers; while one is held, playback may stutter.
      picture.close();
    }
  } catch (error) {
    return whyNot(error);
  }
}

function whyNot(error: unknown): GrabResult {
  const { name } = error as Error;
  // HTML, "origin-clean": the video's data comes from another origin without CORS.
  if (name === 'SecurityError') return { kind: 'refused', reason: 'unreadable', isForeign: true };
  // WebCodecs, VideoFrame(image): no current data.
  if (name === 'InvalidStateError') return { kind: 'not-ready' };
  throw error;
}
