import { isOfSites } from '../../utils/browser/badge-sites.ts';
import { postAddress } from '../../utils/domain/post-sites.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';

/** By what a verdict may be found again on other pages; null for what the page alone says. */
export type KnownAgain = { readonly postUrl: string | null; readonly fileUrl: string | null };

/**
 * By which of its addresses a scanned video's verdict may be remembered. What is remembered is shown wherever that address
 * turns up, so no page may bring its own clip under the address of another's.
 * @param way by which the frames came
 * @param sites where badges are on
 */
export function knownAgain(
  { video, documentUrl = '' }: Pick<Scan, 'video' | 'documentUrl'>,
  way: FrameSourceKind | null,
  sites: readonly BadgeSite[],
): KnownAgain {
  const { fileUrl, postUrl = null, isServed = false } = video;
  const isFileKnown =
    fileUrl !== null && (way === 'source' || isOwnFile(fileUrl, documentUrl, sites) || isTrusted());
  return {
    postUrl: postUrl !== null && isOwnPost(postUrl, documentUrl) ? postUrl : null,
    fileUrl: isFileKnown ? fileUrl : null,
  };

  /** The user has chosen this site; and with no service worker in between the browser itself has put the file there. */
  function isTrusted(): boolean {
    return !isServed && isOfSites(documentUrl, sites);
  }
}

/** What a site says of its own files, wherever it keeps them, it may also say by giving other ones. */
function isOwnFile(fileUrl: string, documentUrl: string, sites: readonly BadgeSite[]): boolean {
  if (!URL.canParse(fileUrl) || !URL.canParse(documentUrl)) return false;
  const { origin } = new URL(fileUrl);
  // Origins that are like no other one are all written `null`.
  if (origin !== 'null' && origin === new URL(documentUrl).origin) return true;
  return sites.some((site) => isOfSites(documentUrl, [site]) && isOfSites(fileUrl, [site]));
}

/** @param postUrl as {@link postAddress} gives it, which leaves out where on a site (`www.`, `m.`) the page was */
function isOwnPost(postUrl: string, documentUrl: string): boolean {
  if (!URL.canParse(documentUrl) || !URL.canParse(`https://${postUrl}`)) return false;
  const { hostname } = new URL(documentUrl);
  const link = new URL(`https://${postUrl}`);
  const inPage = new URL(link);
  inPage.hostname = hostname;
  return [link, inPage].some((address) => postAddress(address, hostname) === postUrl);
}
