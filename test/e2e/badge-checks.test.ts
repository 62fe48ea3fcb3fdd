import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PAUSE_MILLISECONDS } from '../../utils/domain/automatic.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import {
  badgeTexts,
  changeBadgeSettings,
  FRAMES_ASKED,
  hasBadge,
  LIES_IN_CORNER,
  NOTHING_COMES_MILLISECONDS,
  pressSwitch,
  SITE,
  startBadgeWorld,
} from '../support/badge-world.ts';
import { openBadge } from '../support/badge.ts';
import type { VideoTab } from '../support/driver.ts';
import { presenceIn } from '../support/isolated-worlds.ts';
import { openMarks } from '../support/site/feed/marks.ts';
import { askForFrames, type World } from '../support/world.ts';

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startBadgeWorld();
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

describe('switched on in the popup', () => {
  test('“Check again” on a quiet badge asks for as many frames as the user has set', async () => {
    await askForFrames(world.driver, 6);
    try {
      await pressSwitch(world, tab);
      await hasBadge(tab.page).not.toEqual([]);
      const [quiet] = await world.driver.scansOf(tab);
      const badge = await openBadge(tab.page);
      await badge.click(/Show more/);
      await badge.click(/Check again/);
      const again = await world.driver.waitForScan(tab, 'finished', isFinal, quiet?.scanId);
      expect(again.isAutomatic).not.toBe(true);
      expect(again.state).toMatchObject({ kind: 'finished', report: { verdict: { framesScanned: 6 } } });
    } finally {
      await askForFrames(world.driver, FRAMES_ASKED);
    }
  });

  test('a verdict is remembered: the same video shows it at once, without another check', async () => {
    await pressSwitch(world, tab);
    await hasBadge(tab.page).not.toEqual([]);
    const scans = (await world.driver.scansOf(tab)).length;
    await tab.page.reload();
    await hasBadge(tab.page).not.toEqual([]);
    expect((await world.driver.ask('getHostState', null)).activeScans).toBe(0);
    expect((await world.driver.scansOf(tab)).length).toBeLessThanOrEqual(scans);
  });

  test('a video that grows from a thumbnail while it is in full sight is checked', async () => {
    await tab.page.evaluate(`document.querySelector('video').style.width = '120px'`);
    await pressSwitch(world, tab);
    await expect.poll(async () => (await presenceIn(tab.page)).scripts).toContain('trueFrameBadges');
    await tab.page.waitForTimeout(NOTHING_COMES_MILLISECONDS);
    expect(await world.driver.scansOf(tab)).toEqual([]);
    await tab.page.evaluate(`document.querySelector('video').style.width = ''`);
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('a check whose host is lost is made again for a video that plays on in sight', async () => {
    await pressSwitch(world, tab);
    const activeScans = async (): Promise<number> =>
      (await world.driver.ask('getHostState', null).catch(() => null))?.activeScans ?? 0;
    await expect.poll(activeScans, { timeout: 20_000, interval: 50 }).toBe(1);
    await world.driver.inServiceWorker('chrome.offscreen.closeDocument()');
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('a video that comes back to the page elsewhere, after its badge has gone, gets it again', async () => {
    await pressSwitch(world, tab);
    await hasBadge(tab.page).not.toEqual([]);
    await tab.page.evaluate(`globalThis.away = document.querySelector('video'); away.remove()`);
    const marks = await openMarks(tab.page);
    // Hidden at once, and removed for good a second later.
    await expect.poll(() => marks.count(), { timeout: 10_000 }).toBe(0);
    await tab.page.evaluate(`(() => {
      const other = document.createElement('div');
      other.style = 'margin: 50px 0 0 100px';
      document.body.prepend(other);
      other.append(away);
      return away.play();
    })()`);
    await expect.poll(() => tab.page.evaluate(LIES_IN_CORNER), { timeout: 60_000 }).toBe(true);
    expect(await marks.count()).toBe(1);
  });

  test('paused everywhere, no video is checked; going on, they are', async () => {
    await changeBadgeSettings(world.driver, { isPausedEverywhere: true });
    const before = (await world.driver.scansOf(tab)).length;
    await pressSwitch(world, tab);
    await tab.page.waitForTimeout(NOTHING_COMES_MILLISECONDS);
    expect((await presenceIn(tab.page)).scripts).toContain('trueFrameBadges');
    expect(await badgeTexts(tab.page)).toEqual([]);
    expect((await world.driver.scansOf(tab)).length).toBe(before);
    // The video has played on in sight all the time.
    await changeBadgeSettings(world.driver, {});
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('a pause for a time ends by itself for a video that plays on', async () => {
    const pauseFor = (milliseconds: number): Promise<void> =>
      changeBadgeSettings(world.driver, { pausedUntil: Date.now() + milliseconds });
    await pauseFor(PAUSE_MILLISECONDS);
    try {
      await pressSwitch(world, tab);
      await expect.poll(async () => (await presenceIn(tab.page)).scripts).toContain('trueFrame');
      expect(await badgeTexts(tab.page)).toEqual([]);
      await pauseFor(1000);
      await hasBadge(tab.page).not.toEqual([]);
    } finally {
      await changeBadgeSettings(world.driver, {});
    }
  });
});

describe('a badge', () => {
  test('keeps its place in the picture’s corner when the browser zooms the page', async () => {
    await pressSwitch(world, tab);
    await expect.poll(() => tab.page.evaluate(LIES_IN_CORNER), { timeout: 60_000 }).toBe(true);
    const setZoom = (factor: number): Promise<unknown> =>
      world.driver.inServiceWorker(`chrome.tabs.setZoom(${String(tab.tabId)}, ${String(factor)})`);
    try {
      for (const factor of [1.5, 0.67]) {
        const width = await tab.page.evaluate('innerWidth');
        await setZoom(factor);
        await expect.poll(() => tab.page.evaluate('innerWidth')).not.toBe(width);
        await expect.poll(() => tab.page.evaluate(LIES_IN_CORNER)).toBe(true);
      }
    } finally {
      await setZoom(1);
    }
  });
});

describe('“Not in full screen” in the options', () => {
  test('switched off, leaves a quiet badge on its video there', async () => {
    const fillScreen = async (): Promise<void> => {
      await tab.page.bringToFront();
      // Full screen needs a click, which has no other effect here.
      await tab.page.evaluate(
        `addEventListener('click', () => document.body.requestFullscreen(), { once: true })`,
      );
      await tab.page.mouse.click(5, 5);
      await expect.poll(() => tab.page.evaluate('document.fullscreenElement !== null')).toBe(true);
    };
    await pressSwitch(world, tab);
    await hasBadge(tab.page).not.toEqual([]);
    await fillScreen();
    await hasBadge(tab.page).toEqual([]);
    await tab.page.evaluate('document.exitFullscreen()');
    await hasBadge(tab.page).not.toEqual([]);
    const options = await world.driver.extension.context.newPage();
    try {
      await options.goto(`${world.driver.extension.origin}/options.html`);
      await options.getByRole('switch', { name: 'Not in full screen', checked: true }).click();
      await options.getByRole('switch', { name: 'Not in full screen', checked: false }).waitFor();
      await fillScreen();
      await tab.page.waitForTimeout(500);
      await hasBadge(tab.page).not.toEqual([]);
      await tab.page.evaluate('document.exitFullscreen()');
    } finally {
      await options.close();
      await changeBadgeSettings(world.driver, {});
    }
  });
});
