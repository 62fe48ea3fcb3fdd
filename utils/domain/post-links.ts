/** What a page shows of the post around a video. The rules of the sites are in post-sites.ts, which no page needs. */

/**
 * A post's link to itself: around its time, or one that says of itself that it is the permalink (HTML, "link type bookmark"),
 * or Reddit's, which lies over the whole post. Sites let nobody write any of them in the text of a post.
 */
export const PERMALINKS = 'a[href]:has(time), a[href][rel~=bookmark], a[href][slot=full-post-link]';
/** Players that show an advertisement, on YouTube. */
export const ADVERTISEMENTS = '.ad-showing';

/** An element with more links contains more than one post. */
export const MAX_LINKS_A_LEVEL = 80;
/** Of the levels around a video that have further links. The second one with links to posts is hardly its post's. */
export const MAX_POST_LEVELS = 8;

/** An element around a video with links that those within it do not have. */
export type PostLevel = {
  readonly addresses: readonly string[];
  /** No other video is shown in it. */
  readonly isAlone: boolean;
};

/** The innermost level first. */
export type PostLinks = {
  readonly levels: readonly PostLevel[];
  /** No other video is shown in the document. */
  readonly isAlone: boolean;
  /** The video lies in an element that shows advertisements. */
  readonly isAdvertisement: boolean;
};
