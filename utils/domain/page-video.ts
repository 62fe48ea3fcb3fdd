/** A video that the popup can offer. `videoId` is the content script's own number for the element. */
export type PageVideo = {
  readonly videoId: number;
  readonly frameId: number;
  readonly title: string;
  readonly widthPixels: number;
  readonly heightPixels: number;
  readonly durationSeconds: number | null;
  readonly isPaused: boolean;
  readonly isVisible: boolean;
  /** The file's address, if its picture may be of another origin and unreadable for the page; else null. */
  readonly closedFileUrl: string | null;
  /** Id of the last scan of this element while the page was open. */
  readonly scanId: string | null;
};

/** Order for {@link Array.sort}: visible videos first, then by size. */
export function largestFirst(one: VideoPlace, other: VideoPlace): number {
  return Number(other.isVisible) - Number(one.isVisible) || area(other) - area(one);
}

type VideoPlace = Pick<PageVideo, 'isVisible' | 'widthPixels' | 'heightPixels'>;

function area({ widthPixels, heightPixels }: VideoPlace): number {
  return widthPixels * heightPixels;
}

/**
 * Name of the port over which a frame's content script tells the open popup of its videos. Any message of the popup asks for
 * the list again.
 */
export const VIDEOS_PORT = 'videos';

/**
 * All videos of the frame, at first and after each change of the page; or `frame-loaded`: a frame in its document has loaded
 * another document, which may have videos and has no content script yet.
 */
export type VideosMessage = readonly PageVideo[] | 'frame-loaded';

/** How "Check this video" finds the video it means. */
export type CheckTarget =
  /** The context menu: the address of the element that was clicked, if it was a video itself. */
  | { readonly kind: 'pointer'; readonly srcUrl: string | null }
  /** The keyboard command: the largest visible video. */
  | { readonly kind: 'largest' }
  /** The popup's list. */
  | { readonly kind: 'video'; readonly videoId: number };

export type CheckOutcome =
  | { readonly kind: 'started'; readonly scanId: string }
  /** A scan of that video is running already, so its badge was opened. */
  | { readonly kind: 'running'; readonly scanId: string }
  /** Several videos could be meant: the page highlights them, and the user chooses one. */
  | { readonly kind: 'choosing' }
  | { readonly kind: 'no-video' };
