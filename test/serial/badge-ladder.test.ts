import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isFinal } from '../../utils/domain/scan.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { openBadge } from '../support/badge.ts';
import type { VideoTab } from '../support/driver.ts';
import { openMarks } from '../support/site/feed/marks.ts';
import { presenceIn } from '../support/isolated-worlds.ts';
import { plainPage } from '../support/site/pages.ts';
import { framePage } from '../support/site/players.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { allowWhenAsked, grantedOrigins } from '../support/permissions.ts';
import { startWorld, type World } from '../support/world.ts';

const PATTERN = '*://localhost/*';
const SITE = {
  siteId: 'localhost',
  name: 'localhost',
  pagePatterns: [PATTERN],
  originPatterns: [PATTERN],
} as const;

const PLAYER_PATTERN = '*://127.0.0.1/*';

let world: World;
/** Another host, which only plays videos, in frames. */
let player: Site;
let tab: VideoTab;

beforeAll(async () => {
  player = await startSite({
    pages: { '/player': plainPage('/videos/another-face.mp4'), '/own': framePage('/player') },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
  world = await startWorld({
    isDemo: false,
    keepsPages: true,
    pages: {
      '/framed': framePage(`${playerOrigin()}/player`),
      '/elsewhere': plainPage(`${playerOrigin()}/videos/another-face.mp4`),
    },
  });
  await allowWhenAsked(world.driver, PATTERN);
  await allowWhenAsked(world.driver, PLAYER_PATTERN);
  await world.driver.extension.context.addInitScript(WATCH_PAGE);
});
afterAll(async () => {
  await world.close();
  await player.close();
});
beforeEach(async () => {
  // With it every verdict is forgotten.
  await world.driver.ask('clearHistory', null);
  tab = await world.driver.openTab(world.urlOf('/plain'));
});
afterEach(async () => {
  await world.driver.ask('switchBadges', { site: SITE, isOn: false });
  await tab.page.close();
});

const playerOrigin = (): string => player.origin.replace('localhost', '127.0.0.1');

/** Presses the switch in the popup over the tab. */
async function pressSwitch(): Promise<void> {
  const popup = await world.driver.openPopup(tab);
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

const registeredScripts = (): Promise<readonly { readonly matches: readonly string[] }[]> =>
  world.driver.inServiceWorker('chrome.scripting.getRegisteredContentScripts()');

/** Ours has closed roots, which the accessibility tree shows all the same. */
async function badgeTexts(page: Page): Promise<readonly string[]> {
  return (await openBadge(page)).read();
}

const hasBadge = (page: Page) => expect.poll(() => badgeTexts(page), { timeout: 60_000 });

/** @param meanwhile while the tab shows another page */
async function leaveAndComeBack(meanwhile: () => Promise<unknown>): Promise<void> {
  const { page } = tab;
  await page.evaluate(
    `addEventListener('pageshow', ({ persisted }) => { globalThis.wasKept = persisted; });`,
  );
  await page.goto(`${world.site.origin}/nothing`);
  await meanwhile();
  // Not Playwright's own, which waits for a load that a kept page does not have.
  await page.evaluate('history.back()');
  await expect.poll(() => page.evaluate('globalThis.wasKept').catch(() => null)).toBe(true);
  await page.evaluate('delete globalThis.wasKept');
}

describe('with badges off', () => {
  test('a site has nothing of ours in it: no script, no listener, no element, no permission', async () => {
    expect(await grantedOrigins(world.driver)).toEqual([]);
    expect(await registeredScripts()).toEqual([]);
    const page = tab.page;
    expect(await page.evaluate('globalThis.addedToRoot')).toEqual([]);
    expect(await presenceIn(page)).toEqual({ scripts: [], listeners: [] });
    // The same look on a page with badges does find us, so that finding nothing means something.
    await pressSwitch();
    await hasBadge(page).not.toEqual([]);
    expect(await page.evaluate('globalThis.addedToRoot')).toEqual(['DIV']);
    const { scripts, listeners } = await presenceIn(page);
    expect(scripts).toEqual(['trueFrame', 'trueFrameBadges']);
    for (const each of ['document playing', 'document emptied', 'window scroll', 'extension message']) {
      expect(listeners).toContain(each);
    }
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
    const isLoud = scan?.state.kind === 'finished' && scan.state.report.verdict.kind === 'likely-manipulated';
    const entries = (await world.driver.readHistory()).filter(({ scanId }) => scanId === scan?.scanId);
    expect(entries).toHaveLength(isLoud ? 1 : 0);
  });

  test('“Check again” on a quiet badge asks for as many frames as the user has set', async () => {
    await world.driver.probe.evaluate(`chrome.storage.local.set({ settings: { framesAsked: 6 } })`);
    try {
      await pressSwitch();
      await hasBadge(tab.page).not.toEqual([]);
      const [quiet] = await world.driver.scansOf(tab);
      const badge = await openBadge(tab.page);
      await badge.click(/Show more/);
      await badge.click(/Check again/);
      const again = await world.driver.waitForScan(tab, 'finished', isFinal, quiet?.scanId);
      expect(again.isAutomatic).not.toBe(true);
      expect(again.state).toMatchObject({ kind: 'finished', report: { verdict: { framesScanned: 6 } } });
    } finally {
      await world.driver.probe.evaluate(`chrome.storage.local.remove('settings')`);
    }
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
    // What has ended keeps its name until the page goes, and listens for nothing.
    expect((await presenceIn(tab.page)).listeners).toEqual([]);
    await tab.page.reload();
    await tab.page.waitForFunction(`document.querySelector('video').currentTime > 1.5`);
    expect(await presenceIn(tab.page)).toEqual({ scripts: [], listeners: [] });

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

  test('the permission taken back in the browser’s settings switches the site off, in every tab', async () => {
    await pressSwitch();
    await hasBadge(tab.page).not.toEqual([]);
    // Here no click of the user's has let the extension in: without the permission it does not learn the tab's address.
    const other = await world.driver.openTab(world.urlOf('/small'));
    await hasBadge(other.page).not.toEqual([]);
    await world.driver.inServiceWorker(`chrome.permissions.remove({ origins: ['${PATTERN}'] })`);
    await expect.poll(registeredScripts).toEqual([]);
    for (const { page } of [tab, other]) {
      await expect.poll(() => badgeTexts(page)).toEqual([]);
      await expect.poll(async () => (await presenceIn(page)).listeners).toEqual([]);
    }
    expect(await world.driver.inServiceWorker(STORED_SITES)).toEqual([]);
    await other.page.close();
  });

  test('a page that comes back with “Back” has its badges, or nothing of ours where its site was switched off', async () => {
    const nothing = (): Promise<void> => Promise.resolve();
    await pressSwitch();
    // When a check begins, which ends with the page and begins anew.
    await expect
      .poll(async () => (await presenceIn(tab.page)).scripts, { timeout: 20_000 })
      .toContain('trueFrame');
    await leaveAndComeBack(nothing);
    // Browsers leave some videos paused that they have kept.
    await tab.page.evaluate(`document.querySelector('video').play()`);
    await hasBadge(tab.page).not.toEqual([]);
    // What was said stays said, whether the video plays on or not.
    await leaveAndComeBack(nothing);
    expect(await badgeTexts(tab.page)).not.toEqual([]);
    expect(await world.driver.scansOf(tab)).toEqual([]);
    // Nothing reaches a page that the browser keeps.
    await leaveAndComeBack(() => world.driver.ask('switchBadges', { site: SITE, isOn: false }));
    await expect.poll(() => badgeTexts(tab.page)).toEqual([]);
    await expect.poll(async () => (await presenceIn(tab.page)).listeners).toEqual([]);
  });

  test('a video that grows from a thumbnail while it is in full sight is checked', async () => {
    await tab.page.evaluate(`document.querySelector('video').style.width = '120px'`);
    await pressSwitch();
    await expect.poll(async () => (await presenceIn(tab.page)).scripts).toContain('trueFrameBadges');
    await tab.page.waitForTimeout(2500);
    expect(await world.driver.scansOf(tab)).toEqual([]);
    await tab.page.evaluate(`document.querySelector('video').style.width = ''`);
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('a check whose host is lost is made again for a video that plays on in sight', async () => {
    await pressSwitch();
    const activeScans = async (): Promise<number> =>
      (await world.driver.ask('getHostState', null).catch(() => null))?.activeScans ?? 0;
    await expect.poll(activeScans, { timeout: 20_000, interval: 50 }).toBe(1);
    await world.driver.inServiceWorker('chrome.offscreen.closeDocument()');
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('a video that comes back to the page elsewhere, after its badge has gone, gets it again', async () => {
    await pressSwitch();
    await hasBadge(tab.page).not.toEqual([]);
    await tab.page.evaluate(`globalThis.away = document.querySelector('video'); away.remove()`);
    await hasBadge(tab.page).toEqual([]);
    await tab.page.waitForTimeout(1500);
    await tab.page.evaluate(`(() => {
      const other = document.createElement('div');
      other.style = 'margin: 50px 0 0 100px';
      document.body.prepend(other);
      other.append(away);
      return away.play();
    })()`);
    await expect.poll(() => tab.page.evaluate(LIES_IN_CORNER), { timeout: 60_000 }).toBe(true);
    expect(await (await openMarks(tab.page)).count()).toBe(1);
  });

  test('paused everywhere, no video is checked; going on, they are', async () => {
    await world.driver.probe.evaluate(
      `chrome.storage.local.set({ 'badge-settings': { isPausedEverywhere: true } })`,
    );
    const before = (await world.driver.scansOf(tab)).length;
    await pressSwitch();
    await tab.page.waitForTimeout(3000);
    expect((await presenceIn(tab.page)).scripts).toContain('trueFrameBadges');
    expect(await badgeTexts(tab.page)).toEqual([]);
    expect((await world.driver.scansOf(tab)).length).toBe(before);
    // The video has played on in sight all the time.
    await world.driver.probe.evaluate(`chrome.storage.local.remove('badge-settings')`);
    await hasBadge(tab.page).not.toEqual([]);
  });

  test('a pause for a time ends by itself for a video that plays on', async () => {
    await world.driver.probe.evaluate(
      `chrome.storage.local.set({ 'badge-settings': { pausedUntil: Date.now() + 12_000 } })`,
    );
    try {
      await pressSwitch();
      await expect.poll(async () => (await presenceIn(tab.page)).scripts).toContain('trueFrame');
      expect(await badgeTexts(tab.page)).toEqual([]);
      await hasBadge(tab.page).not.toEqual([]);
    } finally {
      await world.driver.probe.evaluate(`chrome.storage.local.remove('badge-settings')`);
    }
  });
});

describe('a site that is not known by name', () => {
  test('is asked for with the host of its videos, whose picture is closed to the page, and they get their badges', async () => {
    await tab.page.goto(`${world.site.origin}/elsewhere`);
    await tab.page.bringToFront();
    await pressSwitch();
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
      // A page that waits for an answer like this answers nothing itself, extensions included.
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
    await pressSwitch();
    expect((await grantedOrigins(world.driver)).toSorted()).toEqual([PLAYER_PATTERN, PATTERN].toSorted());
  });

  test('where such a video comes later, the popup says what is closed, and one click opens it', async () => {
    await pressSwitch();
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

describe('a badge', () => {
  test('keeps its place in the picture’s corner when the browser zooms the page', async () => {
    await pressSwitch();
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
      // Full screen comes of a click, which goes nowhere else.
      await tab.page.evaluate(
        `addEventListener('click', () => document.body.requestFullscreen(), { once: true })`,
      );
      await tab.page.mouse.click(5, 5);
      await expect.poll(() => tab.page.evaluate('document.fullscreenElement !== null')).toBe(true);
    };
    await pressSwitch();
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
      await world.driver.probe.evaluate(`chrome.storage.local.remove('badge-settings')`);
    }
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
    // Full screen comes of a click, which goes nowhere else.
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
      await tab.page.waitForTimeout(2500);
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

/** The badge's mark lies where it belongs, and nothing of ours in the picture's very corner. */
const LIES_IN_CORNER = `(() => {
  const { left, top } = document.querySelector('video').getBoundingClientRect();
  const isOurs = (inset) => document.elementFromPoint(left + inset, top + inset)?.popover === 'manual';
  return isOurs(22) && isOurs(12) && !isOurs(5);
})()`;

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
