import { coveredShare } from '../../utils/domain/covered-share.ts';
import type { PageBox, SeenVideo } from '../../utils/domain/content-messages.ts';
import type { Doubt } from '../../utils/domain/verdict.ts';

/** A quarter of a face or of the picture: buttons and captions hide less, and another face needs more. */
const MIN_COVERED_SHARE = 0.25;

const WHOLE: PageBox = { left: 0, top: 0, width: 1, height: 1 };

/**
 * The doubts of a verdict whose frames were not read from the screen: the user may see another picture.
 * @param seen the page's changes to the picture, at the scan's start and end
 * @param judged where the deciding person's faces were, in shares of the picture's sides; null where that is not
 *   known
 */
export function pageDoubts(seen: readonly SeenVideo[], judged: PageBox | null): readonly Doubt[] {
  const isCovered = seen.some(({ covers }) =>
    [WHOLE, ...(judged === null ? [] : [judged])].some(
      (area) => coveredShare(area, covers) >= MIN_COVERED_SHARE,
    ),
  );
  const doubts: Doubt[] = [];
  if (isCovered) doubts.push('covered-by-page');
  if (seen.some(({ isAltered }) => isAltered)) doubts.push('altered-by-page');
  return doubts;
}
