import type { PageVideo } from '../../utils/domain/page-video.ts';

type Ordered = Pick<PageVideo, 'isVisible' | 'widthPixels' | 'heightPixels'>;

/** Order for {@link Array.sort}: what the user sees before what lies elsewhere on the page, then by size. */
export function largestFirst(a: Ordered, b: Ordered): number {
  return Number(b.isVisible) - Number(a.isVisible) || area(b) - area(a);
}

function area({ widthPixels, heightPixels }: Ordered): number {
  return widthPixels * heightPixels;
}
