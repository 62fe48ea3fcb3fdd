import { mayRequest } from '../../utils/domain/addresses.ts';
import type { ScannedVideo } from '../../utils/domain/scan.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';
import type { SourceAddress } from './seekable-video.ts';

/** The facts by which a video's frame sources are chosen. */
export type SourceFacts = {
  readonly video: Pick<ScannedVideo, 'fileUrl' | 'isServed' | 'durationSeconds'>;
  /** Origin of the document that holds the video. */
  readonly pageOrigin: string | null;
  /** Whether the user has allowed the file's host. */
  readonly isHostAllowed: boolean;
  readonly isPrivate: boolean;
  /** The address was given to one of our own pages: there is no element. */
  readonly isOwnPage: boolean;
  /** The user has not asked for this check. */
  readonly isAutomatic: boolean;
};

export type ChosenSources = {
  readonly order: readonly FrameSourceKind[];
  /** The addresses for `source`, in the order in which they are tried. */
  readonly addresses: readonly SourceAddress[];
};

/**
 * In longer videos the element comes first: evenly spaced frames show each person too seldom, and the user asks about the
 * part that plays now. At ten minutes, frames are 40 seconds apart.
 */
const MAX_SOURCE_FIRST_SECONDS = 600;

/**
 * The order in which the sources are tried. The file comes first where its server (CORS) or the user allows reading it:
 * its frames are spread as the original's, and nothing has to be played. Otherwise the element comes first, since its
 * picture is there already and needs no second request.
 */
export function chooseSources(facts: SourceFacts): ChosenSources {
  const { video, isPrivate, isOwnPage, pageOrigin, isHostAllowed, isAutomatic } = facts;
  const url = video.fileUrl;
  const inPage: readonly FrameSourceKind[] = isOwnPage ? [] : ['element'];
  // The host's document belongs to no private window: a request from there would be sent with the user's own cookies.
  if (url === null || isPrivate) return { order: inPage, addresses: [] };
  // Through the host, a page must not reach an address that it can't reach itself. The user may enter any address.
  if (!isOwnPage && !mayRequest(url, pageOrigin)) return { order: inPage, addresses: [] };
  const isForeign = originOf(url) !== pageOrigin;
  // An automatic scan makes no new request, unless the picture is closed and the user has allowed the host of the site's
  // videos. The same holds for a page whose service worker may show another file than its address gives: the file is
  // requested only where the element can't be read and the user has allowed it.
  if (isAutomatic || video.isServed === true) {
    const isOpened = isHostAllowed && (isForeign || !isAutomatic);
    return isOpened
      ? { order: ['element', 'source'], addresses: [{ url, isWithCors: false }] }
      : { order: ['element'], addresses: [] };
  }
  const addresses: SourceAddress[] = [];
  // A file of the page's own origin is open with the page itself, for as long as the user's click holds.
  if (isHostAllowed || (!isForeign && !isOwnPage)) addresses.push({ url, isWithCors: false });
  if (isForeign) addresses.push({ url, isWithCors: true });
  const { durationSeconds } = video;
  const isShort = durationSeconds !== null && durationSeconds <= MAX_SOURCE_FIRST_SECONDS;
  const isSourceFirst = isShort && (isForeign || isHostAllowed);
  return { order: isSourceFirst ? ['source', ...inPage] : [...inPage, 'source'], addresses };
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
