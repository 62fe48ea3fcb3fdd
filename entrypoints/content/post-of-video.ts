import { findSite, postAddress } from '../../utils/domain/post-sites.ts';
import { isAround, parentOf } from './parent-of.ts';
import { findVideos } from './videos-in-frame.ts';

/** From a player to its post there are a dozen levels or two; from there to the page's root everybody's links. */
const MAX_LEVELS = 30;
/** A level with more links than this is no single post. */
const MAX_LINKS_A_LEVEL = 80;

/**
 * The address that names the post a video is in: of the nearest ancestor in which all links to posts lead to one and the
 * same. null where there is none, or where that ancestor holds several videos: a verdict that is remembered by it would come
 * to stand on the wrong one.
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
  // A page of one post: what is around its player is about other posts.
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
