import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { changeBadgeSettings, FRAMES_ASKED, PATTERN, SITE } from '../support/badge-world.ts';
import { startDriver, type Driver } from '../support/driver.ts';
import { TEST_EXTENSION_FOLDER } from '../support/extension.ts';
import { openMarks } from '../support/site/feed/marks.ts';
import { presenceIn } from '../support/isolated-worlds.ts';
import { installModel } from '../support/install-model.ts';
import { plainPage } from '../support/site/pages.ts';
import { allowWhenAsked, grantedOrigins } from '../support/permissions.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { askForFrames } from '../support/world.ts';

const EMPTY_PAGE = '<!doctype html><title>Words alone</title><p>No video here.</p>';

/** Adds and takes away all day long, custom elements too, some of which get a shadow root later; but no video. */
const BUSY_PAGE = `<!doctype html><title>Busy</title><main></main><div style="height: 4000px"></div><script>
  customElements.define('late-root', class extends HTMLElement {});
  globalThis.ticks = 0;
  setInterval(() => {
    ticks++;
    const main = document.querySelector('main');
    for (let index = 0; index < 20; index++) {
      const added = document.createElement(index % 4 === 0 ? 'late-root' : 'p');
      added.innerHTML = '<span>Words</span> and <b>more</b>';
      main.append(added);
      if (index % 8 === 0) setTimeout(() => added.attachShadow({ mode: 'open' }).append('inside'), 30);
    }
    while (main.childElementCount > 200) main.firstElementChild.remove();
    scrollBy(0, ticks % 2 === 0 ? 9 : -9);
  }, 10);
</script>`;
/** Changes words and attributes, as clocks, counters and animations do. */
const TICKING_PAGE = `<!doctype html><title>Ticking</title><p>0</p><script>
  globalThis.ticks = 0;
  setInterval(() => {
    const line = document.querySelector('p');
    line.firstChild.data = String(++ticks);
    line.style.marginLeft = (ticks % 100) + 'px';
  }, 10);
</script>`;

let site: Site;
let profileDirectory: string;

beforeAll(async () => {
  site = await startSite({
    pages: {
      '/plain': plainPage('/videos/one-face.mp4'),
      '/other': plainPage('/videos/another-face.mp4'),
      '/empty': EMPTY_PAGE,
      '/busy': BUSY_PAGE,
      '/ticking': TICKING_PAGE,
    },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
  profileDirectory = await mkdtemp(join(tmpdir(), 'trueframe-profile-'));
});
afterAll(async () => {
  await site.close();
  await rm(profileDirectory, { recursive: true, force: true });
});

const start = (profile?: string): Promise<Driver> =>
  startDriver({
    extensionDirectory: TEST_EXTENSION_FOLDER,
    ...(profile !== undefined && { profileDirectory: profile }),
  });

/** A network, and the switch in the options for this machine. */
async function switchOn(driver: Driver): Promise<void> {
  await installModel(driver.extension.context, await makeDemoModel({ isDemo: false }));
  await allowWhenAsked(driver, PATTERN);
  await askForFrames(driver, FRAMES_ASKED);
  await changeBadgeSettings(driver, {});
  const options = await driver.extension.context.newPage();
  await options.goto(`${driver.extension.origin}/options.html`);
  await options.getByLabel('Another site').fill('localhost');
  await options.getByRole('button', { name: 'Switch on' }).click();
  await options.getByRole('switch', { name: 'localhost', checked: true }).waitFor();
  await options.close();
}

async function openVideo(driver: Driver, path: string): Promise<Page> {
  const page = await driver.extension.context.newPage();
  await page.goto(site.origin + path);
  await page.bringToFront();
  return page;
}

async function shownBadges(page: Page): Promise<number> {
  const marks = await openMarks(page);
  try {
    return (await marks.read()).length;
  } finally {
    await marks.close();
  }
}

async function placesForBadges(page: Page): Promise<number> {
  const marks = await openMarks(page);
  try {
    return await marks.count();
  } finally {
    await marks.close();
  }
}

/** Each look goes through the whole page. */
const eventually = { timeout: 60_000, interval: 150 };

describe('badges that are on', () => {
  test('outlive an update while pages are open: old ones go, new ones come, nobody complains', async () => {
    const driver = await start();
    try {
      await switchOn(driver);
      const page = await openVideo(driver, '/plain');
      await expect.poll(() => shownBadges(page), eventually).toBe(1);
      const former = await badgeNodes(page);
      const problems: string[] = [];
      page.on('pageerror', ({ message }) => problems.push(message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });

      await reloadExtension(driver);
      await expect
        .poll(async () => (await badgeNodes(page)).filter((node) => former.includes(node)), eventually)
        .toEqual([]);
      await expect.poll(() => shownBadges(page), eventually).toBe(1);
      expect(await placesForBadges(page)).toBe(1);

      // The registration, which the browser drops at an update, is there again.
      const later = await openVideo(driver, '/other');
      await expect.poll(() => shownBadges(later), eventually).toBe(1);
      expect(problems).toEqual([]);
    } finally {
      await driver.close();
    }
  });

  test('are there after the browser was started again, without a click; and those that are off stay off', async () => {
    const before = await start(profileDirectory);
    try {
      await switchOn(before);
    } finally {
      await before.close();
    }
    const after = await start(profileDirectory);
    try {
      const page = await openVideo(after, '/plain');
      await expect.poll(() => shownBadges(page), eventually).toBe(1);
      await after.ask('switchBadges', { site: SITE, isOn: false });
    } finally {
      await after.close();
    }
    const later = await start(profileDirectory);
    try {
      expect(await grantedOrigins(later)).toEqual([]);
      const page = await openVideo(later, '/plain');
      await page.waitForFunction(`document.querySelector('video').currentTime > 1.5`);
      expect(await presenceIn(page)).toEqual({ scripts: [], listeners: [] });
      expect(await later.inServiceWorker('chrome.scripting.getRegisteredContentScripts()')).toEqual([]);
    } finally {
      await later.close();
    }
  });

  test('use no timer and no time on a page without a video', async () => {
    const driver = await start();
    try {
      await switchOn(driver);
      const page = await openVideo(driver, '/empty');
      await page.waitForTimeout(500);
      expect(await ownEvents(page, () => page.waitForTimeout(3000))).toEqual([]);
      await page.goto(`${site.origin}/ticking`);
      await page.waitForTimeout(500);
      expect(await ownEvents(page, () => waitForTicks(page, 100))).toEqual([]);
      // Where elements come and go they are looked through as they come, once a change, and nothing is put off till later.
      await page.goto(`${site.origin}/busy`);
      await page.waitForTimeout(500);
      await page.mouse.move(200, 200);
      const busy = await ownEvents(page, () => waitForTicks(page, 100));
      expect(busy).toContain('FunctionCall');
      expect(busy.filter((name) => /Timer|AnimationFrame|Idle/.test(name))).toEqual([]);

      // The same look does find the script's work where there is a video, so that finding none means something.
      const played = await ownEvents(page, async () => {
        await page.goto(`${site.origin}/plain`);
        await expect.poll(() => shownBadges(page), eventually).toBe(1);
      });
      expect(played).toContain('TimerInstall');
      expect(played).toContain('FunctionCall');
    } finally {
      await driver.close();
    }
  });
});

/** Of the page's own changes, however slow the machine is. */
async function waitForTicks(page: Page, count: number): Promise<void> {
  const first = await page.evaluate<number>('ticks');
  await page.waitForFunction(`ticks >= ${String(first + count)}`);
}

/** As an update does it: every page and script of the former version is cut off, and `onInstalled` says "update". */
async function reloadExtension({ extension }: Driver): Promise<void> {
  const page = await extension.context.newPage();
  await page.goto('chrome://extensions');
  const extensionId = new URL(extension.origin).host;
  // Without developer mode an unpacked extension is not loaded a second time.
  await page.evaluate(`chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true })`);
  await page.evaluate(
    `chrome.developerPrivate.reload(${JSON.stringify(extensionId)}, { failQuietly: false })`,
  );
  await page.close();
}

/** The browser's own ids of our elements: another element has another one. */
async function badgeNodes(page: Page): Promise<readonly number[]> {
  const session = await page.context().newCDPSession(page);
  const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
  await session.detach();
  const nodes: number[] = [];
  const visit = (node: typeof root): void => {
    if (node.shadowRootType === 'closed') nodes.push(node.backendNodeId);
    for (const child of [...(node.children ?? []), ...(node.shadowRoots ?? [])]) visit(child);
  };
  visit(root);
  return nodes;
}

type TraceEvent = { readonly name: string };

/** Names of the browser's trace events that scripts of the extension are named in: calls, timers, animation frames. */
async function ownEvents(page: Page, work: () => Promise<unknown>): Promise<readonly string[]> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('a persistent context without its browser');
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline.stack', 'v8.execute'],
  });
  await work();
  const trace = await browser.stopTracing();
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const own = traceEvents.filter((event) => JSON.stringify(event).includes('/content-scripts/'));
  return [...new Set(own.map(({ name }) => name))];
}
