/** The links around a video, which a content script collects. Only the background knows the sites' rules (post-sites.ts). */

/**
 * A post's link to itself. It holds the post's time, or is marked as permalink (HTML, "link type bookmark"), or, on Reddit, lies
 * over the whole post. An author can write none of these in a post's text.
 */
export const PERMALINKS = 'a[href]:has(time), a[href][rel~=bookmark], a[href][slot=full-post-link]';
/** Selector of players that show an advertisement, on YouTube. */
export const ADVERTISEMENTS = '.ad-showing';

/** An element with more links than this contains more than one post. */
export const MAX_LINKS_A_LEVEL = 80;
/** How many levels around a video are searched for a permalink. Levels farther out are lists of other posts. */
export const MAX_POST_LEVELS = 8;

/** An element around a video, with the links that no element nearer to the video has. */
export type PostLevel = {
  readonly addresses: readonly string[];
  /** Whether the element shows no other video. */
  readonly isAlone: boolean;
};

/** The innermost level first. */
export type PostLinks = {
  readonly levels: readonly PostLevel[];
  /** Whether the document shows no other video. */
  readonly isAlone: boolean;
  /** Whether the video lies in an element that shows an advertisement. */
  readonly isAdvertisement: boolean;
};
