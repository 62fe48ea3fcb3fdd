import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBadge } from './badge.ts';
import type { VideoTab } from './driver.ts';
import { allowWhenAsked, grantedOrigins } from './site/permissions.ts';
import { startWorld, type World } from './world.ts';

const PATTERN = '*://localhost/*';
const SITE = {
  siteId: 'localhost',
  name: 'localhost',
  pagePatterns: [PATTERN],
  originPatterns: [PATTERN],
} as const;

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startWorld({ isDemo: false });
  await allowWhenAsked(world.driver, PATTERN);
  await world.driver.extension.context.addInitScript(WATCH_PAGE);
});
afterAll(() => world.close());
beforeEach(async () => {
  // With it every verdict is forgotten.
  await world.driver.ask('clearHistory', null);
  tab = await world.driver.openTab(world.urlOf('/plain'));
});
afterEach(async () => {
  await world.driver.ask('switchBadges', { site: SITE, isOn: false });
  await tab.page.close();
});

/** Presses the switch in the popup over the tab. */
async function pressSwitch(): Promise<void> {
  const popup = await world.driver.openPopup(tab);
  await expect.poll(() => popup.evaluate<string>('document.body.innerText')).toMatch(/Badges on this site/);
  await popup.evaluate(`document.querySelector('[role=switch]').click()`);
  await expect
    .poll(() => popup.evaluate<boolean>(`document.querySelector('[role=switch]').checked`))
    .toBe(true);
  await popup.close();
  await tab.page.bringToFront();
}

const registeredScripts = (): Promise<readonly { readonly matches: readonly string[] }[]> =>
  world.driver.inServiceWorker('chrome.scripting.getRegisteredContentScripts()');

/** Ours has closed roots, which the accessibility tree shows all the same. */
async function badgeTexts(page: Page): Promise<readonly string[]> {
  return (await openBadge(page)).read();
}

const hasBadge = (page: Page) => expect.poll(() => badgeTexts(page), { timeout: 60_000 });

describe('with badges off', () => {
  test('a site has nothing of ours in it: no script, no element, no permission', async () => {
    expect(await grantedOrigins(world.driver)).toEqual([]);
    expect(await registeredScripts()).toEqual([]);
    const page = tab.page;
    expect(await page.evaluate('globalThis.addedToRoot')).toEqual([]);
    expect(await scriptsIn(page)).toEqual([]);
    // The same look on a page with badges does find us, so that finding nothing means something.
    await pressSwitch();
    await hasBadge(page).not.toEqual([]);
    expect(await page.evaluate('globalThis.addedToRoot')).toEqual(['DIV']);
    expect(await scriptsIn(page)).toEqual(['trueFrame', 'trueFrameBadges']);
  });
});

describe('switched on in the popup', () => {
  test('badges come in the page that is open, with nothing asked of it, and are quiet', async () => {
    await pressSwitch();
    expect(await grantedOrigins(world.driver)).toEqual([PATTERN]);
    expect((await registeredScripts()).map(({ matches }) => matches)).toEqual([[PATTERN]]);
    await hasBadge(tab.page).toContainEqual(expect.stringMatching(/^TrueFrame: .*Show more/));
    // Nobody has asked for it: nothing goes into the history unless it is said aloud.
    const [scan] = await world.driver.scansOf(tab);
    expect(scan).toMatchObject({ isAutomatic: true, state: { kind: 'finished' } });
    const isLoud = scan?.state.kind === 'finished' && scan.state.verdict.kind === 'likely-manipulated';
    const entries = (await world.driver.readHistory()).filter(({ scanId }) => scanId === scan?.scanId);
    expect(entries).toHaveLength(isLoud ? 1 : 0);
  });

  test('badges come in pages that are opened later, and in another window', async () => {
    await pressSwitch();
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
    await pressSwitch();
    await hasBadge(tab.page).not.toEqual([]);
    await world.driver.ask('switchBadges', { site: SITE, isOn: false });
    await expect.poll(() => badgeTexts(tab.page)).toEqual([]);
    expect(await grantedOrigins(world.driver)).toEqual([]);
    expect(await registeredScripts()).toEqual([]);
    await tab.page.reload();
    await tab.page.waitForFunction(`document.querySelector('video').currentTime > 1.5`);
    expect(await scriptsIn(tab.page)).toEqual([]);

    await pressSwitch();
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('off again, what the user had allowed for something else before is left as it was', async () => {
    // As every other question of ours asks for it.
    await world.driver.probe.evaluate(`chrome.permissions.request({ origins: ['${PATTERN}'] })`);
    try {
      await pressSwitch();
      await world.driver.ask('switchBadges', { site: SITE, isOn: false });
      expect(await registeredScripts()).toEqual([]);
      expect(await grantedOrigins(world.driver)).toEqual([PATTERN]);
    } finally {
      await world.driver.inServiceWorker(`chrome.permissions.remove({ origins: ['${PATTERN}'] })`);
    }
  });

  test('a verdict is remembered: the same video shows it at once, without another check', async () => {
    await pressSwitch();
    await hasBadge(tab.page).not.toEqual([]);
    const scans = (await world.driver.scansOf(tab)).length;
    await tab.page.reload();
    await hasBadge(tab.page).not.toEqual([]);
    expect((await world.driver.ask('getHostState', null)).activeScans).toBe(0);
    expect((await world.driver.scansOf(tab)).length).toBeLessThanOrEqual(scans);
  });

  test('the permission taken back in the browser’s settings switches the site off', async () => {
    await pressSwitch();
    await hasBadge(tab.page).not.toEqual([]);
    await world.driver.inServiceWorker(`chrome.permissions.remove({ origins: ['${PATTERN}'] })`);
    await expect.poll(registeredScripts).toEqual([]);
    await expect.poll(() => badgeTexts(tab.page)).toEqual([]);
    expect(await world.driver.inServiceWorker(STORED_SITES)).toEqual([]);
  });

  test('paused everywhere, no video is checked; going on, they are', async () => {
    await world.driver.probe.evaluate(
      `chrome.storage.local.set({ 'badge-settings': { isPausedEverywhere: true } })`,
    );
    const before = (await world.driver.scansOf(tab)).length;
    await pressSwitch();
    await tab.page.waitForTimeout(3000);
    expect(await scriptsIn(tab.page)).toContain('trueFrameBadges');
    expect(await badgeTexts(tab.page)).toEqual([]);
    expect((await world.driver.scansOf(tab)).length).toBe(before);
    await world.driver.probe.evaluate(`chrome.storage.local.remove('badge-settings')`);
    await tab.page.reload();
    await hasBadge(tab.page).not.toEqual([]);
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

/**
 * What scripts of the extension have left in its isolated worlds in a page, by CDP, without putting anything there. A world
 * in itself is none of ours: the browser makes an empty one when a page that had one is loaded again.
 */
async function scriptsIn(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  const contextIds: number[] = [];
  session.on('Runtime.executionContextCreated', ({ context }) => {
    if (context.origin.startsWith('chrome-extension:')) contextIds.push(context.id);
  });
  await session.send('Runtime.enable');
  const names: string[] = [];
  for (const contextId of contextIds) {
    const expression = `Object.keys(globalThis).filter((name) => /^trueFrame/.test(name))`;
    const { result } = await session.send('Runtime.evaluate', { contextId, expression, returnByValue: true });
    names.push(...(result.value as string[]));
  }
  await session.detach();
  return names.toSorted();
}
