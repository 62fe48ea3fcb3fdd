import { findSite, POST_SITES } from './post-sites.ts';
import type { PostSite, SiteId } from './post-sites.ts';

/** What a site that is known by name is called, and where its videos come from. As little tried out as post-sites.ts. */
const NAMED_SITES: Readonly<
  Record<
    SiteId,
    {
      readonly name: string;
      /** Asked for with the pages: players in frames of theirs, and files whose picture is closed to the page itself. */
      readonly mediaHosts: readonly string[];
    }
  >
> = {
  x: { name: 'X', mediaHosts: ['video.twimg.com'] },
  facebook: { name: 'Facebook', mediaHosts: ['fbcdn.net'] },
  instagram: { name: 'Instagram', mediaHosts: ['cdninstagram.com', 'fbcdn.net'] },
  threads: { name: 'Threads', mediaHosts: ['cdninstagram.com', 'fbcdn.net'] },
  tiktok: {
    name: 'TikTok',
    mediaHosts: ['tiktokcdn.com', 'tiktokcdn-us.com', 'tiktokcdn-eu.com', 'tiktokv.com'],
  },
  youtube: { name: 'YouTube', mediaHosts: ['googlevideo.com'] },
  reddit: { name: 'Reddit', mediaHosts: ['redd.it', 'redditmedia.com'] },
  linkedin: { name: 'LinkedIn', mediaHosts: ['licdn.com'] },
  bluesky: { name: 'Bluesky', mediaHosts: ['video.bsky.app', 'video.cdn.bsky.app'] },
  telegram: { name: 'Telegram Web', mediaHosts: ['telesco.pe', 'telegram-cdn.org'] },
  vk: { name: 'VK', mediaHosts: ['okcdn.ru', 'vkuser.net', 'userapi.com', 'mycdn.me'] },
};

/** One site for which badges can be switched on, as it is kept while they are. */
export type BadgeSite = {
  readonly siteId: string;
  readonly name: string;
  /** Match patterns of the pages on which badges are. */
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
  return POST_SITES.map(describe);
}

function describe({ siteId, pageHosts }: PostSite): BadgeSite {
  const { name, mediaHosts } = NAMED_SITES[siteId];
  const pagePatterns = pageHosts.map(patternOf);
  return { siteId, name, pagePatterns, originPatterns: [...pagePatterns, ...mediaHosts.map(patternOf)] };
}

/** A host and all under it. */
function patternOf(host: string): string {
  return `*://*.${host}/*`;
}
