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
  /** Where its picture may come from another origin that keeps it closed to the page; else null. */
  readonly closedFileUrl: string | null;
  /** Of the last scan of this element while the page was open. */
  readonly scanId: string | null;
};

/** Order for {@link Array.sort}: what the user sees before what lies elsewhere on the page, then by size. */
export function largestFirst(one: VideoPlace, other: VideoPlace): number {
  return Number(other.isVisible) - Number(one.isVisible) || area(other) - area(one);
}

type VideoPlace = Pick<PageVideo, 'isVisible' | 'widthPixels' | 'heightPixels'>;

function area({ widthPixels, heightPixels }: VideoPlace): number {
  return widthPixels * heightPixels;
}

/**
 * The port over which a frame's content script tells the popup of its videos, from when the popup opens it until it closes.
 * Whatever the popup sends over it asks for the list once more.
 */
export const VIDEOS_PORT = 'videos';

/**
 * All of the frame's videos, at first and whenever something in the page has changed; or that a frame in its document has
 * loaded another one, which may hold videos and holds no content script yet.
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
  /** That video is being checked already: its badge was brought forward. */
  | { readonly kind: 'running'; readonly scanId: string }
  /** Several remain: they are highlighted and a click chooses. */
  | { readonly kind: 'choosing' }
  | { readonly kind: 'no-video' };
