import { SHOW_FRAME } from '../support/video-frame.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isFinal } from '../../utils/domain/scan.ts';
import type { Scan, ScanState } from '../../utils/domain/scan.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { TEST_VIDEO_DURATION_SECONDS, TEST_VIDEO_FRAMES_PER_SECOND } from '../fixtures/videos/scenes.ts';
import { openBadge } from '../support/badge.ts';
import { casesAt } from '../support/cases.ts';
import { menuOn } from '../support/gestures.ts';
import { corsPage, plainPage, stillPage, unscaledPage } from '../support/site/pages.ts';
import { exchangingWorker, framePage, servedPage } from '../support/site/players.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { watchTab, type WatchedTab } from '../support/watched-tab.ts';
import { askForFrames, startWorld, type World } from '../support/world.ts';

const VIDEO = '/videos/one-face.mp4';
/** Small enough for the window of the tests, 1280 × 720. */
const SMALL_VIDEO = '/videos/another-face.mp4';
const HDR_VIDEO = '/videos/hdr.webm';
const FRAME_COUNT = TEST_VIDEO_DURATION_SECONDS * TEST_VIDEO_FRAMES_PER_SECOND;
/** numpy's `linspace(0, frame_count - 1, 15, dtype=int)`, as the original samples. */
const ORIGINAL_FRAMES = Array.from({ length: 15 }, (_, index) =>
  Math.trunc((index * (FRAME_COUNT - 1)) / 14),
);

/** Another origin whose files no page may read. */
let foreign: Site;
/** Another origin whose files any page may read. */
let open: Site;
/** Another origin whose files any page may read, but only as a whole. */
let whole: Site;
/** Another origin whose address leads to yet another one. */
let leading: Site;
/** Another origin that gives its files to pages alone. */
let jealous: Site;

beforeAll(async () => {
  const folders = { '/videos/': TEST_VIDEO_FOLDER };
  foreign = await startSite({ folders, pages: { '/player': plainPage(VIDEO) } });
  open = await startSite({ folders, isCors: true });
  whole = await startSite({ folders, isCors: true, hasRanges: false });
  leading = await startSite({
    redirects: { '/clip.mp4': foreign.origin.replace('localhost', 'clips.localhost') + SMALL_VIDEO },
  });
  jealous = await startSite({ folders, wantsReferrer: true });
});
afterAll(async () => {
  await foreign.close();
  await open.close();
  await whole.close();
  await leading.close();
  await jealous.close();
});

/** The page's own host is `localhost`: a site under this name is another one. */
const asOtherHost = ({ origin }: Site): string => origin.replace('localhost', '127.0.0.1');

const pages = (): Readonly<Record<string, string>> => ({
  '/foreign': plainPage(asOtherHost(foreign) + VIDEO),
  '/foreign-still': stillPage(asOtherHost(foreign) + VIDEO),
  '/foreign-unscaled': unscaledPage(asOtherHost(foreign) + SMALL_VIDEO),
  '/foreign-halved': unscaledPage(asOtherHost(foreign) + SMALL_VIDEO, 'width: 320px'),
  '/own-unscaled': unscaledPage(SMALL_VIDEO),
  '/open': plainPage(asOtherHost(open) + VIDEO),
  '/open-cors': corsPage(asOtherHost(open) + VIDEO),
  '/whole-cors': corsPage(asOtherHost(whole) + VIDEO),
  '/leading': plainPage(`${asOtherHost(leading)}/clip.mp4`),
  '/jealous': plainPage(asOtherHost(jealous) + SMALL_VIDEO),
  '/whole': plainPage(asOtherHost(whole) + VIDEO),
  '/served/page': servedPage(asOtherHost(open) + VIDEO, '/served/worker.js'),
  '/served/worker.js': exchangingWorker(asOtherHost(open) + VIDEO, '/videos/two-faces.mp4'),
  '/own-still': stillPage(VIDEO),
  '/open-hdr': plainPage(asOtherHost(open) + HDR_VIDEO),
  '/own-hdr-still': stillPage(HDR_VIDEO),
  '/foreign-frame': framePage(`${asOtherHost(foreign)}/player`),
});

type Finished = Extract<ScanState, { kind: 'finished' }>;

function finished({ state }: Scan): Finished {
  if (state.kind !== 'finished') throw new Error(`the scan ended as ${JSON.stringify(state)}`);
  return state;
}

function scoreOf({ report: { verdict } }: Finished): number {
  if (verdict.kind === 'refused') throw new Error(`refused: ${verdict.reason}`);
  return verdict.score;
}

/** Of which checks a verdict is remembered for when the same video is met again. */
function rememberedScans({ driver }: World): Promise<readonly string[]> {
  return driver.probe.evaluate<readonly string[]>(`(async () => {
    const name = 'verdict-memory';
    // Opening one that is not there would make an empty one.
    if (!(await indexedDB.databases()).some((database) => database.name === name)) return [];
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const database = await done(indexedDB.open(name));
    const keys = await done(database.transaction('verdicts').objectStore('verdicts').getAllKeys());
    database.close();
    return keys;
  })()`);
}

describe('without any permission for a host', () => {
  let world: World;
  let tab: WatchedTab;
  beforeAll(async () => {
    world = await startWorld({ pages: pages() });
  });
  afterAll(() => world.close());
  afterEach(() => tab.leave());

  const check = async (path: string, isReady?: string): Promise<Scan> => {
    tab = await watchTab(world.driver, await world.driver.openTab(world.site.origin + path, isReady));
    await menuOn(world.driver, tab, 'video');
    return await world.driver.waitForEnd(tab);
  };

  test('a video of the page’s own origin is read from its element, and history and details say so', async () => {
    const scan = await check('/plain');
    expect(finished(scan).report.used.source).toBe('element');
    expect(await world.driver.waitForHistoryEntry(scan.scanId)).toMatchObject({
      report: { used: { source: 'element' } },
    });
    const page = await world.driver.extension.context.newPage();
    await page.goto(`${world.driver.extension.origin}/report.html#${scan.scanId}`);
    await page.getByText('From the playing video in the page').waitFor();
    await page.close();
  });

  test('a file whose server allows it is read itself, at the frames that the original takes', async () => {
    const asked = open.requestedPaths.length;
    const scan = await check('/open');
    const state = finished(scan);
    expect(state).toMatchObject({
      report: { verdict: { framesScanned: 15, framesUsed: 15 }, used: { source: 'source' } },
    });
    const frames = state.report.frameScores.map(({ mediaTimeSeconds }) =>
      Math.round(mediaTimeSeconds * TEST_VIDEO_FRAMES_PER_SECOND),
    );
    expect(frames).toEqual(ORIGINAL_FRAMES);
    expect(open.requestedPaths.length).toBeGreaterThan(asked);
    await expect.poll(() => rememberedScans(world)).toContain(scan.scanId);
  });

  test('an element that the page itself may read is not waited for where its file can be read', async () => {
    expect(finished(await check('/open-cors'))).toMatchObject({
      report: { verdict: { framesUsed: 15 }, used: { source: 'source' } },
    });
  });

  test('a file that its server gives only as a whole is looked at where the page plays it by CORS', async () => {
    expect(finished(await check('/whole-cors'))).toMatchObject({
      report: { verdict: { framesAsked: 15, framesUsed: 15 }, used: { source: 'element' } },
    });
  });

  test('a file that its server gives only as a whole, and that the page may not read, is refused as such', async () => {
    const state = finished(await check('/whole'));
    expect(state.report.verdict).toMatchObject({ kind: 'refused', reason: 'unreadable', framesScanned: 0 });
    expect(state.waysOut).toMatchObject({ canUseScreen: true });
  });

  test('what a service worker puts in place of the file is judged, and not the file', async () => {
    const asked = open.requestedPaths.length;
    // The page's own `play` comes some time after the first frame.
    const scan = await check('/served/page', `document.querySelector('video')?.currentTime > 0`);
    const state = finished(scan);
    expect(state.report.used.source).toBe('element');
    expect(scan.video).toMatchObject({ fileUrl: asOtherHost(open) + VIDEO, isServed: true });
    expect(state.report.verdict.kind !== 'refused' && state.report.verdict.people).toHaveLength(2);
    expect(open.requestedPaths).toHaveLength(asked);
    // Whoever shows the real file must not be told what was found in this one.
    await world.driver.waitForHistoryEntry(scan.scanId);
    expect(await rememberedScans(world)).not.toContain(scan.scanId);
  });

  test.each(
    casesAt(
      [
        ['', '/open', '/own-still'],
        [', of high dynamic range as well', '/open-hdr', '/own-hdr-still'],
      ] as const,
      0,
    ),
  )('file and element give the same score for the same frame%s', async (_what, inFilePath, shownPath) => {
    const state = finished(await check(inFilePath));
    expect(state.report.used.source).toBe('source');
    await tab.leave();
    tab = await watchTab(world.driver, await world.driver.openTab(world.site.origin + shownPath));
    tab.pageDoes({ events: ['seeking'] });
    let formerScanId: string | undefined;
    for (const index of [0, 7, 14]) {
      const inFile = state.report.frameScores[index]!;
      await tab.page.evaluate(
        `(${SHOW_FRAME})(document.querySelector('video'), ${String(inFile.mediaTimeSeconds + 0.01)}, 0.02)`,
      );
      await menuOn(world.driver, tab, 'video');
      const scan = await world.driver.waitForScan(tab, 'ended', isFinal, formerScanId);
      formerScanId = scan.scanId;
      const shown = finished(scan);
      expect(shown).toMatchObject({ report: { verdict: { framesUsed: 1 }, used: { source: 'element' } } });
      console.log(`frame ${String(index)}: file ${String(inFile.score)}, element ${String(scoreOf(shown))}`);
      expect(Math.abs(scoreOf(shown) - inFile.score)).toBeLessThan(0.01);
    }
  });

  test('a foreign video is refused, and what can be done is said and offered', async () => {
    const scan = await check('/foreign');
    expect(finished(scan)).toMatchObject({
      waysOut: { hostToAllow: '127.0.0.1', canUseScreen: true },
      report: { verdict: { kind: 'refused', reason: 'unreadable' } },
    });
    expect(finished(scan).report.used.source).toBeNull();
    const badge = await openBadge(tab.page);
    await badge.click(/Picture can’t be read/);
    await badge.waitForText(/You can allow 127\.0\.0\.1, or let TrueFrame look at the screen instead/);
    await badge.waitForText(/^Allow 127\.0\.0\.1$/);
    await badge.waitForText(/^Use the screen$/);
  });

  test('a frame of another host is closed, and the popup offers to allow that host', async () => {
    const page = await world.driver.extension.context.newPage();
    await page.goto(`${world.site.origin}/foreign-frame`);
    await page.bringToFront();
    const tabId = await world.driver.inServiceWorker<number>(
      `chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([found]) => found.id)`,
    );
    tab = await watchTab(world.driver, { page, tabId });
    const popup = await world.driver.openPopup(tab);
    await expect
      .poll(() => popup.evaluate<string>('document.body.innerText'))
      .toMatch(/No video found here[^]*comes from 127\.0\.0\.1 and is closed[^]*Allow 127\.0\.0\.1/);
    await popup.close();
  });

  describe('the screen', () => {
    // The browser gives two pictures of it a second.
    beforeAll(() => askForFrames(world.driver, 6));

    test('a foreign video is read from the screen when the user asks for it, and scores as its element would', async () => {
      const first = await check('/foreign-unscaled');
      const badge = await openBadge(tab.page);
      await badge.click(/Picture can’t be read/);
      await badge.click(/^Use the screen$/);
      const scan = await world.driver.waitForScan(
        tab,
        'second',
        ({ kind }) => kind === 'finished' || kind === 'failed',
        first.scanId,
      );
      const state = finished(scan);
      expect(state).toMatchObject({
        report: { verdict: { framesScanned: 6, framesUsed: 6 }, used: { source: 'screen' } },
      });
      expect(state.report.used.screenScale).toBeCloseTo(1, 2);
      expect(state.report.verdict.kind !== 'refused' && state.report.verdict.doubts).not.toContain(
        'scaled-on-screen',
      );
      // Seen again as soon as it is over.
      await badge.waitForText(/DEMO/);

      // The same video where its element can be read: the screen's pixels give nearly the same. The two checks see other
      // frames of a face that moves, so the screen's score lies among the scores of the element's frames.
      const screenScore = scoreOf(state);
      await tab.leave();
      const byElement = finished(await check('/own-unscaled'));
      expect(byElement.report.used.source).toBe('element');
      console.log(`score by screen ${String(screenScore)}, by element ${String(scoreOf(byElement))}`);
      const scores = byElement.report.frameScores.map(({ score }) => score);
      expect(screenScore).toBeGreaterThan(Math.min(...scores) - 0.05);
      expect(screenScore).toBeLessThan(Math.max(...scores) + 0.05);
    });

    test('a video that the screen shows at half its size is judged with that doubt', async () => {
      const first = await check('/foreign-halved');
      const badge = await openBadge(tab.page);
      await badge.click(/Picture can’t be read/);
      await badge.click(/^Use the screen$/);
      const scan = await world.driver.waitForScan(
        tab,
        'second',
        ({ kind }) => kind === 'finished',
        first.scanId,
      );
      const state = finished(scan);
      expect(state.report.used.source).toBe('screen');
      expect(state.report.used.screenScale).toBeCloseTo(0.5, 2);
      if (state.report.verdict.kind === 'refused') throw new Error(state.report.verdict.reason);
      expect(state.report.verdict.doubts).toContain('scaled-on-screen');
    });
  });
});

describe('with the file’s host allowed', () => {
  let world: World;
  let tab: WatchedTab;
  beforeAll(async () => {
    world = await startWorld({ pages: pages(), allowedHosts: ['127.0.0.1', 'localhost'] });
  });
  afterAll(() => world.close());
  afterEach(() => tab.leave());

  const check = async (path: string): Promise<Scan> => {
    tab = await watchTab(world.driver, await world.driver.openTab(world.site.origin + path));
    await menuOn(world.driver, tab, 'video');
    return await world.driver.waitForEnd(tab);
  };

  test('a foreign video is read from its file, without a cookie and without the extension’s name', async () => {
    const { context, origin } = world.driver.extension;
    // The page's own request has none of them, since it comes from another site.
    const cookie = { name: 'visitor', value: '1', domain: '127.0.0.1', path: '/' };
    await context.addCookies([{ ...cookie, sameSite: 'Strict' }]);
    const before = foreign.requestHeaders.length;
    const state = finished(await check('/foreign'));
    expect(state).toMatchObject({
      report: { verdict: { framesScanned: 15, framesUsed: 15 }, used: { source: 'source' } },
    });
    const headers = foreign.requestHeaders.slice(before);
    // The page and the host, each several times.
    expect(headers.length).toBeGreaterThan(3);
    expect(headers.filter(({ cookie: sent }) => sent !== undefined)).toEqual([]);
    expect(JSON.stringify(headers)).not.toContain(new URL(origin).host);
  });

  test.each([
    ['leads to another host', '/leading', 'closed'],
    ['is given to its own site alone', '/jealous', 'unplayable'],
  ] as const)(
    'an allowed file that %s is not offered again, and the words say why',
    async (_what, path, fileProblem) => {
      const scan = await check(path);
      expect(scan.state).toMatchObject({
        report: { verdict: { kind: 'refused', reason: 'unreadable' } },
        waysOut: { hostToAllow: null, canUseScreen: true, isAllowedInVain: true, fileProblem },
      });
      const popup = await world.driver.openPopup(tab);
      await expect
        .poll(() => popup.evaluate<string>('document.body.innerText'))
        .toMatch(/its file can’t be read all the same[^]*Use the screen/);
      expect(await popup.evaluate<string>('document.body.innerText')).not.toMatch(/Allow 127/);
      await popup.close();
    },
  );

  test('a foreign video that nobody plays is read from its file, all of it', async () => {
    const state = finished(await check('/foreign-still'));
    expect(state).toMatchObject({
      report: { verdict: { framesAsked: 15, framesUsed: 15 }, used: { source: 'source' } },
    });
    expect(await tab.page.evaluate(`document.querySelector('video').currentTime`)).toBe(0);
  });
});
