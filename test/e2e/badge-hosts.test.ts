import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import {
  hasBadge,
  LIES_IN_CORNER,
  NOTHING_COMES_MILLISECONDS,
  PATTERN,
  pressSwitch,
  SITE,
  startBadgeWorld,
} from '../support/badge-world.ts';
import type { VideoTab } from '../support/driver.ts';
import { presenceIn } from '../support/isolated-worlds.ts';
import { allowWhenAsked, grantedOrigins } from '../support/permissions.ts';
import { plainPage } from '../support/site/pages.ts';
import { framePage } from '../support/site/players.ts';
import { startSite, type Site } from '../support/site/server.ts';
import type { World } from '../support/world.ts';

const PLAYER_PATTERN = '*://127.0.0.1/*';

let world: World;
/** Another host, whose pages are players in frames. */
let player: Site;
let tab: VideoTab;

beforeAll(async () => {
  player = await startSite({
    pages: { '/player': plainPage('/videos/another-face.mp4'), '/own': framePage('/player') },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
  world = await startBadgeWorld({
    '/framed': framePage(`${playerOrigin()}/player`),
    '/elsewhere': plainPage(`${playerOrigin()}/videos/another-face.mp4`),
  });
  await allowWhenAsked(world.driver, PLAYER_PATTERN);
});
afterAll(async () => {
  await world.close();
  await player.close();
});
beforeEach(async () => {
  // This deletes every remembered verdict as well.
  await world.driver.ask('clearHistory', null);
  tab = await world.driver.openTab(world.urlOf('/plain'));
});
afterEach(async () => {
  await world.driver.ask('switchBadges', { site: SITE, isOn: false });
  await tab.page.close();
});

const playerOrigin = (): string => player.origin.replace('localhost', '127.0.0.1');

describe('a site that is not known by name', () => {
  test('is asked for with the host of its videos, whose picture is closed to the page, and they get their badges', async () => {
    await tab.page.goto(`${world.site.origin}/elsewhere`);
    await tab.page.bringToFront();
    await pressSwitch(world, tab);
    expect((await grantedOrigins(world.driver)).toSorted()).toEqual([PLAYER_PATTERN, PATTERN].toSorted());
    await hasBadge(tab.page).not.toEqual([]);
    await world.driver.ask('switchBadges', { site: SITE, isOn: false });
    expect(await grantedOrigins(world.driver)).toEqual([]);
  });

  test('is not asked for before the popup knows the page’s videos, and the popup says why', async () => {
    await tab.page.goto(`${world.site.origin}/elsewhere`);
    await tab.page.bringToFront();
    const gate = await startGate();
    await tab.page.evaluate((url) => {
      // A page that waits for an answer like this answers no request itself, the extension's included.
      setTimeout(() => {
        const request = new XMLHttpRequest();
        request.open('GET', url, false);
        request.send();
      });
    }, gate.url);
    await gate.isAsked;
    const popup = await world.driver.openPopup(tab);
    const section = () =>
      popup.evaluate<string>(`document.querySelector('[aria-label=Badges]')?.innerText ?? ''`);
    try {
      await expect.poll(section).toMatch(/still looking for the videos on this page/);
      await popup.evaluate(`document.querySelector('[role=switch]').click()`);
      expect(await grantedOrigins(world.driver)).toEqual([]);
    } finally {
      await gate.close();
    }
    await expect.poll(section).toMatch(/Switched on, videos that play on localhost get a small mark/);
    await popup.close();
    await pressSwitch(world, tab);
    expect((await grantedOrigins(world.driver)).toSorted()).toEqual([PLAYER_PATTERN, PATTERN].toSorted());
  });

  test('where such a video comes later, the popup says what is closed, and one click opens it', async () => {
    await pressSwitch(world, tab);
    expect(await grantedOrigins(world.driver)).toEqual([PATTERN]);
    await tab.page.goto(`${world.site.origin}/elsewhere`);
    await tab.page.bringToFront();
    const popup = await world.driver.openPopup(tab);
    await expect
      .poll(() => popup.evaluate<string>('document.body.innerText'))
      .toContain('Videos here come from 127.0.0.1');
    await popup.evaluate(
      `[...document.querySelectorAll('button')].find(({ innerText }) => innerText === 'Allow 127.0.0.1').click()`,
    );
    await expect
      .poll(() => grantedOrigins(world.driver).then((origins) => origins.toSorted()))
      .toEqual([PLAYER_PATTERN, PATTERN].toSorted());
    await popup.close();
    await hasBadge(tab.page).not.toEqual([]);
  });
});

describe('a player in a frame of another host that was allowed with the site', () => {
  const site = { ...SITE, originPatterns: [PATTERN, PLAYER_PATTERN] };

  const switchOn = async (): Promise<void> => {
    await world.driver.ask('awaitPermission', { site, heldOrigins: [] });
    await world.driver.probe.evaluate(
      `chrome.permissions.request({ origins: ${JSON.stringify(site.originPatterns)} })`,
    );
    await world.driver.ask('switchBadges', { site, isOn: true });
  };
  const openFramed = async (): Promise<Frame> => {
    await tab.page.goto(`${world.site.origin}/framed`);
    await tab.page.bringToFront();
    return tab.page.waitForSelector('iframe').then(async (element) => (await element.contentFrame())!);
  };
  const hasBadgeIn = (frame: Frame) => expect.poll(() => frame.evaluate(LIES_IN_CORNER), { timeout: 60_000 });

  test('gets its badge there, in pages that are open and later, and loses it when badges are off', async () => {
    const open = await openFramed();
    await switchOn();
    await hasBadgeIn(open).toBe(true);
    await world.driver.ask('switchBadges', { site, isOn: false });
    await hasBadgeIn(open).toBe(false);
    expect(await grantedOrigins(world.driver)).toEqual([]);
    await switchOn();
    await hasBadgeIn(await openFramed()).toBe(true);
  });

  test('has it hidden while the page shows the frame in full screen, and back afterwards', async () => {
    await switchOn();
    const frame = await openFramed();
    await hasBadgeIn(frame).toBe(true);
    // Full screen needs a click, which has no other effect here.
    await tab.page.evaluate(
      `addEventListener('click', () => document.querySelector('iframe').requestFullscreen(), { once: true })`,
    );
    await tab.page.mouse.click(5, 5);
    await expect.poll(() => tab.page.evaluate('document.fullscreenElement !== null')).toBe(true);
    await expect.poll(() => frame.evaluate(LIES_IN_CORNER)).toBe(false);
    await tab.page.evaluate('document.exitFullscreen()');
    await hasBadgeIn(frame).toBe(true);
  });

  test('has nothing of ours on its own host’s pages, nor in their frames', async () => {
    await switchOn();
    for (const path of ['/player', '/own']) {
      await tab.page.goto(playerOrigin() + path);
      await tab.page.waitForTimeout(NOTHING_COMES_MILLISECONDS);
      expect(await presenceIn(tab.page)).toEqual({ scripts: [], listeners: [] });
    }
  });
});

/** A server that answers its first request only when it is closed. */
async function startGate(): Promise<{
  readonly url: string;
  readonly isAsked: Promise<void>;
  readonly close: () => Promise<void>;
}> {
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    asked.resolve(response.setHeader('access-control-allow-origin', '*'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    isAsked: asked.promise.then(() => undefined),
    close: async () => {
      (await asked.promise).end();
      await new Promise((closed) => {
        server.close(closed);
        server.closeIdleConnections();
      });
    },
  };
}
