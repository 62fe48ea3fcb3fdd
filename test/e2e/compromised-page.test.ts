import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hasBadge, pressSwitch, SITE, startBadgeWorld } from '../support/badge-world.ts';
import type { VideoTab } from '../support/driver.ts';
import { runInWorld } from '../support/isolated-worlds.ts';
import type { World } from '../support/world.ts';

/** What the scripts in a page could be made to do by an attacker who has taken over the page's process. */

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
  // What it may know is about its own frame.
  expect(
    await runInWorld(tab.page, `chrome.runtime.sendMessage({ name: 'getBadges', request: null })`),
  ).toEqual({
    ok: true,
    value: { isOn: true, isPaused: false, pauseLeftMilliseconds: null, showsInFullScreen: false },
  });
});
