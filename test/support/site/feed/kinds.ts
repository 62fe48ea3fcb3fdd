/** The feed's ten kinds of videos: their clips, and how the page plays them. Read in Node and in the page. */
export type FeedKind = {
  /** Name of one of the project's own videos. */
  readonly clip: string;
  /** `file`: a `src`; `mse`: a script feeds it; `shadow`: in an open shadow root; `frame`: in a nested frame. */
  readonly player: 'file' | 'mse' | 'shadow' | 'frame';
};

/** Two of them show the person that the tests' network calls manipulated: more than any feed does. */
export const FEED_KINDS: readonly FeedKind[] = [
  { clip: 'blurred-face.mp4', player: 'file' },
  { clip: 'another-face.mp4', player: 'file' },
  { clip: 'no-face.mp4', player: 'file' },
  { clip: 'no-face.webm', player: 'mse' },
  { clip: 'rotated.mp4', player: 'shadow' },
  { clip: 'one-face.mp4', player: 'frame' },
  { clip: 'tiny-face.mp4', player: 'file' },
  { clip: 'two-faces.webm', player: 'mse' },
  { clip: 'wide-pixels.mp4', player: 'shadow' },
  { clip: 'another-face.mp4', player: 'frame' },
];

/**
 * The kind of a post. 7 and 10 have no common factor, so neighbours differ, and so do the posts that share an element.
 */
export function kindOfPost(post: number): FeedKind {
  return FEED_KINDS[(post * 7 + Math.floor(post / 10)) % FEED_KINDS.length]!;
}

/** The path of a post, as in the page's links. */
export function postPath(post: number): string {
  return `/posts/post-${String(post).padStart(4, '0')}`;
}
