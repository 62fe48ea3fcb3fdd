import * as v from 'valibot';
import { validBadgeSites } from '../domain/sites.ts';
import type { BadgeSite } from '../domain/sites.ts';
import { isSiteAllowed } from '../domain/policy.ts';
import { readPolicy, watchPolicy } from './policy.ts';
import { createStoredItem, validBySchema, validElements } from './stored-item.ts';

/** The most sites with badges. No user switches on more by hand, and the options draw the whole list. */
const MAX_BADGE_SITES = 200;

/** A site for which the browser asks the user. */
export type PendingSite = {
  readonly site: BadgeSite;
  /** Origins that the extension had before. They are not given back when the badges are switched off. */
  readonly heldOrigins: readonly string[];
};
/** @property askedAt milliseconds since the epoch */
export type NotedSite = PendingSite & { readonly askedAt: number };

/** The sites where badges are on, in the order in which they were switched on. */
const sites = createStoredItem({ key: 'local:badge-sites', valid: validBadgeSites });
/** A site for which the browser's question is open; kept until the browser closes. */
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
/** Match patterns of the origins that were granted for badges alone. */
const brought = createStoredItem({ key: 'local:badge-origins', valid: validElements(v.string()) });

/** The stored sites, without those that the administrator does not allow. */
export async function readBadgeSites(): Promise<readonly BadgeSite[]> {
  const [stored, policy] = await Promise.all([sites.read(), readPolicy()]);
  return stored.filter((site) => isSiteAllowed(site, policy));
}

/**
 * Calls back with the sites when they change, or when the administrator's policy changes.
 * @returns stops watching
 */
export function watchBadgeSites(onChange: (sites: readonly BadgeSite[]) => void): () => void {
  const tell = (): void => void readBadgeSites().then(onChange);
  const stops = [sites.watch(tell), watchPolicy(tell)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Stores the list of sites. Background only. */
export async function writeBadgeSites(changed: readonly BadgeSite[]): Promise<void> {
  await sites.write(changed.slice(0, MAX_BADGE_SITES));
}

export const readPendingSite = pending.read;
/** Stores the site for which a question is open. Background only. */
export const writePendingSite = pending.write;
/**
 * Forgets the open question. The background and the pages call it, so that a later permission is not taken for the
 * answer.
 */
export const forgetPendingSite = pending.remove;

export const readBroughtOrigins = brought.read;
/** Stores the origins that were granted for badges alone. Background only. */
export const writeBroughtOrigins = brought.write;
