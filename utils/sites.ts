/**
 * Sites that are known by name, with what is special to each. From what is publicly known of them in November 2026; none of
 * them was at hand for trying it out. Sites change: whatever a line here gets wrong, the general rules still hold, which
 * every site that is not listed goes by.
 */
export type Site = {
  readonly siteId: string;
  readonly name: string;
  /** Of its pages; each with all that lies under it. */
  readonly pageHosts: readonly string[];
  /** Its videos come from here. Asked for with the pages, so that a player whose picture is closed can be read. */
  readonly mediaHosts: readonly string[];
  /** The path of a post's own address: what it matches names the post. */
  readonly postPath: RegExp;
  /** Parameters without which the address does not name the post. */
  readonly postParameters?: readonly string[];
  /** The site's own controls are at the picture's top left, where the badge would be: it takes this corner. */
  readonly badgeCorner?: 'top-right';
};

export const SITES: readonly Site[] = [
  {
    siteId: 'x',
    name: 'X',
    pageHosts: ['x.com', 'twitter.com'],
    mediaHosts: ['video.twimg.com'],
    postPath: /^\/[^/]+\/status\/\d+/,
  },
  {
    siteId: 'facebook',
    name: 'Facebook',
    pageHosts: ['facebook.com'],
    mediaHosts: ['fbcdn.net'],
    postPath:
      /^\/(?:reel\/\d+|watch\/?$|[^/]+\/videos\/(?:[^/]+\/)?\d+|[^/]+\/posts\/[\w.-]+|story\.php$|permalink\.php$)/,
    postParameters: ['v', 'story_fbid', 'id'],
  },
  {
    siteId: 'instagram',
    name: 'Instagram',
    pageHosts: ['instagram.com'],
    mediaHosts: ['cdninstagram.com', 'fbcdn.net'],
    postPath: /^\/(?:[^/]+\/)?(?:p|reel|reels|tv)\/[\w-]+/,
  },
  {
    siteId: 'threads',
    name: 'Threads',
    pageHosts: ['threads.com', 'threads.net'],
    mediaHosts: ['cdninstagram.com', 'fbcdn.net'],
    postPath: /^\/@[^/]+\/post\/[\w-]+/,
  },
  {
    siteId: 'tiktok',
    name: 'TikTok',
    pageHosts: ['tiktok.com'],
    mediaHosts: ['tiktokcdn.com', 'tiktokcdn-us.com', 'tiktokcdn-eu.com', 'tiktokv.com'],
    postPath: /^\/@[^/]+\/video\/\d+/,
    // Its sound button.
    badgeCorner: 'top-right',
  },
  {
    siteId: 'youtube',
    name: 'YouTube',
    pageHosts: ['youtube.com', 'youtube-nocookie.com'],
    mediaHosts: ['googlevideo.com'],
    postPath: /^\/(?:watch$|shorts\/[\w-]+|embed\/[\w-]+|live\/[\w-]+)/,
    postParameters: ['v'],
  },
  {
    siteId: 'reddit',
    name: 'Reddit',
    pageHosts: ['reddit.com'],
    mediaHosts: ['redd.it', 'redditmedia.com'],
    postPath: /^\/(?:r|user)\/[^/]+\/comments\/\w+/,
  },
  {
    siteId: 'linkedin',
    name: 'LinkedIn',
    pageHosts: ['linkedin.com'],
    mediaHosts: ['licdn.com'],
    postPath: /^\/(?:feed\/update\/urn:li:\w+:\d+|posts\/[^/]+)/,
  },
  {
    siteId: 'bluesky',
    name: 'Bluesky',
    pageHosts: ['bsky.app'],
    mediaHosts: ['video.bsky.app', 'video.cdn.bsky.app'],
    postPath: /^\/profile\/[^/]+\/post\/\w+/,
  },
  {
    siteId: 'telegram',
    name: 'Telegram Web',
    pageHosts: ['web.telegram.org', 't.me'],
    mediaHosts: ['telesco.pe', 'telegram-cdn.org'],
    // The public previews of channels; the app itself has no addresses of messages.
    postPath: /^\/(?:s\/)?[a-z]\w+\/\d+/i,
  },
  {
    siteId: 'vk',
    name: 'VK',
    pageHosts: ['vk.com', 'vk.ru', 'vkvideo.ru'],
    mediaHosts: ['okcdn.ru', 'vkuser.net', 'userapi.com', 'mycdn.me'],
    postPath: /^\/(?:wall|video|clip)-?\d+_\d+/,
  },
];

/**
 * For every other site. Mastodon's instances are recognised by it (`/@name/1234`), and whatever else names its posts by a
 * number or an id at the end of a path.
 */
const GENERAL_POST_PATH =
  /^\/(?:@[^/]+\/\d{5,}|(?:[^/]+\/)*(?:posts?|status|statuses|notes|videos?|watch|clips?|reels?|v|p)\/[\w-]{3,})/i;

/** One site for which badges can be switched on, as it is kept while they are. */
export type BadgeSite = {
  readonly siteId: string;
  readonly name: string;
  /** Match patterns of the pages on which the script runs. */
  readonly pagePatterns: readonly string[];
  /** Match patterns of all that is asked for: the pages and where the videos come from. */
  readonly originPatterns: readonly string[];
};

/** The site that badges would be switched on for on this page; null where extensions are not let in anyway. */
export function badgeSiteOf(pageUrl: string): BadgeSite | null {
  if (!URL.canParse(pageUrl)) return null;
  const { protocol, hostname } = new URL(pageUrl);
  if (!/^https?:$/.test(protocol) || hostname === '') return null;
  const site = findSite(hostname);
  if (site !== null) return describe(site);
  const pagePatterns = [`*://${hostname}/*`];
  return { siteId: hostname, name: hostname, pagePatterns, originPatterns: pagePatterns };
}

/** All that are known by name, for the list in the options. */
export function knownBadgeSites(): readonly BadgeSite[] {
  return SITES.map(describe);
}

export function findSite(hostname: string): Site | null {
  return SITES.find(({ pageHosts }) => pageHosts.some((host) => isUnder(hostname, host))) ?? null;
}

/**
 * The address that names the post to which a link on a page of `site` leads; null where it leads to no post.
 * @param site null for one that is not listed
 */
export function postAddress(link: URL, site: Site | null): string | null {
  if (!/^https?:$/.test(link.protocol)) return null;
  if (site !== null && !site.pageHosts.some((host) => isUnder(link.hostname, host))) return null;
  const found = (site?.postPath ?? GENERAL_POST_PATH).exec(link.pathname);
  if (found === null) return null;
  const parameters = (site?.postParameters ?? ['v', 'id']).flatMap((name) => {
    const value = link.searchParams.get(name);
    return value === null ? [] : [`${name}=${value}`];
  });
  // `/watch` alone is everybody's address.
  if (/\/(?:watch\/?|story\.php|permalink\.php)$/.test(found[0]) && parameters.length === 0) return null;
  const host = link.hostname.replace(/^(?:www|m|mobile|web|old|new)\./, '');
  return `${host}${found[0].replace(/\/$/, '')}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}

function describe({ siteId, name, pageHosts, mediaHosts }: Site): BadgeSite {
  const pagePatterns = pageHosts.map(patternOf);
  return { siteId, name, pagePatterns, originPatterns: [...pagePatterns, ...mediaHosts.map(patternOf)] };
}

/** A host and all under it. */
function patternOf(host: string): string {
  return `*://*.${host}/*`;
}

function isUnder(hostname: string, host: string): boolean {
  return hostname === host || hostname.endsWith(`.${host}`);
}
