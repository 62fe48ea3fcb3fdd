import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  badgeTexts,
  hasBadge,
  PATTERN,
  pressSwitch,
  registeredScripts,
  SITE,
  startBadgeWorld,
} from '../support/badge-world.ts';
import type { VideoTab } from '../support/driver.ts';
import { presenceIn } from '../support/isolated-worlds.ts';
import { grantedOrigins } from '../support/permissions.ts';
import type { World } from '../support/world.ts';

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startBadgeWorld();
  await world.driver.extension.context.addInitScript(WATCH_PAGE);
});
afterAll(() => world.close());
beforeEach(async () => {
  // This deletes every remembered verdict as well.
  await world.driver.ask('clearHistory', null);
  tab = await world.driver.openTab(world.urlOf('/plain'));
});
afterEach(async () => {
  await world.driver.ask('switchBadges', { site: SITE, isOn: false });
  await tab.page.close();
});

/** @param meanwhile while the tab shows another page */
async function leaveAndComeBack(meanwhile: () => Promise<unknown>): Promise<void> {
  const { page } = tab;
  await page.evaluate(
    `addEventListener('pageshow', ({ persisted }) => { globalThis.wasKept = persisted; });`,
  );
  await page.goto(`${world.site.origin}/nothing`);
  await meanwhile();
  // Playwright's own function waits for a load event, which a kept page does not send.
  await page.evaluate('history.back()');
  await expect.poll(() => page.evaluate('globalThis.wasKept').catch(() => null)).toBe(true);
  await page.evaluate('delete globalThis.wasKept');
}

describe('with badges off', () => {
  test('a site has nothing of ours in it: no script, no listener, no element, no permission', async () => {
    expect(await grantedOrigins(world.driver)).toEqual([]);
    expect(await registeredScripts(world)).toEqual([]);
    const page = tab.page;
    expect(await page.evaluate('globalThis.addedToRoot')).toEqual([]);
    expect(await presenceIn(page)).toEqual({ scripts: [], listeners: [] });
    // The same search finds our badge on a page with badges, so that finding nothing means something.
    await pressSwitch(world, tab);
    await hasBadge(page).not.toEqual([]);
    expect(await page.evaluate('globalThis.addedToRoot')).toEqual(['DIV']);
    const { scripts, listeners } = await presenceIn(page);
    expect(scripts).toEqual(expect.arrayContaining(['trueFrame', 'trueFrameBadges']));
    for (const each of ['document playing', 'document emptied', 'window scroll', 'extension message']) {
      expect(listeners).toContain(each);
    }
  });
});

describe('switched on in the popup', () => {
  test('badges come in the page that is open, with nothing asked of it, and are quiet', async () => {
    await pressSwitch(world, tab);
    expect(await grantedOrigins(world.driver)).toEqual([PATTERN]);
    expect((await registeredScripts(world)).map(({ matches }) => matches)).toEqual([[PATTERN]]);
    await hasBadge(tab.page).toContainEqual(expect.stringMatching(/^TrueFrame: .*Show more/));
    // The user has not asked for it, so only *likely manipulated* goes into the history.
    const [scan] = await world.driver.scansOf(tab);
    expect(scan).toMatchObject({ isAutomatic: true, state: { kind: 'finished' } });
    const isLoud = scan?.state.kind === 'finished' && scan.state.report.verdict.kind === 'likely-manipulated';
    const entries = (await world.driver.readHistory()).filter(({ scanId }) => scanId === scan?.scanId);
    expect(entries).toHaveLength(isLoud ? 1 : 0);
  });

  test('badges come in pages that are opened later, and in another window', async () => {
    await pressSwitch(world, tab);
    const later = await world.driver.openTab(world.urlOf('/small'));
    await hasBadge(later.page).not.toEqual([]);
    await later.page.close();
    const opening = world.driver.extension.context.waitForEvent('page');
    await world.driver.inServiceWorker(
      `chrome.windows.create({ url: ${JSON.stringify(world.urlOf('/two-faces'))} }).then(() => null)`,
    );
    const inWindow = await opening;
    await inWindow.bringToFront();
    await hasBadge(inWindow).not.toEqual([]);
    await inWindow.close();
  });

  test('off again, everything is gone at once: badges, scripts and the permission; and on again it is back', async () => {
    await pressSwitch(world, tab);
    await hasBadge(tab.page).not.toEqual([]);
    await world.driver.ask('switchBadges', { site: SITE, isOn: false });
    // One look at all of the page takes a good part of a second on a busy machine.
    await expect.poll(() => badgeTexts(tab.page), { timeout: 3000 }).toEqual([]);
    expect(await grantedOrigins(world.driver)).toEqual([]);
    expect(await registeredScripts(world)).toEqual([]);
    // A script that has ended keeps its name until the page is closed, and has no listeners.
    expect((await presenceIn(tab.page)).listeners).toEqual([]);
    await tab.page.reload();
    await tab.page.waitForFunction(`document.querySelector('video').currentTime > 1.5`);
    expect(await presenceIn(tab.page)).toEqual({ scripts: [], listeners: [] });

    await pressSwitch(world, tab);
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('off again, permissions that the user gave for something else stay', async () => {
    // As any other request of ours asks for it.
    await world.driver.probe.evaluate(`chrome.permissions.request({ origins: ['${PATTERN}'] })`);
    try {
      await pressSwitch(world, tab);
      await world.driver.ask('switchBadges', { site: SITE, isOn: false });
      expect(await registeredScripts(world)).toEqual([]);
      expect(await grantedOrigins(world.driver)).toEqual([PATTERN]);
    } finally {
      await world.driver.inServiceWorker(`chrome.permissions.remove({ origins: ['${PATTERN}'] })`);
    }
  });

  test('the permission taken back in the browser’s settings switches the site off, in every tab', async () => {
    await pressSwitch(world, tab);
    await hasBadge(tab.page).not.toEqual([]);
    // Here no click of the user's has let the extension in: without the permission it does not learn the tab's address.
    const other = await world.driver.openTab(world.urlOf('/small'));
    await hasBadge(other.page).not.toEqual([]);
    await world.driver.inServiceWorker(`chrome.permissions.remove({ origins: ['${PATTERN}'] })`);
    await expect.poll(() => registeredScripts(world)).toEqual([]);
    for (const { page } of [tab, other]) {
      await expect.poll(() => badgeTexts(page)).toEqual([]);
      await expect.poll(async () => (await presenceIn(page)).listeners).toEqual([]);
    }
    expect(await world.driver.inServiceWorker(STORED_SITES)).toEqual([]);
    await other.page.close();
  });

  test('a page that comes back with “Back” has its badges, or nothing of ours where its site was switched off', async () => {
    const nothing = (): Promise<void> => Promise.resolve();
    await pressSwitch(world, tab);
    // The check begins. It ends with the page and begins again.
    await expect
      .poll(async () => (await presenceIn(tab.page)).scripts, { timeout: 20_000 })
      .toContain('trueFrame');
    await leaveAndComeBack(nothing);
    // Browsers leave some videos of a kept page paused.
    await tab.page.evaluate(`document.querySelector('video').play()`);
    await hasBadge(tab.page).not.toEqual([]);
    const scanIds = async (): Promise<readonly string[]> =>
      (await world.driver.scansOf(tab)).map(({ scanId }) => scanId);
    const before = await scanIds();
    // The verdict stays, whether the video plays on or not, and no other check begins. The background forgets the check
    // where it looks while the page is away.
    await leaveAndComeBack(nothing);
    expect(await badgeTexts(tab.page)).not.toEqual([]);
    expect((await scanIds()).filter((scanId) => !before.includes(scanId))).toEqual([]);
    // The browser passes nothing to a page that it keeps.
    await leaveAndComeBack(() => world.driver.ask('switchBadges', { site: SITE, isOn: false }));
    await expect.poll(() => badgeTexts(tab.page)).toEqual([]);
    await expect.poll(async () => (await presenceIn(tab.page)).listeners).toEqual([]);
  });
});

const STORED_SITES = `chrome.storage.local.get('badge-sites').then((stored) => stored['badge-sites'])`;

/** Elements that are added beside <head> and <body>, by tag. */
const WATCH_PAGE = `globalThis.addedToRoot = [];
new MutationObserver((mutations) => {
  for (const { target, addedNodes } of mutations) {
    if (target !== document.documentElement) continue;
    for (const { nodeName } of addedNodes) {
      if (!/^(HEAD|BODY|#)/.test(nodeName)) globalThis.addedToRoot.push(nodeName);
    }
  }
}).observe(document, { childList: true, subtree: true });`;
