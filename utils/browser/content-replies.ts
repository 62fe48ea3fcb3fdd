import * as v from 'valibot';
import { DetectorError } from '../domain/errors.ts';
import type { CheckOutcome, PageVideo } from '../domain/page-video.ts';
import { pictureSide, seconds } from '../domain/scan.ts';
import { address, id, title } from './from-content.ts';

/** The most videos of one frame that are listed. */
const MAX_VIDEOS_A_FRAME = 200;

/** One video as a content script describes it. An attacker may control a page's process, so each one is validated. */
const PAGE_VIDEO = v.object({
  videoId: v.pipe(v.number(), v.integer()),
  title,
  widthPixels: pictureSide,
  heightPixels: pictureSide,
  durationSeconds: v.nullable(seconds),
  isPaused: v.boolean(),
  isVisible: v.boolean(),
  closedFileUrl: v.nullable(address),
  scanId: v.nullable(id),
});

/** The valid videos of a list. An invalid one, such as one with too long an address, does not hide the others. */
export function validVideos(received: unknown, frameId: number): readonly PageVideo[] {
  if (!Array.isArray(received)) return [];
  return received.slice(0, MAX_VIDEOS_A_FRAME).flatMap((each) => {
    const parsed = v.safeParse(PAGE_VIDEO, each);
    // A content script does not know the number of its own frame.
    return parsed.success ? [{ ...parsed.output, frameId }] : [];
  });
}

const CHECK_OUTCOME = v.variant('kind', [
  v.object({ kind: v.picklist(['started', 'running']), scanId: id }),
  v.object({ kind: v.picklist(['choosing', 'no-video']) }),
]);

/**
 * Validates a content script's answer to a request for a check.
 * @throws DetectorError `unreachable` for an answer that our content script does not give
 */
export function validOutcome(received: unknown): CheckOutcome {
  const parsed = v.safeParse(CHECK_OUTCOME, received);
  if (!parsed.success) throw new DetectorError('unreachable', 'another answer than our content script gives');
  return parsed.output;
}
