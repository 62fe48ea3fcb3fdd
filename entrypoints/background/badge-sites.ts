import { browser } from 'wxt/browser';
import {
  forgetPendingSite,
  readBadgeSites,
  readBroughtOrigins,
  readPendingSite,
  writeBadgeSites,
  writeBroughtOrigins,
  writePendingSite,
} from '../../utils/browser/badge-sites.ts';
import type { PendingSite } from '../../utils/browser/badge-sites.ts';
import { askBadges } from '../../utils/browser/messages.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import { covers } from '../../utils/domain/sites.ts';

/** Where WXT puts the script of entrypoints/badges.content. */
const BADGES_SCRIPT = '/content-scripts/badges.js' as const;
const ID_PREFIX = 'badges-';
/**
 * A permission that comes later after the question is taken for another's. The background does not hear that the user has
 * refused once the popup is closed. A user who reads the question for longer presses the switch once more.
 */
const ANSWER_MILLISECONDS = 60_000;
/** Switching off does not wait longer for pages to say that their badges have ended. */
const END_MILLISECONDS = 1000;

/** One change after the other: each reads the list, changes it and writes it back. */
const { run: inOrder } = createSerialQueue();

/**
 * Switches badges on for a site: its script is registered for the pages to come, and put into those that are open.
 * @throws DetectorError `page-refused` without the permission, which only a click can ask for
 */
export function switchBadgesOn(site: BadgeSite): Promise<void> {
  return inOrder(() => switchOn(site));
}

/** Takes all of that back, with what of the permission nothing else needs. */
export function switchBadgesOff(siteId: string): Promise<void> {
  return inOrder(() => switchOff(siteId));
}

/**
 * The browser asks the user; the popup from which that was asked for may be closed by then. So what it is about is kept
 * here, and the permission's arrival switches it on.
 * @param pending null after a refusal
 */
export async function awaitPermission(pending: PendingSite | null): Promise<void> {
  await inOrder(() =>
    pending === null ? forgetPendingSite() : writePendingSite({ ...pending, askedAt: Date.now() }),
  );
}

export function onPermissionsAdded(): Promise<void> {
  return inOrder(async () => {
    const pending = await readPendingSite();
    // A page that is still there says itself what came of its question, however late.
    if (pending === null || Date.now() - pending.askedAt > ANSWER_MILLISECONDS) return;
    if (await hasPermission(pending.site)) await switchOn(pending.site);
  });
}

/** The user may take a permission back in the browser's own settings. */
export function onPermissionsRemoved(): Promise<void> {
  return inOrder(async () => {
    for (const site of await readBadgeSites()) {
      if (!(await hasPermission(site))) await switchOff(site.siteId);
    }
  });
}

/**
 * Makes the registered scripts those of the list: an update of the extension forgets them.
 * @param isUpdated open pages hold the former version's script, which has ended, and get the new one
 */
export function restoreBadges({ isUpdated }: { readonly isUpdated: boolean }): Promise<void> {
  return inOrder(async () => {
    const sites = await readBadgeSites();
    const wanted = new Set(sites.map(({ siteId }) => ID_PREFIX + siteId));
    const stale = (await registeredIds()).filter((id) => id.startsWith(ID_PREFIX) && !wanted.has(id));
    if (stale.length > 0) await browser.scripting.unregisterContentScripts({ ids: stale });
    for (const site of sites) {
      if (await hasPermission(site)) {
        await register(site);
        if (isUpdated) await putIntoOpenPages(site);
      } else {
        await switchOff(site.siteId);
      }
    }
  });
}

async function switchOn(site: BadgeSite): Promise<void> {
  if (!(await hasPermission(site))) {
    throw new DetectorError('page-refused', `the browser has not allowed ${site.name}`);
  }
  await noteBrought(site);
  const others = (await readBadgeSites()).filter(({ siteId }) => siteId !== site.siteId);
  await register(site);
  await writeBadgeSites([...others, site]);
  await putIntoOpenPages(site);
}

async function switchOff(siteId: string): Promise<void> {
  const sites = await readBadgeSites();
  const site = sites.find((other) => other.siteId === siteId);
  if (site === undefined) return;
  const others = sites.filter((other) => other !== site);
  // First: the permission's removal is heard of, too, and must find nothing left to do.
  await writeBadgeSites(others);
  if ((await registeredIds()).includes(ID_PREFIX + siteId)) {
    await browser.scripting.unregisterContentScripts({ ids: [ID_PREFIX + siteId] });
  }
  await endInOpenPages();
  await giveBack(others);
}

/**
 * To every tab: once the user has taken the permission back the browser does not tell any more which of them show the site,
 * and its scripts run on there. Each frame ends that no site covers now.
 */
async function endInOpenPages(): Promise<void> {
  const tabs = await browser.tabs.query({});
  const answers = tabs.map(async ({ id }) => {
    if (id === undefined) return;
    // Pages without the script do not answer.
    await askBadges(id, 'endBadges', null).catch(() => undefined);
  });
  // Pages that the browser has frozen answer when they thaw.
  const elapsed = new Promise((resolve) => setTimeout(resolve, END_MILLISECONDS));
  await Promise.race([Promise.all(answers), elapsed]);
}

/** What badges bring is remembered when they are switched on: later nothing tells it from what else was granted. */
async function noteBrought({ siteId, originPatterns }: BadgeSite): Promise<void> {
  const pending = await readPendingSite();
  if (pending?.site.siteId !== siteId) return;
  const brought = originsBrought(originPatterns, pending.heldOrigins);
  await writeBroughtOrigins([...new Set([...(await readBroughtOrigins()), ...brought])]);
  await forgetPendingSite();
}

/** @param sites those that stay on */
async function giveBack(sites: readonly BadgeSite[]): Promise<void> {
  const { origins: granted = [] } = await browser.permissions.getAll();
  // The browser may have been told to take some of it back: granted again, it is another purpose's.
  const brought = (await readBroughtOrigins()).filter((pattern) => granted.includes(pattern));
  // Several sites' videos may come from one place.
  const neededBySites = sites.flatMap(({ originPatterns }) => originPatterns);
  const origins = originsToGiveBack({ brought, granted, neededBySites });
  await writeBroughtOrigins(brought.filter((pattern) => !origins.includes(pattern)));
  if (origins.length > 0) await browser.permissions.remove({ origins: [...origins] });
}

function hasPermission({ originPatterns }: BadgeSite): Promise<boolean> {
  return browser.permissions.contains({ origins: [...originPatterns] });
}

async function registeredIds(): Promise<readonly string[]> {
  return (await browser.scripting.getRegisteredContentScripts()).map(({ id }) => id);
}

async function register({ siteId, originPatterns }: BadgeSite): Promise<void> {
  const script = {
    id: ID_PREFIX + siteId,
    js: [BADGES_SCRIPT],
    // Of frames too; on some of them the script ends at once (`isOnForPage` in badges.content).
    matches: [...originPatterns],
    allFrames: true,
    runAt: 'document_idle' as const,
    persistAcrossSessions: true,
  };
  const isThere = (await registeredIds()).includes(script.id);
  if (isThere) await browser.scripting.updateContentScripts([script]);
  else await browser.scripting.registerContentScripts([script]);
}

async function putIntoOpenPages({ pagePatterns }: BadgeSite): Promise<void> {
  for (const { id } of await browser.tabs.query({ url: [...pagePatterns] })) {
    if (id === undefined) continue;
    try {
      const target = { tabId: id, allFrames: true };
      await browser.scripting.executeScript({ target, files: [BADGES_SCRIPT] });
    } catch {
      // An error page, or a tab that the browser has put to sleep: it gets the script when it loads again.
    }
  }
}

/**
 * Which origins are given back when badges are switched off: those that badges have brought and that nothing else needs.
 * Pure. Origins are match patterns as the browser lists them (`*://*.example.com/*`); their paths are always `/*`.
 */

export type OriginsHeld = {
  /** Brought by badges, of whichever site, and not given back yet. */
  readonly brought: readonly string[];
  /** All that the extension has now. */
  readonly granted: readonly string[];
  /** What the sites that stay on were asked for with. */
  readonly neededBySites: readonly string[];
};

/** Of what a site asks for, what was not there before: the rest was granted for something else, or for another site. */
export function originsBrought(asked: readonly string[], heldBefore: readonly string[]): readonly string[] {
  return asked.filter((pattern) => !isCovered(pattern, heldBefore));
}

/**
 * The browser takes with a pattern every narrower one that it covers. So one that covers what something else needs stays as
 * a whole: a part of it can't be asked for without the user.
 */
export function originsToGiveBack({ brought, granted, neededBySites }: OriginsHeld): readonly string[] {
  const needed = [...neededBySites, ...granted.filter((pattern) => !brought.includes(pattern))].filter(
    (pattern) => isCovered(pattern, granted),
  );
  let left = granted;
  return brought.filter((pattern) => {
    const others = left.filter((other) => !covers(pattern, other));
    if (others.length === left.length || !needed.every((need) => isCovered(need, others))) return false;
    left = others;
    return true;
  });
}

function isCovered(pattern: string, by: readonly string[]): boolean {
  return by.some((other) => covers(other, pattern));
}
