import { browser } from 'wxt/browser';
import { isOfOrigins } from '../domain/origin-patterns.ts';
import type { BadgeSite } from '../domain/sites.ts';

/** The sites where badges are on, in the order in which they were switched on. Only the background writes them. */
const STORAGE_KEY = 'badge-sites';
/** Of a site that waits for the user's answer to the browser's question; gone with the browser. */
const PENDING_KEY = 'badge-site-pending';
/** The origins that were granted for badges alone, as match patterns. */
const BROUGHT_KEY = 'badge-origins';
/** Nobody switches on more by hand; the list in the options is drawn whole. */
export const MAX_BADGE_SITES = 200;

/** A site for which the browser asks the user. */
export type PendingSite = {
  readonly site: BadgeSite;
  /** What the extension had already, for whatever purpose: that is not given back with the badges. */
  readonly heldOrigins: readonly string[];
};
/** @property askedAt milliseconds since the epoch */
export type NotedSite = PendingSite & { readonly askedAt: number };

export async function readBadgeSites(): Promise<readonly BadgeSite[]> {
  const stored = await browser.storage.local.get(STORAGE_KEY);
  return (stored[STORAGE_KEY] as readonly BadgeSite[] | undefined) ?? [];
}

/** Background only. */
export async function writeBadgeSites(sites: readonly BadgeSite[]): Promise<void> {
  await browser.storage.local.set({ [STORAGE_KEY]: sites.slice(0, MAX_BADGE_SITES) });
}

/** Whether an address, of a page or of a frame in it, is of one of them. */
export function isOfSites(url: string | null, sites: readonly BadgeSite[]): boolean {
  return url !== null && sites.some(({ originPatterns }) => isOfOrigins(url, originPatterns));
}

/** Calls back with the sites whenever they change. @returns stops watching */
export function watchBadgeSites(onChange: (sites: readonly BadgeSite[]) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string): void => {
    const change = changes[STORAGE_KEY];
    if (area === 'local' && change !== undefined) {
      onChange((change.newValue as readonly BadgeSite[] | undefined) ?? []);
    }
  };
  browser.storage.onChanged.addListener(listener);
  return () => {
    browser.storage.onChanged.removeListener(listener);
  };
}

/** Background only. */
export async function writePendingSite(pending: NotedSite): Promise<void> {
  await browser.storage.session.set({ [PENDING_KEY]: pending });
}

/** Of the background and the extension's own pages: whatever is allowed from here on is no answer to that question. */
export async function forgetPendingSite(): Promise<void> {
  await browser.storage.session.remove(PENDING_KEY);
}

export async function readPendingSite(): Promise<NotedSite | null> {
  const stored = await browser.storage.session.get(PENDING_KEY);
  return (stored[PENDING_KEY] as NotedSite | undefined) ?? null;
}

export async function readBroughtOrigins(): Promise<readonly string[]> {
  const stored = await browser.storage.local.get(BROUGHT_KEY);
  return (stored[BROUGHT_KEY] as readonly string[] | undefined) ?? [];
}

/** Background only. */
export async function writeBroughtOrigins(patterns: readonly string[]): Promise<void> {
  await browser.storage.local.set({ [BROUGHT_KEY]: patterns });
}
