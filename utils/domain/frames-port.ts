import type { EvidenceFace, ScannedVideo, ScanState } from './scan.ts';
import type { FrameSourceKind } from './report.ts';

/**
 * Name of the port that carries frames from a content script to the host. Only the host listens on it; `sendMessage` would
 * copy each frame to every open page of the extension. A content script opens one port for each scan. The closed port tells
 * the host that the scan was cancelled or that the page is gone.
 */
export const FRAMES_PORT = 'frames';

/**
 * Name of the port over which an extension page has a file or an address scanned. The page posts one {@link CheckRequest}
 * and receives every state of the scan. The page closes the port to cancel the scan.
 */
export const CHECK_PORT = 'check';

export type CheckRequest = {
  readonly scanId: string;
  readonly video: ScannedVideo;
  /** From 1; null for as many as the file has. */
  readonly framesAsked: number | null;
  /** Left out where `video` has the file's address. */
  readonly file?: Blob;
};

/** Longest side of the picture for the first face search. */
export const THUMBNAIL_SIDE_PIXELS = 640;
/** Longest side of a cut. The network's input is 224 pixels a side, even of a face that fills a 4K frame. */
export const MAX_CUT_SIDE_PIXELS = 2048;

/**
 * A frame of up to this size is sent whole, as it is stored: full HD with a byte and a half a pixel. The host converts and
 * cuts it, and the page only copies it. On a feed the copies took .67 % of the page's main thread; thumbnails and cuts made in
 * the page took 1.64 %, although they are often fewer bytes (`npm run bench:feed`). The limit protects the host's memory: no
 * message makes a picture of more pixels than this.
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

/** The decoded part of a video since it was loaded: the picture alone, without its sound. */
export type DecodedSoFar = { readonly byteLength: number; readonly frames: number };

/** The facts of a frame beside its pixels. */
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

/** What a content script tells of its video. The browser tells address and title of the page. */
export type DescribedVideo = Omit<ScannedVideo, 'pageUrl' | 'title'>;

/** The messages of a content script. */
export type ContentToHost =
  /** First, once. */
  | {
      readonly type: 'start';
      readonly scanId: string;
      readonly video: DescribedVideo;
      /**
       * null for as many as the video has. A paused video has one; the content script says so in `end`, since the video may
       * play by its turn, and its file has all frames.
       */
      readonly framesAsked: number | null;
      /** The user has asked for the screen; without it the host chooses. */
      readonly source?: 'screen';
      /** Of a check by hand: the background has issued it for the user's action. */
      readonly ticket?: string;
      /** The scan waits for its turn and may end early. `framesAsked` is a number then. */
      readonly isAutomatic?: boolean;
    }
  /** A whole frame: the page cuts nothing. */
  | ({ readonly type: 'stored-frame'; readonly stored: StoredPicture } & FrameFacts)
  /** A frame that is too large to be sent whole. The content script keeps the full-size picture until `frame-done`. */
  | ({ readonly type: 'frame'; readonly thumbnail: ImageData } & FrameFacts)
  /** The answer to `cut`, in the order of its regions. */
  | { readonly type: 'cuts'; readonly frameIndex: number; readonly cuts: readonly ImageData[] }
  /** Of an automatic scan: whether the video is out of sight or paused, so that other scans go first. */
  | { readonly type: 'hold'; readonly isHeld: boolean }
  /** No more frames come: the plan is fulfilled or the video has ended. */
  | {
      readonly type: 'end';
      /** The picture stood still when the scan's turn came, so it has one frame. */
      readonly isStill?: boolean;
    }
  /** The video left the page or changed its source: the host ends the scan as failed with this code. */
  | { readonly type: 'video-gone' }
  /** The picture can't be read from the element: the host tries another source, or ends the scan with this refusal. */
  | {
      readonly type: 'refuse';
      readonly reason: UnreadableReason;
      /** The picture is of another origin: the file or the screen may still be readable. */
      readonly isForeign?: boolean;
    }
  /** The answer to `find-place`; our badge is hidden by then. */
  | {
      readonly type: 'place';
      readonly askId: number;
      /** Of the video's own picture now: sites change it with the speed of the connection. */
      readonly widthPixels: number;
      readonly heightPixels: number;
      readonly place: ScreenPlace;
      readonly mediaTimeSeconds: number;
      readonly isPaused: boolean;
    };

export type HostToContent =
  /** The source of the frames from now on. Before the first such message it is the element. */
  | { readonly type: 'source'; readonly source: FrameSourceKind }
  /** The screen is about to be captured. The answer repeats `askId`, which counts from 1, since it may come too late. */
  | { readonly type: 'find-place'; readonly askId: number }
  | {
      readonly type: 'state';
      readonly state: ScanState;
      /** With a finished state: up to six faces, most telling first. */
      readonly evidence: readonly EvidenceFace[];
    }
  /** Parts of a frame that the host needs at full size. */
  | { readonly type: 'cut'; readonly frameIndex: number; readonly regions: readonly CutRegion[] }
  /** The host is done with the frame, and the next may come. */
  | { readonly type: 'frame-done'; readonly frameIndex: number };
