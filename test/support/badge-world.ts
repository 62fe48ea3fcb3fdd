import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { SETTLE_MILLISECONDS } from '../../entrypoints/badges.content/video-policy.ts';
import { openBadge } from './badge.ts';
import type { Driver, VideoTab } from './driver.ts';
import type { ExtensionGlobal } from './extension-global.ts';
import { allowWhenAsked } from './permissions.ts';
import { askForFrames, startWorld, type World } from './world.ts';

/** Every site on this machine by its name. */
export const PATTERN = '*://localhost/*';
export const SITE = {
  siteId: 'localhost',
  name: 'localhost',
  pagePatterns: [PATTERN],
  originPatterns: [PATTERN],
} as const;

/** After so long a video that may be checked is being checked; what is not there by now does not come. */
export const NOTHING_COMES_MILLISECONDS = SETTLE_MILLISECONDS + 500;

/** Two frames are a verdict, and come within a second of playback; how many there are is not what these tests are about. */
export const FRAMES_ASKED = 2;
/** Otherwise most of the time is the smallest budget's. */
const BADGE_SETTINGS = { budget: 'high' };

/** A world whose badges are off, can be switched on, and come soon. */
export async function startBadgeWorld(pages: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = await startWorld({ isDemo: false, build: 'test', keepsPages: true, pages });
  await allowWhenAsked(world.driver, PATTERN);
  await askForFrames(world.driver, FRAMES_ASKED);
  await changeBadgeSettings(world.driver, {});
  return world;
}

/** This world's settings of badges, and others where `change` has them. */
export async function changeBadgeSettings({ probe }: Driver, change: object): Promise<void> {
  const settings = { ...BADGE_SETTINGS, ...change };
  await probe.evaluate(
    (items) => (globalThis as unknown as ExtensionGlobal).chrome.storage.local.set(items),
    { 'badge-settings': settings },
  );
}

/** Presses the switch in the popup over the tab. */
export async function pressSwitch({ driver }: World, tab: VideoTab): Promise<void> {
  const popup = await driver.openPopup(tab);
  // The switch is disabled until the popup has the list of the page's videos.
  await expect
    .poll(() => popup.evaluate<boolean>(`document.querySelector('[role=switch]')?.disabled === false`))
    .toBe(true);
  await popup.evaluate(`document.querySelector('[role=switch]').click()`);
  await expect
    .poll(() => popup.evaluate<boolean>(`document.querySelector('[role=switch]').checked`))
    .toBe(true);
  await popup.close();
  await tab.page.bringToFront();
}

export const registeredScripts = ({ driver }: World) =>
  driver.inServiceWorker<readonly { readonly matches: readonly string[] }[]>(
    'chrome.scripting.getRegisteredContentScripts()',
  );

/** Ours has closed roots, which the accessibility tree shows all the same. */
export async function badgeTexts(page: Page): Promise<readonly string[]> {
  const badge = await openBadge(page);
  try {
    return await badge.read();
  } finally {
    await badge.close();
  }
}

/** A badge takes seconds to come, and each look goes through the whole page. */
export const hasBadge = (page: Page) =>
  expect.poll(() => badgeTexts(page), { timeout: 60_000, interval: 150 });

/** The badge's mark lies where it belongs, and nothing of ours in the picture's very corner. */
export const LIES_IN_CORNER = `(() => {
  const { left, top } = document.querySelector('video').getBoundingClientRect();
  const isOurs = (inset) => document.elementFromPoint(left + inset, top + inset)?.popover === 'manual';
  return isOurs(22) && isOurs(12) && !isOurs(5);
})()`;
