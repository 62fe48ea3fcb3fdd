import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBadge } from '../support/badge.ts';
import type { VideoTab } from '../support/driver.ts';
import { menuOn } from '../support/gestures.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  tab = await world.driver.openTab(world.urlOf('/plain'));
  return async () => {
    await tab.page.close();
  };
});

const framesScanned =
  (atLeast: number) =>
  (state: { readonly kind: string; readonly framesScanned?: number }): boolean =>
    state.kind === 'running' && (state.framesScanned ?? 0) >= atLeast;

const countEntries = async (): Promise<number> => (await world.driver.readHistory()).length;

describe('a check', () => {
  test('ends with its tab', async () => {
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running', framesScanned(2));
    const before = await countEntries();
    expect((await world.driver.ask('getHostState', null)).activeScans).toBe(1);
    await tab.page.close();
    await expect
      .poll(async () => (await world.driver.ask('getHostState', null)).activeScans, { timeout: 2000 })
      .toBe(0);
    expect(await countEntries()).toBe(before);
    await expect.poll(() => world.driver.scansOf(tab), { timeout: 2000 }).toEqual([]);
  });

  test('is not started a second time while it runs', async () => {
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running', framesScanned(1));
    await menuOn(world.driver, tab, 'video');
    await menuOn(world.driver, tab, 'page');
    expect((await world.driver.ask('getHostState', null)).activeScans).toBe(1);
    await world.driver.waitForEnd(tab);
    expect(await world.driver.scansOf(tab)).toHaveLength(1);
  });

  test('of a second video waits until the first has ended', async () => {
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running', framesScanned(1));
    const other = await world.driver.openTab(world.urlOf('/small'));
    try {
      await menuOn(world.driver, other, 'video');
      await world.driver.waitForScan(other, 'waiting', ({ kind }) => kind === 'waiting');
      const first = await world.driver.waitForEnd(tab);
      const second = await world.driver.waitForEnd(other);
      expect([first.state.kind, second.state.kind]).toEqual(['finished', 'finished']);
    } finally {
      await other.page.close();
    }
  });

  test('loses nothing when the service worker is stopped in the middle', async () => {
    const before = await countEntries();
    const badge = await openBadge(tab.page);
    await menuOn(world.driver, tab, 'video');
    const { scanId } = await world.driver.waitForScan(tab, 'running', framesScanned(3));
    await world.driver.stopServiceWorker();

    const scan = await world.driver.waitForEnd(tab);
    expect(scan).toMatchObject({
      scanId,
      state: { kind: 'finished', report: { verdict: { framesScanned: 15, framesUsed: 15 } } },
    });
    await badge.waitForText(/DEMO: means nothing/);
    await world.driver.waitForHistoryEntry(scanId);
    expect(await countEntries()).toBe(before + 1);
    const title = await world.driver.inServiceWorker<string>(
      `chrome.action.getTitle({ tabId: ${String(tab.tabId)} })`,
    );
    expect(title).toMatch(/DEMO/);
  });

  test('fails clearly when the host document is killed, and can be made again', async () => {
    const badge = await openBadge(tab.page);
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running', framesScanned(3));
    await world.driver.inServiceWorker('chrome.offscreen.closeDocument()');

    const failed = await world.driver.waitForEnd(tab);
    expect(failed.state).toMatchObject({ kind: 'failed', code: 'host-lost' });
    await badge.hover();
    await badge.click(/./);
    await badge.click(/again/i);
    const again = await world.driver.waitForScan(
      tab,
      'second',
      ({ kind }) => kind === 'finished' || kind === 'failed',
      failed.scanId,
    );
    expect(again.state).toMatchObject({ kind: 'finished', report: { verdict: { framesScanned: 15 } } });
  });

  test('leaves no host document behind after idle time', async () => {
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForEnd(tab);
    await world.driver.ask('configureHost', { idleCloseMilliseconds: 300 });
    await expect
      .poll(() => world.driver.inServiceWorker<boolean>('chrome.offscreen.hasDocument()'), { timeout: 5000 })
      .toBe(false);
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running again', framesScanned(1));
  });
});
