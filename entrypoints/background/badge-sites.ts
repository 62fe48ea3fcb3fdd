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
import { isSiteAllowed } from '../../utils/domain/policy.ts';
import { readPolicy } from '../../utils/browser/policy.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import { covers, isBadgeFrame } from '../../utils/domain/sites.ts';
import { badgesOfFrame } from '../../utils/domain/automatic.ts';
import type { BadgesOfFrame } from '../../utils/domain/automatic.ts';
import { readBadgeSettings } from '../../utils/browser/badge-settings.ts';
import type { MessageSender } from '../../utils/browser/from-content.ts';

/** Where WXT puts the script of entrypoints/badges.content. */
const BADGES_SCRIPT = '/content-scripts/badges.js' as const;
const ID_PREFIX = 'badges-';
/**
 * A permission that is granted later than this is taken for the answer to another question: once the popup is closed,
 * the background does not learn that the user refused. A user who takes longer has to press the switch again.
 */
const ANSWER_MILLISECONDS = 60_000;
/** How long switching off waits for pages to say that their badges have ended. */
const END_MILLISECONDS = 1000;

/** Runs the changes one after the other, since each reads the list and writes it back. */
const { run: inOrder } = createSerialQueue();

/**
 * Switches badges on for a site: registers its script for later pages, and injects it into open pages.
 * @throws DetectorError `page-refused` without the permission, which only a click can ask for
 */
export function switchBadgesOn(site: BadgeSite): Promise<void> {
  return inOrder(() => switchOn(site));
}

/** Switches badges off for a site, and gives back the permissions that are needed for nothing else. */
export function switchBadgesOff(siteId: string): Promise<void> {
  return inOrder(() => switchOff(siteId));
}

/**
 * Stores the site about which the browser asks the user. The question may close the popup; then the background switches
 * the site on when the permission is granted.
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
    // The page that asked is still open: it handles the answer itself, however late it comes.
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
 * Registers the scripts of all sites in the list again, since the browser drops them with an update of the extension.
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
  if (!isSiteAllowed(site, await readPolicy())) {
    throw new DetectorError('set-by-administrator', `badges are not allowed on ${site.name}`);
  }
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
  // The list is changed first, so that the event of the removed permission finds nothing left to do.
  await writeBadgeSites(others);
  if ((await registeredIds()).includes(ID_PREFIX + siteId)) {
    await browser.scripting.unregisterContentScripts({ ids: [ID_PREFIX + siteId] });
  }
  await tellOpenPages();
  await giveBack(others);
}

/**
 * Tells the scripts of all tabs that the sites or settings have changed; they end where no site covers their frame. Without the
 * permission the browser does not say which tabs show a site.
 */
export async function tellOpenPages(): Promise<void> {
  const tabs = await browser.tabs.query({});
  const answers = tabs.map(async ({ id }) => {
    if (id === undefined) return;
    // Pages without the script do not answer.
    await askBadges(id, 'badgesChanged', null).catch(() => undefined);
  });
  // A frozen page answers only when the browser unfreezes it.
  const elapsed = new Promise((resolve) => setTimeout(resolve, END_MILLISECONDS));
  await Promise.race([Promise.all(answers), elapsed]);
}

/** Stores which origins were granted for the badges: later they can't be told from other granted origins. */
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
  // An origin that the user took back and has granted again since then has another purpose.
  const brought = (await readBroughtOrigins()).filter((pattern) => granted.includes(pattern));
  // Videos of several sites may come from one host.
  const neededBySites = sites.flatMap(({ originPatterns }) => originPatterns);
  const origins = originsToGiveBack({ brought, granted, neededBySites });
  await writeBroughtOrigins(brought.filter((pattern) => !origins.includes(pattern)));
  if (origins.length > 0) await browser.permissions.remove({ origins: [...origins] });
}

/** The choices that concern one frame, as the browser names it and its page. */
export async function getBadges({ pageUrl, url }: MessageSender): Promise<BadgesOfFrame> {
  const [sites, settings] = await Promise.all([readBadgeSites(), readBadgeSettings()]);
  return badgesOfFrame(settings, isBadgeFrame({ pageUrl, url }, sites), Date.now());
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
    // The script runs in frames too. In some of them it ends at once (`isBadgeFrame`).
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
 * The origins that are given back when badges are switched off: those that were granted for badges and that are needed
 * for nothing else. Pure. Origins are match patterns as the browser lists them (`*://*.example.com/*`); their paths are
 * always `/*`.
 */

export type OriginsHeld = {
  /** Granted for badges, on any site, and not given back yet. */
  readonly brought: readonly string[];
  /** All origins that the extension may read now. */
  readonly granted: readonly string[];
  /** The origins that the remaining sites were switched on with. */
  readonly neededBySites: readonly string[];
};

/**
 * The asked origins that the extension did not have before. The others were granted for something else, or for another
 * site.
 */
export function originsBrought(asked: readonly string[], heldBefore: readonly string[]): readonly string[] {
  return asked.filter((pattern) => !isCovered(pattern, heldBefore));
}

/**
 * If the browser takes a pattern back, it takes every narrower one that the pattern covers. So a pattern that covers
 * something still needed stays as a whole: the extension can't ask for a part of it without the user.
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
