import { findSite, postAddress } from '../../utils/domain/post-sites.ts';
import { isAround, parentOf } from '../../utils/browser/page-elements.ts';
import { findVideos } from './videos-in-frame.ts';

/** A post is 12 to 24 levels above its player; higher levels contain the links of other posts. */
const MAX_LEVELS = 30;
/** An element with more links contains more than one post. */
const MAX_LINKS_A_LEVEL = 80;

/**
 * The address of the post that contains a video: that of the nearest ancestor whose links to posts all lead to the same
 * post. null if there is no such ancestor, or if it contains several videos: a verdict that is remembered by the address
 * would be shown on the wrong video.
 */
export function postOfVideo(video: HTMLVideoElement): string | null {
  const videos = findVideos(document).filter(isShown);
  let level: Element | null = parentOf(video);
  for (let depth = 0; level !== null && depth < MAX_LEVELS; depth++, level = parentOf(level)) {
    const addresses = postsLinkedIn(level);
    if (addresses.size > 1) break;
    const [address] = addresses;
    if (address === undefined) continue;
    const around = level;
    return videos.some((other) => other !== video && isAround(around, other)) ? null : address;
  }
  // On a page of one post the links around the player lead to other posts, so the page's own address counts.
  const advertisement = findSite(location.hostname)?.advertisement;
  if (advertisement === undefined || video.closest(advertisement) !== null) return null;
  const isAlone = videos.every((other) => other === video);
  return isAlone ? postAddress(new URL(location.href), location.hostname) : null;
}

function postsLinkedIn(level: Element): ReadonlySet<string> {
  const addresses = new Set<string>();
  const links = level.querySelectorAll<HTMLAnchorElement>('a[href]');
  if (links.length > MAX_LINKS_A_LEVEL) return new Set(['too', 'many']);
  for (const link of links) {
    const address = URL.canParse(link.href) ? postAddress(new URL(link.href), location.hostname) : null;
    if (address !== null) addresses.add(address);
  }
  return addresses;
}

function isShown(video: HTMLVideoElement): boolean {
  return video.getClientRects().length > 0;
}
