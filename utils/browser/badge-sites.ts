import * as v from 'valibot';
import { isOfOrigins, validBadgeSites } from '../domain/sites.ts';
import type { BadgeSite } from '../domain/sites.ts';
import { createStoredItem, validBySchema, validElements } from './stored-item.ts';

/** Nobody switches on more by hand; the list in the options is drawn whole. */
const MAX_BADGE_SITES = 200;

/** A site for which the browser asks the user. */
export type PendingSite = {
  readonly site: BadgeSite;
  /** What the extension had already, for whatever purpose: that is not given back with the badges. */
  readonly heldOrigins: readonly string[];
};
/** @property askedAt milliseconds since the epoch */
export type NotedSite = PendingSite & { readonly askedAt: number };

/** The sites where badges are on, in the order in which they were switched on. */
const sites = createStoredItem({ key: 'local:badge-sites', valid: validBadgeSites });
/** A site that waits for the user's answer to the browser's question; gone with the browser. */
const pending = createStoredItem<NotedSite | null>({
  key: 'session:badge-site-pending',
  valid: validBySchema(
    v.object({
      site: v.custom<BadgeSite>((site) => validBadgeSites([site]).length === 1),
      heldOrigins: v.array(v.string()),
      askedAt: v.number(),
    }),
    null,
  ),
});
/** The origins that were granted for badges alone, as match patterns. */
const brought = createStoredItem({ key: 'local:badge-origins', valid: validElements(v.string()) });

export const readBadgeSites = sites.read;
/** Calls back with the sites whenever they change. @returns stops watching */
export const watchBadgeSites = sites.watch;

/** Background only. */
export async function writeBadgeSites(changed: readonly BadgeSite[]): Promise<void> {
  await sites.write(changed.slice(0, MAX_BADGE_SITES));
}

/** Whether an address, of a page or of a frame in it, is of one of them. */
export function isOfSites(url: string | null, among: readonly BadgeSite[]): boolean {
  return url !== null && among.some(({ originPatterns }) => isOfOrigins(url, originPatterns));
}

export const readPendingSite = pending.read;
/** Background only. */
export const writePendingSite = pending.write;
/** For the background and the extension's own pages: a permission that comes later is no answer to that question. */
export const forgetPendingSite = pending.remove;

export const readBroughtOrigins = brought.read;
/** Background only. */
export const writeBroughtOrigins = brought.write;
