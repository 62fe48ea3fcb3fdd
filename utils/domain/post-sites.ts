import { MAX_ADDRESS_LENGTH } from './addresses.ts';
import type { PostLinks } from './post-links.ts';
import type { ScannedVideo } from './scan.ts';

/**
 * The addresses of a known site's posts. They were public in November 2026, and were not tried on the sites themselves. If a
 * site changes them, the general rules for unknown sites still apply to it. Its media hosts are in sites.ts, since content
 * scripts bundle this module and do not need them.
 */
export type PostSite = {
  /** Hosts of its pages. Each stands for all its subdomains too. */
  readonly pageHosts: readonly string[];
  /** Matches the path of a post's address. The matched part identifies the post. */
  readonly postPath: RegExp;
  /** Query parameters that are part of the post's identity. */
  readonly postParameters?: readonly string[];
  /**
   * Whether the site marks its advertisements. Then, on a post's own page, which has no permalink to itself, the page's address
   * stands for each video that is no advertisement.
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
  // `audio` is the page of a sound, with videos of other authors.
  instagram: {
    pageHosts: ['instagram.com'],
    postPath: /^\/(?:[^/]+\/)?(?:p|reel|reels|tv)\/(?!audio\b)[\w-]+/,
  },
  threads: { pageHosts: ['threads.com', 'threads.net'], postPath: /^\/@[^/]+\/post\/[\w-]+/ },
  tiktok: { pageHosts: ['tiktok.com'], postPath: /^\/@[^/]+\/video\/\d+/ },
  youtube: {
    pageHosts: ['youtube.com', 'youtube-nocookie.com'],
    // Under `videoseries` and `live_stream` a parameter chooses the video.
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
 * The path of a post on an unknown site: it ends with an id, as on Mastodon (`/@name/1234`). A path that ends with a plain word
 * (`/videos/latest`) or a year is a list.
 */
const GENERAL_POST_PATH =
  /^\/(?:@[^/]+\/\d{5,}|(?:[^/]+\/)*(?:posts?|status|statuses|notes|videos?|watch|clips?|reels?|v|p)\/(?:[^/]+\/)*(?!\d{1,4}\/?$)(?=[\w-]{3,}\/?$)[\w-]*[\d_-][\w-]*)\/?$/i;
/** These parameters tell where the reader comes from. Any other one may identify the post. */
const TRACKING_PARAMETER = /^(?:utm_.*|ref(?:_src)?|si)$/i;
/** A longer path carries data, such as an encoded picture. */
const MAX_PATH_LENGTH = 500;

/** The known site to which a host belongs; null for any other host. */
export function findSite(hostname: string): (PostSite & { readonly siteId: SiteId }) | null {
  for (const [siteId, site] of Object.entries<PostSite>(POST_SITES) as [SiteId, PostSite][]) {
    if (site.pageHosts.some((host) => isUnder(hostname, host))) return { siteId, ...site };
  }
  return null;
}

/**
 * The address of the post that contains a video: the nearest level with a permalink names it.
 * @param documentUrl the address of the video's document, as the browser tells it
 * @returns null if no level has a permalink, or if the nearest one leads to several posts or shows several videos: a verdict
 *   that is remembered by the address would be shown on the wrong video
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
  // On a post's own page all links lead to other posts, so the page's address is the post's.
  const isOwnPage = findSite(page.hostname)?.marksAdvertisements === true && !isAdvertisement && isAlone;
  return isOwnPage ? postAddress(page, page) : null;
}

/**
 * The identifying address of the post to which a link leads, with scheme and port.
 * @param page the page that has the link
 * @returns null if the link leads to no post, or to a post of another site: a copied post may link to its source, which is
 *   another video
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
  // Without its parameter `/watch` identifies no post.
  if (/\/(?:watch\/?|story\.php|permalink\.php)$/.test(found[0]) && parameters.length === 0) return null;
  const origin = `${link.protocol}//${bareHost(link.host)}`;
  const query = parameters.length > 0 ? `?${parameters.join('&')}` : '';
  const address = `${origin}${found[0].replace(/\/$/, '')}${query}`;
  return address.length > MAX_ADDRESS_LENGTH ? null : address;
}

/**
 * The address by which the user opens the post again, on the subdomain where it was met. Without a post, or if a frame of
 * another site shows it, this is the page's address.
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
  // Some sites do not answer without "www."; the page's host has answered.
  if (bareHost(page.host) === post.host) return `${page.origin}${post.pathname}${post.search}`;
  const site = findSite(page.hostname);
  return site !== null && findSite(post.hostname)?.siteId === site.siteId ? post.href : pageUrl;
}

/** A host, with or without port, without its leading "www.", "m." and the like. */
function bareHost(host: string): string {
  return host.replace(/^(?:www|m|mobile|web|old|new)\./, '');
}

function isUnder(hostname: string, host: string): boolean {
  return hostname === host || hostname.endsWith(`.${host}`);
}
