import { findSite, POST_SITES } from './post-sites.ts';
import type { SiteId } from './post-sites.ts';

/** The names of known sites and the hosts of their videos. Like post-sites.ts they were not tried on the sites themselves. */
const NAMED_SITES: Readonly<
  Record<
    SiteId,
    {
      readonly name: string;
      /** The user is asked for these too: they serve the players' frames, and files whose picture the page can't read. */
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

/** A site on which the user has switched badges on. */
export type BadgeSite = {
  readonly siteId: string;
  readonly name: string;
  /** Match patterns of the pages on which badges are. */
  readonly pagePatterns: readonly string[];
  /** Match patterns of all hosts that the user is asked for: those of the pages and of the videos. */
  readonly originPatterns: readonly string[];
};

/** The valid entries of a stored list. */
export function validBadgeSites(stored: unknown): readonly BadgeSite[] {
  return Array.isArray(stored) ? stored.filter(isBadgeSite) : [];
}

function isBadgeSite(value: unknown): value is BadgeSite {
  if (typeof value !== 'object' || value === null) return false;
  const { siteId, name, pagePatterns, originPatterns } = value as Partial<Record<keyof BadgeSite, unknown>>;
  const areTexts = (texts: unknown): boolean =>
    Array.isArray(texts) && texts.every((text) => typeof text === 'string');
  return (
    typeof siteId === 'string' &&
    typeof name === 'string' &&
    areTexts(pagePatterns) &&
    areTexts(originPatterns)
  );
}

/** An unknown site's page names its media hosts. The browser's question to the user lists them and has to stay short. */
const MAX_MEDIA_HOSTS = 3;

/**
 * The site of a page, for which badges can be switched on.
 * @param fileUrls addresses of the page's videos whose pictures the page can't read: for an unknown site only they tell the
 *   media hosts
 * @returns null for pages that no extension may enter
 */
export function badgeSiteOf(pageUrl: string, fileUrls: readonly string[] = []): BadgeSite | null {
  const pageHost = hostOf(pageUrl);
  if (pageHost === null) return null;
  const site = findSite(pageHost);
  if (site !== null) return describe(site.siteId);
  const name = pageHost.replace(/^www\./, '');
  // IP addresses and names of the local network have no subdomains.
  const isDomain = /\.[a-z][a-z0-9-]*$/i.test(name);
  const pagePatterns = [isDomain ? patternOf(name) : exactPatternOf(name)];
  const mediaHosts = fileUrls
    .flatMap((url) => hostOf(url) ?? [])
    .map(exactPatternOf)
    .filter((pattern) => !covers(pagePatterns[0]!, pattern));
  const mediaPatterns = [...new Set(mediaHosts)].slice(0, MAX_MEDIA_HOSTS);
  return { siteId: name, name, pagePatterns, originPatterns: [...pagePatterns, ...mediaPatterns] };
}

/** The host of a web address, without port; null for any other address. */
export function hostOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname } = new URL(url);
  return /^https?:$/.test(protocol) && hostname !== '' ? hostname : null;
}

/** All known sites, for the list on the options page. */
export function knownBadgeSites(): readonly BadgeSite[] {
  return (Object.keys(POST_SITES) as SiteId[]).map(describe);
}

function describe(siteId: SiteId): BadgeSite {
  const { name, mediaHosts } = NAMED_SITES[siteId];
  const pagePatterns = POST_SITES[siteId].pageHosts.map(patternOf);
  return { siteId, name, pagePatterns, originPatterns: [...pagePatterns, ...mediaHosts.map(patternOf)] };
}

function exactPatternOf(host: string): string {
  return `*://${host}/*`;
}

/** A host and all under it. */
function patternOf(host: string): string {
  return `*://*.${host}/*`;
}

/**
 * Whether badges are on in a frame. The scripts are registered for all hosts of a site, since the player may be in a
 * frame of the host of its videos. Badges are off on that host's own pages, and in its frames on other sites.
 * @param pageUrl of the tab's page, as the browser says
 * @param url of the frame's document
 */
export function isBadgeFrame(
  { pageUrl, url }: { readonly pageUrl: string | null; readonly url: string | null },
  sites: readonly BadgeSite[],
): boolean {
  if (pageUrl === null || url === null) return false;
  return sites.some(
    ({ pagePatterns, originPatterns }) =>
      isOfOrigins(pageUrl, pagePatterns) && isOfOrigins(url, originPatterns),
  );
}

/** Match patterns of origins (`*://*.example.com/*`): their paths are always `/*`. */

/** Whether every address of `narrow` is one of `wide`'s (https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Match_patterns). */
export function covers(wide: string, narrow: string): boolean {
  const [wideScheme, wideHost] = partsOf(wide);
  const [scheme, host] = partsOf(narrow);
  if (wideScheme !== '*' && wideScheme !== scheme) return false;
  if (wideHost === '*' || wideHost === host) return true;
  if (!wideHost.startsWith('*.')) return false;
  const base = wideHost.slice(2);
  return host === base || host.endsWith(`.${base}`);
}

function partsOf(pattern: string): readonly [scheme: string, host: string] {
  if (pattern === '<all_urls>') return ['*', '*'];
  const [scheme = '', rest = ''] = pattern.split('://', 2);
  return [scheme, rest.split('/', 1)[0] ?? ''];
}

/** Whether an address is of one of those origins; false for a text that is no address. */
export function isOfOrigins(url: string, patterns: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  // Patterns know no ports.
  const { protocol, hostname } = new URL(url);
  return patterns.some((pattern) => covers(pattern, `${protocol}//${hostname}/*`));
}
