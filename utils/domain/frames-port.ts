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
  /** Pictures in place of a file. They count as one video, in order. */
  readonly images?: readonly FrameOfFolder[];
};

/** A picture that stands for a frame, and its number from 0 among all pictures of its folder. */
export type FrameOfFolder = { readonly number: number; readonly file: Blob };

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
 * A frame's bytes cross in messages of at most so many. Chromium passes messages of up to 64 KiB as they are, and takes shared
 * memory from the system for each larger one (mojo_base::BigBuffer). In parts a full-HD frame took 3.9 to 4.6 ms of the page's
 * main thread, whole 8.9 to 13.3 ms (the least of 16 each, two runs on two busy cores).
 */
export const FRAME_PART_BYTE_LENGTH = 60_000;

/** Formats of decoders that are opaque and have 8 bits a sample. */
export const PLAIN_FORMATS = ['I420', 'I422', 'I444', 'NV12'] as const satisfies readonly VideoPixelFormat[];
/**
 * SMPTE ST 2084 and ARIB STD-B67: drawing maps their range to the screen's, as the page shows them. WebCodecs does not
 * demand that of copying. Chromium 156 gives the same bytes both ways (tried with 8 bits and ST 2084); others may not.
 */
export const HDR_TRANSFERS: readonly (string | null)[] = ['pq', 'hlg'];

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

export type HostToContent =
  /** The source of the frames from now on. Before the first such message it is the element. */
  | { readonly type: 'source'; readonly source: FrameSourceKind }
  /** The screen is about to be captured. The answer repeats `askId`, which counts from 1, since it may come too late. */
  | { readonly type: 'find-place'; readonly askId: number }
  /** Asks how the page changes the picture, if the frames are not read from the screen. */
  | { readonly type: 'look' }
  | {
      readonly type: 'state';
      readonly state: ScanState;
      /** Comes with a finished state: up to six faces, most telling first. */
      readonly evidence: readonly EvidenceFace[];
    }
  /** Parts of a frame that the host needs at full size. */
  | { readonly type: 'cut'; readonly frameIndex: number; readonly regions: readonly CutRegion[] }
  /** The host has finished with the frame, so the next one may come. */
  | { readonly type: 'frame-done'; readonly frameIndex: number };
