import type { ScannedVideo } from './scan.ts';

/**
 * Sites that are known by name, with what is special to their pages. From what is publicly known of them in November 2026; none
 * of them was at hand for trying it out. Sites change: whatever a line here gets wrong, the general rules still hold, which
 * every site that is not listed goes by. What only the permission needs is in sites.ts: this goes into pages.
 */
export type PostSite = {
  readonly siteId: SiteId;
  /** Of its pages; each with all that lies under it. */
  readonly pageHosts: readonly string[];
  /** The path of a post's own address: what it matches names the post. */
  readonly postPath: RegExp;
  /** Parameters without which the address does not name the post. */
  readonly postParameters?: readonly string[];
  /** The site's own controls are at the picture's top left, where the badge would be: it takes this corner. */
  readonly badgeCorner?: 'top-right';
  /**
   * On a post's own page, where nothing links to it, the page's address stands for the video; but not while the player is in
   * this, which shows advertisements in the same element. Left out where that can't be told.
   */
  readonly advertisement?: string;
};

export type SiteId =
  | 'x'
  | 'facebook'
  | 'instagram'
  | 'threads'
  | 'tiktok'
  | 'youtube'
  | 'reddit'
  | 'linkedin'
  | 'bluesky'
  | 'telegram'
  | 'vk';

export const POST_SITES: readonly PostSite[] = [
  {
    siteId: 'x',
    pageHosts: ['x.com', 'twitter.com'],
    postPath: /^\/[^/]+\/status\/\d+/,
  },
  {
    siteId: 'facebook',
    pageHosts: ['facebook.com'],
    postPath:
      /^\/(?:reel\/\d+|watch\/?$|[^/]+\/videos\/(?:[^/]+\/)?\d+|[^/]+\/posts\/[\w.-]+|story\.php$|permalink\.php$)/,
    postParameters: ['v', 'story_fbid', 'id'],
  },
  {
    siteId: 'instagram',
    pageHosts: ['instagram.com'],
    // A sound has its own page of other people's videos.
    postPath: /^\/(?:[^/]+\/)?(?:p|reel|reels|tv)\/(?!audio\b)[\w-]+/,
  },
  {
    siteId: 'threads',
    pageHosts: ['threads.com', 'threads.net'],
    postPath: /^\/@[^/]+\/post\/[\w-]+/,
  },
  {
    siteId: 'tiktok',
    pageHosts: ['tiktok.com'],
    postPath: /^\/@[^/]+\/video\/\d+/,
    // Its sound button.
    badgeCorner: 'top-right',
  },
  {
    siteId: 'youtube',
    pageHosts: ['youtube.com', 'youtube-nocookie.com'],
    // `videoseries` and `live_stream` play what parameters say.
    postPath: /^\/(?:watch$|shorts\/[\w-]+|embed\/(?!videoseries|live_stream)[\w-]+|live\/[\w-]+)/,
    postParameters: ['v'],
    advertisement: '.ad-showing',
  },
  {
    siteId: 'reddit',
    pageHosts: ['reddit.com'],
    postPath: /^\/(?:r|user)\/[^/]+\/comments\/\w+/,
  },
  {
    siteId: 'linkedin',
    pageHosts: ['linkedin.com'],
    postPath: /^\/(?:feed\/update\/urn:li:\w+:\d+|posts\/[^/]+)/,
  },
  {
    siteId: 'bluesky',
    pageHosts: ['bsky.app'],
    postPath: /^\/profile\/[^/]+\/post\/\w+/,
  },
  {
    siteId: 'telegram',
    pageHosts: ['web.telegram.org', 't.me'],
    // The public previews of channels; the app itself has no addresses of messages.
    postPath: /^\/(?:s\/)?[a-z]\w+\/\d+/i,
  },
  {
    siteId: 'vk',
    pageHosts: ['vk.com', 'vk.ru', 'vkvideo.ru'],
    postPath: /^\/(?:wall|video|clip)-?\d+_\d+/,
  },
];

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

export function findSite(hostname: string): PostSite | null {
  return POST_SITES.find(({ pageHosts }) => pageHosts.some((host) => isUnder(hostname, host))) ?? null;
}

/**
 * The address that names the post to which a link leads; null where it leads to no post, or to one of another site: a copy
 * may name its source, which is another video.
 * @param pageHostname of the page that has the link
 */
export function postAddress(link: URL, pageHostname: string): string | null {
  const site = findSite(pageHostname);
  if (!/^https?:$/.test(link.protocol) || link.pathname.length > MAX_PATH_LENGTH) return null;
  const isOfSite =
    site === null
      ? link.hostname === pageHostname
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
  return `${bareHost(link.hostname)}${found[0].replace(/\/$/, '')}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}

/**
 * Where the post can be opened again: its whole address, with the scheme and port of the page on which it was met. The page's
 * own address where there is no post, or where a frame of another site has it: what is known of that page says nothing of
 * the site in the frame.
 * @param postUrl as {@link postAddress} gives it
 */
export function addressToReopen({
  pageUrl,
  postUrl = null,
}: Pick<ScannedVideo, 'pageUrl' | 'postUrl'>): string {
  if (postUrl === null || !URL.canParse(pageUrl)) return pageUrl;
  const { protocol, hostname, port } = new URL(pageUrl);
  const pathStart = postUrl.indexOf('/');
  const postHost = postUrl.slice(0, pathStart);
  const isSameHost = bareHost(hostname) === postHost;
  const site = findSite(hostname);
  if (!isSameHost && (site === null || findSite(postHost) !== site)) return pageUrl;
  // Not every site answers without its "www."; the page's own host did.
  const host = `${isSameHost ? hostname : postHost}${port === '' ? '' : `:${port}`}`;
  const address = `${protocol}//${host}${postUrl.slice(pathStart)}`;
  return URL.canParse(address) ? address : pageUrl;
}

function bareHost(hostname: string): string {
  return hostname.replace(/^(?:www|m|mobile|web|old|new)\./, '');
}

function isUnder(hostname: string, host: string): boolean {
  return hostname === host || hostname.endsWith(`.${host}`);
}
