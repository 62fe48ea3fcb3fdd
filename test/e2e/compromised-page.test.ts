import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasBadge, pressSwitch, SITE, startBadgeWorld } from '../support/badge-world.ts';
import type { VideoTab } from '../support/driver.ts';
import { runInWorld } from '../support/isolated-worlds.ts';
import type { World } from '../support/world.ts';

/** Actions that an attacker who has taken over a page's process can make the scripts in it do. */

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startBadgeWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  tab = await world.driver.openTab(world.urlOf('/plain'));
});
afterEach(async () => {
  await world.driver.ask('switchBadges', { site: SITE, isOn: false });
  await tab.page.close();
});

test('the scripts’ world can read neither settings nor sites nor scans', async () => {
  await pressSwitch(world, tab);
  await hasBadge(tab.page).not.toEqual([]);
  for (const area of ['local', 'session']) {
    expect(await runInWorld(tab.page, `chrome.storage.${area}.get(null)`)).toMatch(/access to storage/i);
  }
  // It may know facts about its own frame.
  expect(
    await runInWorld(tab.page, `chrome.runtime.sendMessage({ name: 'getBadges', request: null })`),
  ).toEqual({
    ok: true,
    value: { isOn: true, isPaused: false, pauseLeftMilliseconds: null, showsInFullScreen: false },
  });
});

/** Opens a port to the host and asks for a scan. @returns how it ends: with a state's kind, or closed by the host */
const askForScan = (start: object): string => `new Promise((resolve) => {
  const port = chrome.runtime.connect({ name: 'frames' });
  port.onMessage.addListener(({ state }) => { if (state) { port.disconnect(); resolve(state.kind); } });
  port.onDisconnect.addListener(() => resolve('closed'));
  const video = { fileUrl: null, widthPixels: 640, heightPixels: 360, durationSeconds: 5 };
  port.postMessage({ type: 'start', scanId: 'hostile', framesAsked: 4, video, ...${JSON.stringify(start)} });
})`;

describe('a page’s process that speaks for the user', () => {
  beforeEach(async () => {
    // The user has let the script in: it is there, and the host is open.
    await world.driver.letIn(tab);
    await world.driver.listVideos(tab);
    await world.driver.ask('openHost', null);
  });

  test.each([
    ['a check by hand', {}],
    ['a check by hand with a ticket of its own', { ticket: '0123456789abcdef' }],
    ['a check of the screen', { source: 'screen' }],
    ['an automatic check of a site without badges', { isAutomatic: true }],
    ['an automatic check of the screen', { isAutomatic: true, source: 'screen' }],
  ])('begins no scan: %s', async (_what, start) => {
    expect(await runInWorld(tab.page, askForScan(start))).toBe('closed');
    expect(await world.driver.scansOf(tab)).toEqual([]);
  });

  test('opens no page about a scan that it does not have, and gets no ticket for one', async () => {
    const { context } = world.driver.extension;
    const before = context.pages().length;
    const scanId = '0'.repeat(32);
    for (const [name, request] of [
      ['openPage', { page: 'report', scanId }],
      ['askAgain', { scanId }],
      ['askAgain', { scanId, source: 'screen' }],
    ] as const) {
      const message = JSON.stringify({ name, request });
      expect(await runInWorld(tab.page, `chrome.runtime.sendMessage(${message})`)).toMatchObject({
        ok: false,
        error: { code: 'request-invalid' },
      });
    }
    expect(context.pages()).toHaveLength(before);
  });

  test('stores nothing about another site', async () => {
    const video = { fileUrl: null, widthPixels: 640, heightPixels: 360, durationSeconds: 5 };
    const claim = { pageUrl: 'https://bank.example/', title: 'Another page' };
    const request = { scanId: 'lost', video: { ...video, ...claim }, startedAt: 1 };
    const message = JSON.stringify({ name: 'scanLost', request });
    expect(await runInWorld(tab.page, `chrome.runtime.sendMessage(${message})`)).toMatchObject({ ok: true });
    expect(await world.driver.scansOf(tab)).toMatchObject([
      { video: { pageUrl: world.urlOf('/plain'), title: 'A plain video' } },
    ]);
  });
});
