import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isFinal } from '../../utils/domain/scan.ts';
import type { Scan, ScanState } from '../../utils/domain/scan.ts';
import { encryptWebm } from '../fixtures/videos/encrypt-webm.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { menuOn } from '../support/gestures.ts';
import { plainPage } from '../support/site/pages.ts';
import {
  blobPage,
  clearKeyPage,
  customPlayerPage,
  feedPage,
  framePage,
  hiddenPage,
  livePage,
  movablePage,
  segmentsPage,
  soundOnlyPage,
  threePage,
} from '../support/site/players.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { watchTab, type WatchedTab } from '../support/watched-tab.ts';
import { startWorld, type World } from '../support/world.ts';

const MP4 = '/videos/another-face.mp4';
const WEBM = '/videos/one-face.webm';

let world: World;
/** Another host, which the user has allowed. */
let allowed: Site;
let folder: string;
let tab: WatchedTab;

beforeAll(async () => {
  const videos = await ensureTestVideos();
  folder = await mkdtemp(join(tmpdir(), 'encrypted-'));
  const { bytes, keyId, key } = encryptWebm(await readFile(videos['one-face.webm'].path));
  await writeFile(join(folder, 'encrypted.webm'), bytes);
  const content = { '/videos/': TEST_VIDEO_FOLDER };
  allowed = await startSite({ pages: { '/player': plainPage(MP4) }, folders: content });
  const allowedOrigin = allowed.origin.replace('localhost', '127.0.0.1');
  world = await startWorld({
    allowedHosts: ['127.0.0.1'],
    folders: { '/encrypted/': folder },
    pages: {
      '/segments': segmentsPage(WEBM),
      '/blob': blobPage(MP4),
      '/live': livePage(MP4),
      '/custom-player': customPlayerPage(MP4),
      '/clear-key': clearKeyPage('/encrypted/encrypted.webm', keyId.toString('hex'), key.toString('hex')),
      '/sound': soundOnlyPage(),
      '/black': plainPage('/videos/black.webm'),
      '/feed': feedPage(MP4, 50),
      '/three': threePage([MP4, WEBM, '/videos/no-face.webm']),
      '/no-size': hiddenPage(MP4),
      '/movable': movablePage(MP4),
      '/movable-foreign': movablePage(allowedOrigin + MP4),
      '/rotated': plainPage('/videos/rotated.mp4'),
      '/rotated-foreign': plainPage(`${allowedOrigin}/videos/rotated.mp4`),
      '/wide-pixels': plainPage('/videos/wide-pixels.mp4'),
      '/wide-pixels-foreign': plainPage(`${allowedOrigin}/videos/wide-pixels.mp4`),
      '/hdr': plainPage('/videos/hdr.webm'),
      '/hdr-foreign': plainPage(`${allowedOrigin}/videos/hdr.webm`),
      '/frame-own': framePage('/blob'),
      '/frame-foreign': framePage(`${allowedOrigin}/player`),
    },
  });
});
afterAll(async () => {
  await world.close();
  await allowed.close();
  await rm(folder, { recursive: true, force: true });
});
// In every test, only the page itself has touched its videos.
afterEach(() => tab.leave());

type Finished = Extract<ScanState, { kind: 'finished' }>;

function finished({ state }: Scan): Finished {
  if (state.kind !== 'finished') throw new Error(`the scan ended as ${JSON.stringify(state)}`);
  return state;
}

const openTab = async (path: string): Promise<void> => {
  tab = await watchTab(world.driver, await world.driver.openTab(world.site.origin + path));
};

const check = async (path: string, clicked: 'video' | 'page' = 'page'): Promise<Scan> => {
  await openTab(path);
  await menuOn(world.driver, tab, clicked);
  return await world.driver.waitForEnd(tab);
};

const running =
  (atLeast: number) =>
  (state: ScanState): boolean =>
    state.kind === 'running' && state.framesScanned >= atLeast;

describe('a player', () => {
  test.each([
    ['fed by segments', '/segments'],
    ['fed by a blob', '/blob'],
    ['that shows a live stream', '/live'],
    ['in a shadow root under a layer that swallows every event', '/custom-player'],
  ])('%s is judged from its element', async (_what, path) => {
    const scan = await check(path);
    expect(finished(scan)).toMatchObject({
      report: { verdict: { framesScanned: 15, framesUsed: 15 }, used: { source: 'element' } },
    });
    expect(scan.video.fileUrl).toBeNull();
    if (path === '/live') expect(scan.video.durationSeconds).toBeNull();
  });

  test('of encrypted video is refused as protected, though its key is in the open', async () => {
    const state = finished(await check('/clear-key'));
    expect(await tab.page.evaluate(`document.querySelector('video').mediaKeys !== null`)).toBe(true);
    expect(state.report.verdict).toMatchObject({ kind: 'refused', reason: 'protected', framesScanned: 0 });
    expect(state.waysOut).toBeUndefined();
  });

  test('of pictures that are all black, as protection leaves them, is refused as protected', async () => {
    const state = finished(await check('/black'));
    expect(state.report.verdict).toMatchObject({ kind: 'refused', reason: 'protected', framesScanned: 15 });
    expect(state.waysOut).toBeUndefined();
  });

  test('of sound alone is refused as unreadable', async () => {
    const state = finished(await check('/sound'));
    expect(state.report.verdict).toMatchObject({ kind: 'refused', reason: 'unreadable', framesScanned: 0 });
    // A capture of the screen would not help.
    expect(state.waysOut).toMatchObject({ canUseScreen: false, hostToAllow: null });
  });

  test('whose video has no size is judged, if the request gives the video’s address', async () => {
    await openTab('/no-size');
    const srcUrl = world.site.origin + MP4;
    await world.driver.checkByMenu(tab, { at: { x: 5, y: 5 }, srcUrl });
    expect(finished(await world.driver.waitForEnd(tab)).report.verdict).toMatchObject({ framesUsed: 15 });
  });

  test.each([
    ['turned on its side', 'rotated'],
    ['with pixels that are not square', 'wide-pixels'],
    ['of high dynamic range', 'hdr'],
  ])('of a picture %s in its file shows the face upright, from element and file', async (_what, name) => {
    for (const [path, way] of [
      [`/${name}`, 'element'],
      [`/${name}-foreign`, 'source'],
    ] as const) {
      const scan = await check(path, 'video');
      expect(scan.video).toMatchObject({ widthPixels: 640, heightPixels: 360 });
      // The detector does not find a face on its side, nor one half as wide as it is.
      expect(finished(scan)).toMatchObject({
        report: { verdict: { framesUsed: 15 }, used: { source: way } },
      });
      if (way === 'element') await tab.leave();
    }
  });
});

describe('while a check runs, a page that', () => {
  test('moves its player to another parent keeps its check', async () => {
    await openTab('/movable');
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running', running(2));
    tab.pageDoes({ events: ['pause', 'play'], isLaidOutAnew: true });
    await tab.page.evaluate(`(() => {
      const video = document.querySelector('video');
      document.querySelector('#there').append(video);
      return video.play();
    })()`);
    expect(finished(await world.driver.waitForEnd(tab)).report.verdict).toMatchObject({ framesUsed: 15 });
  });

  test.each(['/movable', '/movable-foreign'])('removes its player ends the check: %s', async (path) => {
    await openTab(path);
    await menuOn(world.driver, tab, 'video');
    // A file is read as fast as the machine can: it must not have come to its end.
    await world.driver.waitForScan(tab, 'running', running(path === '/movable' ? 2 : 0));
    tab.pageDoes({ events: ['pause'], isLaidOutAnew: true });
    await tab.page.evaluate(`document.querySelector('video').remove()`);
    expect((await world.driver.waitForEnd(tab)).state).toMatchObject({ kind: 'failed', code: 'video-gone' });
  });

  test.each(['/movable', '/movable-foreign'])(
    'puts the next video into the same element ends the check, and never mixes the two: %s',
    async (path) => {
      await openTab(path);
      await menuOn(world.driver, tab, 'video');
      await world.driver.waitForScan(tab, 'running', running(path === '/movable' ? 2 : 0));
      const before = await world.driver.readHistory();
      tab.pageDoes({ isOtherVideo: true });
      await tab.page.evaluate(`(() => {
        const video = document.querySelector('video');
        video.src = '/videos/two-faces.mp4';
        return video.play();
      })()`);
      const first = await world.driver.waitForEnd(tab);
      expect(first.state).toMatchObject({ kind: 'failed', code: 'video-gone' });
      expect(await world.driver.readHistory()).toHaveLength(before.length);

      // The next video's own check judges the next video alone.
      await menuOn(world.driver, tab, 'page');
      const second = await world.driver.waitForScan(tab, 'second', isFinal, first.scanId);
      expect(second.video.fileUrl).toBe(`${world.site.origin}/videos/two-faces.mp4`);
      const { verdict } = finished(second).report;
      expect(verdict.kind !== 'refused' && verdict.people).toHaveLength(2);
    },
  );

  test('goes full screen keeps its check', async () => {
    await openTab('/movable');
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running', running(2));
    tab.pageDoes({ isLaidOutAnew: true });
    const session = await world.driver.extension.context.newCDPSession(tab.page);
    await session.send('Runtime.evaluate', {
      expression: `document.querySelector('#here').requestFullscreen()`,
      userGesture: true,
      awaitPromise: true,
    });
    expect(await tab.page.evaluate('document.fullscreenElement !== null')).toBe(true);
    expect(finished(await world.driver.waitForEnd(tab)).report.verdict).toMatchObject({ framesUsed: 15 });
  });

  test('shows its video in a picture of its own (picture-in-picture) keeps its check', async () => {
    await openTab('/movable');
    await menuOn(world.driver, tab, 'video');
    await world.driver.waitForScan(tab, 'running', running(2));
    tab.pageDoes({ events: ['enterpictureinpicture'] });
    const session = await world.driver.extension.context.newCDPSession(tab.page);
    const { result } = await session.send('Runtime.evaluate', {
      expression: `document.querySelector('video').requestPictureInPicture().then(() => 'shown', String)`,
      userGesture: true,
      awaitPromise: true,
      returnByValue: true,
    });
    expect(result.value).toBe('shown');
    expect(finished(await world.driver.waitForEnd(tab)).report.verdict).toMatchObject({ framesUsed: 15 });
  });

  test('is behind another tab is judged by its file', async () => {
    await openTab('/movable-foreign');
    await menuOn(world.driver, tab, 'video');
    const other = await world.driver.extension.context.newPage();
    await other.bringToFront();
    expect(finished(await world.driver.waitForEnd(tab))).toMatchObject({
      report: { verdict: { framesUsed: 15 }, used: { source: 'source' } },
    });
    await other.close();
  });
});

describe('a page with', () => {
  test('fifty videos lists them and checks the one that is meant, and no other is loaded', async () => {
    tab = await openFeed();
    const videos = await world.driver.listVideos(tab);
    expect(videos).toHaveLength(50);
    await menuOn(world.driver, tab, 'video', 0);
    expect(finished(await world.driver.waitForEnd(tab)).report.verdict).toMatchObject({ framesUsed: 15 });
    const loaded = `[...document.querySelectorAll('video')].filter(({ readyState }) => readyState > 0).length`;
    expect(await tab.page.evaluate(loaded)).toBe(1);
  });

  test('three videos checks them one after the other, each with its own verdict', async () => {
    await openTab('/three');
    for (const index of [0, 1, 2]) await menuOn(world.driver, tab, 'video', index);
    await expect
      .poll(async () => (await world.driver.scansOf(tab)).filter(({ state }) => isFinal(state)).length, {
        timeout: 90_000,
      })
      .toBe(3);
    const scans = (await world.driver.scansOf(tab)).toReversed();
    expect(scans.map((scan) => finished(scan).report.verdict)).toMatchObject([
      { framesUsed: 15 },
      { framesUsed: 15 },
      { kind: 'refused', reason: 'no-face' },
    ]);
  });

  test('its player in a frame of its own origin is judged', async () => {
    await openFrameTab('/frame-own');
    await world.driver.pressShortcut(tab);
    expect(finished(await world.driver.waitForEnd(tab))).toMatchObject({
      report: { verdict: { framesUsed: 15 }, used: { source: 'element' } },
    });
  });

  test('its player in a frame of a host that the user has allowed is judged', async () => {
    await openFrameTab('/frame-foreign');
    await world.driver.pressShortcut(tab);
    const scan = await world.driver.waitForEnd(tab);
    expect(finished(scan).report.verdict).toMatchObject({ framesUsed: 15 });
    expect(scan.frameId).not.toBe(0);
    expect(await world.driver.ask('listClosedHosts', { tabId: tab.tabId })).toEqual([]);

    // Asks for the check by the menu in the frame.
    const info = {
      menuItemId: 'check-video',
      editable: false,
      frameId: scan.frameId,
      frameUrl: `${allowed.origin.replace('localhost', '127.0.0.1')}/player`,
      pageUrl: tab.page.url(),
      mediaType: 'video',
      srcUrl: scan.video.fileUrl,
    };
    await world.driver.inServiceWorker(`chrome.tabs.get(${String(tab.tabId)}).then((tab) =>
      chrome.contextMenus.onClicked.dispatch(${JSON.stringify(info)}, tab))`);
    const second = await world.driver.waitForScan(tab, 'second', isFinal, scan.scanId);
    expect(finished(second).report.verdict).toMatchObject({ framesUsed: 15 });
  });
});

/** Its other videos are not loaded, so they never play. */
async function openFeed(): Promise<WatchedTab> {
  return await openUnplayed('/feed', `document.querySelector('video').currentTime > 0`);
}

/** Playwright's page is the top document, which has no video. */
async function openFrameTab(path: string): Promise<void> {
  tab = await openUnplayed(path, 'true', async (page) => {
    await page.frames()[1]?.waitForFunction(`document.querySelector('video')?.currentTime > 0`);
  });
}

async function openUnplayed(
  path: string,
  condition: string,
  isReady: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<WatchedTab> {
  const page = await world.driver.extension.context.newPage();
  await page.goto(world.site.origin + path);
  await page.bringToFront();
  await page.waitForFunction(condition);
  await isReady(page);
  const tabId = await world.driver.inServiceWorker<number>(
    `chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([found]) => found.id)`,
  );
  return await watchTab(world.driver, { page, tabId });
}
