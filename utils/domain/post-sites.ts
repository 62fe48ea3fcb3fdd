import { MAX_ADDRESS_LENGTH } from './addresses.ts';
import type { PostLinks } from './post-links.ts';
import type { ScannedVideo } from './scan.ts';

/**
 * A site that is known by name, with what is special to its pages. The facts were publicly known in November 2026; no site
 * was at hand to try them. If a site changes, the general rules of all other sites still work for it. What only the
 * permission needs is in sites.ts, since this module goes into pages.
 */
export type PostSite = {
  /** Hosts of its pages, each with all hosts under it. */
  readonly pageHosts: readonly string[];
  /** Matches the path of a post's own address; the match names the post. */
  readonly postPath: RegExp;
  /** Parameters without which the address does not name the post. */
  readonly postParameters?: readonly string[];
  /**
   * On a post's own page, to which nothing on it links, the page's address stands for the video, unless it is an
   * advertisement. Left out where nothing tells that.
   */
  readonly marksAdvertisements?: boolean;
};

export const POST_SITES = {
  x: { pageHosts: ['x.com', 'twitter.com'], postPath: /^\/[^/]+\/status\/\d+/ },
  facebook: {
    pageHosts: ['facebook.com'],
    postPath:
      /^\/(?:reel\/\d+|watch\/?$|[^/]+\/videos\/(?:[^/]+\/)?\d+|[^/]+\/posts\/[\w.-]+|story\.php$|permalink\.php$)/,
    postParameters: ['v', 'story_fbid', 'id'],
  },
  // `audio`: a sound has its own page of other people's videos.
  instagram: {
    pageHosts: ['instagram.com'],
    postPath: /^\/(?:[^/]+\/)?(?:p|reel|reels|tv)\/(?!audio\b)[\w-]+/,
  },
  threads: { pageHosts: ['threads.com', 'threads.net'], postPath: /^\/@[^/]+\/post\/[\w-]+/ },
  tiktok: { pageHosts: ['tiktok.com'], postPath: /^\/@[^/]+\/video\/\d+/ },
  youtube: {
    pageHosts: ['youtube.com', 'youtube-nocookie.com'],
    // `videoseries` and `live_stream` play what parameters say.
    postPath: /^\/(?:watch$|shorts\/[\w-]+|embed\/(?!videoseries|live_stream)[\w-]+|live\/[\w-]+)/,
    postParameters: ['v'],
    marksAdvertisements: true,
  },
  reddit: {
    pageHosts: ['reddit.com'],
    postPath: /^\/(?:r|user)\/[^/]+\/comments\/\w+/,
  },
  linkedin: {
    pageHosts: ['linkedin.com'],
    postPath: /^\/(?:feed\/update\/urn:li:\w+:\d+|posts\/[^/]+)/,
  },
  bluesky: { pageHosts: ['bsky.app'], postPath: /^\/profile\/[^/]+\/post\/\w+/ },
  // The public previews of channels; the app itself has no addresses of messages.
  telegram: { pageHosts: ['web.telegram.org', 't.me'], postPath: /^\/(?:s\/)?[a-z]\w+\/\d+/i },
  vk: { pageHosts: ['vk.com', 'vk.ru', 'vkvideo.ru'], postPath: /^\/(?:wall|video|clip)-?\d+_\d+/ },
} satisfies Readonly<Record<string, PostSite>>;
export type SiteId = keyof typeof POST_SITES;

/**
 * For every other site: the whole path. Mastodon's instances are recognised by it (`/@name/1234`), and whatever else names its
 * posts by an id at the end of a path. A plain word there (`/videos/latest`) or a year is a list's.
 */
const GENERAL_POST_PATH =
  /^\/(?:@[^/]+\/\d{5,}|(?:[^/]+\/)*(?:posts?|status|statuses|notes|videos?|watch|clips?|reels?|v|p)\/(?:[^/]+\/)*(?!\d{1,4}\/?$)(?=[\w-]{3,}\/?$)[\w-]*[\d_-][\w-]*)\/?$/i;
/** Of such sites' links: who has sent the reader. Whatever else there is may say which post is meant. */
const TRACKING_PARAMETER = /^(?:utm_.*|ref(?:_src)?|si)$/i;
/** Longer paths are data. */
const MAX_PATH_LENGTH = 500;

/** The known site of a host and its id; null for any other host. */
export function findSite(hostname: string): (PostSite & { readonly siteId: SiteId }) | null {
  for (const [siteId, site] of Object.entries<PostSite>(POST_SITES) as [SiteId, PostSite][]) {
    if (site.pageHosts.some((host) => isUnder(hostname, host))) return { siteId, ...site };
  }
  return null;
}

/**
 * The address of the post that contains a video: that of the nearest level whose permalinks all lead to the same post. null if
 * there is no such level, or if it contains several videos: a verdict that is remembered by the address would be shown on the
 * wrong video.
 * @param documentUrl of the document with the video, as the browser says
 */
export function postOfLinks(
  { levels, isAlone, isAdvertisement }: PostLinks,
  documentUrl: string,
): string | null {
  if (!URL.canParse(documentUrl)) return null;
  const page = new URL(documentUrl);
  for (const level of levels) {
    const posts = new Set(
      level.addresses.flatMap((link) => (URL.canParse(link) ? (postAddress(new URL(link), page) ?? []) : [])),
    );
    if (posts.size > 1) break;
    const [post] = posts;
    if (post !== undefined) return level.isAlone ? post : null;
  }
  // On a page of one post the links around the player lead to other posts, so the page's own address counts.
  const isOwnPage = findSite(page.hostname)?.marksAdvertisements === true && !isAdvertisement && isAlone;
  return isOwnPage ? postAddress(page, page) : null;
}

/**
 * The address that names the post to which a link leads, with its scheme and port; null where it leads to no post, or to one of
 * another site: a copy may name its source, which is another video.
 * @param page that has the link
 */
export function postAddress(link: URL, page: Pick<URL, 'protocol' | 'host' | 'hostname'>): string | null {
  const site = findSite(page.hostname);
  if (!/^https?:$/.test(link.protocol) || link.pathname.length > MAX_PATH_LENGTH) return null;
  const isOfSite =
    site === null
      ? link.host === page.host && link.protocol === page.protocol
      : site.pageHosts.some((host) => isUnder(link.hostname, host));
  if (!isOfSite) return null;
  const found = (site?.postPath ?? GENERAL_POST_PATH).exec(link.pathname);
  if (found === null) return null;
  const parameters =
    site === null
      ? [...link.searchParams]
          .filter(([name]) => !TRACKING_PARAMETER.test(name))
          .map(([name, value]) => `${name}=${value}`)
          .toSorted()
      : (site.postParameters ?? []).flatMap((name) => {
          const value = link.searchParams.get(name);
          return value === null ? [] : [`${name}=${value}`];
        });
  // `/watch` alone is everybody's address.
  if (/\/(?:watch\/?|story\.php|permalink\.php)$/.test(found[0]) && parameters.length === 0) return null;
  const origin = `${link.protocol}//${bareHost(link.host)}`;
  const query = parameters.length > 0 ? `?${parameters.join('&')}` : '';
  const address = `${origin}${found[0].replace(/\/$/, '')}${query}`;
  return address.length > MAX_ADDRESS_LENGTH ? null : address;
}

/**
 * Where the post can be opened again: its whole address, with the subdomain of the page on which it was met. The page's own
 * address where there is no post, or where a frame of another site has it: what is known of that page says nothing of the
 * site in the frame.
 * @param postUrl as {@link postAddress} gives it
 */
export function addressToReopen({
  pageUrl,
  postUrl = null,
}: Pick<ScannedVideo, 'pageUrl' | 'postUrl'>): string {
  if (postUrl === null || !URL.canParse(pageUrl) || !URL.canParse(postUrl)) return pageUrl;
  const page = new URL(pageUrl);
  const post = new URL(postUrl);
  if (post.protocol !== page.protocol) return pageUrl;
  // Not every site answers without its "www."; the page's own host did.
  if (bareHost(page.host) === post.host) return `${page.origin}${post.pathname}${post.search}`;
  const site = findSite(page.hostname);
  return site !== null && findSite(post.hostname)?.siteId === site.siteId ? post.href : pageUrl;
}

/** Host name or host with its port. */
function bareHost(host: string): string {
  return host.replace(/^(?:www|m|mobile|web|old|new)\./, '');
}

function isUnder(hostname: string, host: string): boolean {
  return hostname === host || hostname.endsWith(`.${host}`);
}
