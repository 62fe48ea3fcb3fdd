/**
 * Addresses and texts that come from pages: their longest length, the parts that are kept, and the addresses that may
 * be requested.
 */

/** Addresses of signed files are up to 2 kB long; no web server that we know takes one of more than 8 kB. */
export const MAX_ADDRESS_LENGTH = 8192;
/** Longer titles are cut, since the history and every list show them. */
export const MAX_TITLE_LENGTH = 300;

/**
 * These characters turn the direction of the text after them (Unicode, UAX #9, "directional formatting characters").
 */
const DIRECTIONS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/**
 * A foreign text that does not affect the texts around it: without control characters, and without halves of
 * characters.
 */
export function plainText(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(DIRECTIONS, '')
    .toWellFormed()
    .trim();
}

/**
 * A page's address as it is stored: without name and password, without fragment. If it is too long, its origin, which
 * still says where the page was.
 */
export function shortened(url: string): string {
  if (!URL.canParse(url)) return url.slice(0, MAX_ADDRESS_LENGTH);
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  parsed.hash = '';
  const { href, origin } = parsed;
  if (href.length <= MAX_ADDRESS_LENGTH) return href;
  return origin === 'null' ? parsed.protocol : `${origin}/`;
}

/** A file's address without name and password. */
export function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** The source as the user knows it: the host without "www.", or the file's name. */
export function siteOf(pageUrl: string): string {
  if (!URL.canParse(pageUrl)) return pageUrl;
  const { host, protocol, pathname } = new URL(pageUrl);
  if (protocol === 'file:') return decodeWhereValid(pathname.slice(pathname.lastIndexOf('/') + 1));
  return host.replace(/^www\./, '');
}

/** The decoded text; the text itself where it is not percent-encoded, such as "50%.html". */
function decodeWhereValid(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Names that are never resolved outside this machine or its network (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`).
 */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa|lan|intranet|localdomain)$/;

/** First and last address of the IPv4 blocks that are not on the public web (IANA, special-purpose registry). */
const LOCAL_IPV4_BLOCKS = [
  // "This network".
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  // Multicast, reserved, broadcast.
  ['224.0.0.0', 3],
] as const;

/**
 * Whether a host is one of the public web. The name or number is that of `URL.hostname`, which writes every form of an
 * IPv4 address as four decimal numbers, and an IPv6 address in brackets, shortened.
 */
export function isPublicHost(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '').toLowerCase();
  if (name.startsWith('[')) return isPublicIpv6(groupsOf(name.slice(1, -1)));
  if (/^\d+(?:\.\d+){3}$/.test(name)) return isPublicIpv4(numberOf(name));
  // A name without a dot belongs to this machine's network.
  return name.includes('.') && !LOCAL_NAME.test(name);
}

/**
 * Whether the host may request a file that a page names. The page itself must be able to request it. A machine of the
 * user's network is refused, unless the page's document comes from that very machine.
 * @param documentUrl address or origin of the document with the video; null where the browser does not say it
 */
export function mayRequest(url: string, documentUrl: string | null): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (!/^https?:$/.test(protocol) || hostname === '') return false;
  if (isPublicHost(hostname)) return true;
  if (documentUrl === null || !URL.canParse(documentUrl)) return false;
  const own = new URL(documentUrl).hostname;
  return own === hostname || (isThisMachine(own) && isThisMachine(hostname));
}

/** This machine has many names, which are one host. */
function isThisMachine(hostname: string): boolean {
  return /(?:^|\.)localhost\.?$|^127\.\d+\.\d+\.\d+$|^\[::1\]$/.test(hostname);
}

function numberOf(ipv4: string): number {
  return ipv4.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function isPublicIpv4(number: number): boolean {
  return !LOCAL_IPV4_BLOCKS.some(([first, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(number / size) === numberOf(first) / size;
  });
}

/** The eight numbers of an IPv6 address. */
function groupsOf(ipv6: string): readonly number[] {
  const [head = '', tail] = ipv6.split('::');
  const parts = (text: string): readonly number[] =>
    text === '' ? [] : text.split(':').map((part) => Number.parseInt(part, 16));
  if (tail === undefined) return parts(head);
  const [before, after] = [parts(head), parts(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function isPublicIpv6(groups: readonly number[]): boolean {
  const [first = 0, second = 0] = groups;
  const last = (groups[6] ?? 0) * 65_536 + (groups[7] ?? 0);
  // An IPv4 address in an IPv6 one: mapped, translated (RFC 6052), 6to4 (RFC 3056).
  const isZero = (from: number, to: number): boolean => groups.slice(from, to).every((group) => group === 0);
  if (isZero(0, 5) && groups[5] === 0xffff) return isPublicIpv4(last);
  if (first === 0x64 && second === 0xff9b) return isZero(2, 6) && isPublicIpv4(last);
  if (first === 0x2002) return isPublicIpv4(second * 65_536 + (groups[2] ?? 0));
  // Of all other addresses, global unicast is the only block in use: no loopback, no unique local, no link-local, no
  // multicast.
  return first >= 0x2000 && first <= 0x3fff;
}
