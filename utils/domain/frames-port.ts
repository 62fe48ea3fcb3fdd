import type { EvidenceFace, ScannedVideo, ScanState } from './scan.ts';
import type { FrameSourceKind } from './report.ts';

/**
 * The one port over which frames go, from a content script to the host (offscreen document). Only the host listens;
 * `sendMessage` would hand each frame to every open page of the extension. A content script opens one port for each
 * scan; closing it is how a scan is cancelled and how the host learns that the page is gone.
 */
export const FRAMES_PORT = 'frames';

/**
 * The port over which one of the extension's own pages has a file or an address checked: it posts one
 * {@link CheckRequest}, and gets every state of the scan. Closing it is how the check is cancelled.
 */
export const CHECK_PORT = 'check';

export type CheckRequest = {
  readonly scanId: string;
  readonly video: ScannedVideo;
  /** From 1; null for as many as the file has to give. */
  readonly framesAsked: number | null;
  /** Left out where `video` has the file's address. */
  readonly file?: Blob;
};

/** Longest side of the picture in which faces are looked for first. */
export const THUMBNAIL_SIDE_PIXELS = 640;
/** A cut is never larger than this a side: a face that fills a 4K frame is still judged at 224. */
export const MAX_CUT_SIDE_PIXELS = 2048;

/**
 * A frame that takes no more than this is sent whole, as it is stored, and converted and cut by the host: full HD with a byte
 * and a half a pixel. All that the page does is copy it: over a feed that took .67 % of its main thread's time, and thumbnails
 * with cuts made in the page 1.64 (`npm run bench:feed`), although they are often fewer bytes. The limit is for the host's
 * memory, where anybody's message must not become a huge picture: as many pixels as this, and no more, may be shown of it.
 */
export const MAX_STORED_BYTE_LENGTH = 3_133_440;

/**
 * A frame's pixels as its decoder has stored them: neither turned nor stretched nor converted to RGB. In WebCodecs' terms
 * (VideoFrameBufferInit), of the visible part only.
 */
export type StoredPicture = {
  readonly format: VideoPixelFormat;
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  readonly layout: readonly PlaneLayout[];
  /** Of the visible part. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly colorSpace: VideoColorSpaceInit;
  /** Clockwise, in degrees, and then mirrored. */
  readonly rotation: number;
  readonly flip: boolean;
};

/**
 * A rectangle of the full-size frame, in its pixels, to be drawn to `outWidth` × `outHeight`. It may reach over the
 * frame's edges; what lies outside is black. Where both sizes agree the pixels come unscaled.
 */
export type CutRegion = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly outWidth: number;
  readonly outHeight: number;
};

/** Why a source gives no frames of a video. */
export type UnreadableReason = 'unreadable' | 'protected' | 'canvas-noise';

/** A rectangle of the tab's visible page, in CSS pixels. */
export type PageBox = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** Where a video's picture is on the screen. All boxes are of the top frame's viewport. */
export type ScreenPlace = {
  readonly viewportWidth: number;
  readonly viewportHeight: number;
  /** The whole picture without letterbox, as far as it may reach over the viewport. */
  readonly picture: PageBox;
  /** The part of it that nothing cuts off; null where none is in sight. */
  readonly visible: PageBox | null;
  /** Of that, what lies under something opaque or outside a rounded corner. */
  readonly covered: readonly PageBox[];
};

/** What of a video has been decoded since it was loaded: the picture alone, without its sound. */
export type DecodedSoFar = { readonly byteLength: number; readonly frames: number };

/** What is known of a frame beside its pixels. */
type FrameFacts = {
  /** From 0, without gaps. */
  readonly frameIndex: number;
  readonly mediaTimeSeconds: number;
  /** As shown: rotated, with square pixels. */
  readonly widthPixels: number;
  readonly heightPixels: number;
  /** Left out where the browser does not say. */
  readonly decoded?: DecodedSoFar | undefined;
};

/** What a content script says. */
export type ContentToHost =
  /** First, once. */
  | {
      readonly type: 'start';
      readonly scanId: string;
      readonly video: ScannedVideo;
      /**
       * null: as many as the video has to give ('all'). A paused video has one, which is said at the end: by its turn it may
       * play, and its file has them all.
       */
      readonly framesAsked: number | null;
      /** The user has asked for the screen; without it the host chooses. */
      readonly source?: 'screen';
      /** It waits for its turn and may end early; `framesAsked` is a number then. */
      readonly isAutomatic?: boolean;
    }
  /** One frame whole: nothing is to be cut in the page. */
  | ({ readonly type: 'stored-frame'; readonly stored: StoredPicture } & FrameFacts)
  /** A frame that is too large to be sent whole. The content script keeps the full-size picture until `frame-done`. */
  | ({ readonly type: 'frame'; readonly thumbnail: ImageData } & FrameFacts)
  /** The answer to `cut`, in the order of its regions. */
  | { readonly type: 'cuts'; readonly frameIndex: number; readonly cuts: readonly ImageData[] }
  /** Of an automatic check: the video is out of sight or paused, and gives way to others; or is back again. */
  | { readonly type: 'hold'; readonly isHeld: boolean }
  /** No more frames come: the plan is fulfilled or the video has ended. */
  | {
      readonly type: 'end';
      /** The picture stood still when its turn came: its one frame is all that there was to ask for. */
      readonly isStill?: boolean;
    }
  /** The video left the page or changed its source: the host ends the scan as failed with this code. */
  | { readonly type: 'video-gone' }
  /** The picture can't be read from the element: the host tries another source, or ends the scan with this refusal. */
  | {
      readonly type: 'refuse';
      readonly reason: UnreadableReason;
      /** It is another origin's: the file, or the screen, may still be read. */
      readonly isForeign?: boolean;
    }
  /** The answer to `find-place`: our badge is out of the picture. */
  | {
      readonly type: 'place';
      readonly askId: number;
      /** Of the video's own picture just now: sites change it with the line's speed. */
      readonly widthPixels: number;
      readonly heightPixels: number;
      readonly place: ScreenPlace;
      readonly mediaTimeSeconds: number;
      readonly isPaused: boolean;
    };

export type HostToContent =
  /** From where the frames come now. Until it is said, from the element. */
  | { readonly type: 'source'; readonly source: FrameSourceKind }
  /** The screen is about to be captured. @param askId from 1; the answer says it again, since it may come too late */
  | { readonly type: 'find-place'; readonly askId: number }
  | {
      readonly type: 'state';
      readonly state: ScanState;
      /** With a finished state: up to six faces, most telling first. */
      readonly evidence: readonly EvidenceFace[];
    }
  /** Parts of a frame that the host needs at full size. */
  | { readonly type: 'cut'; readonly frameIndex: number; readonly regions: readonly CutRegion[] }
  /** The host has all it needs of the frame; the next may come. */
  | { readonly type: 'frame-done'; readonly frameIndex: number };
