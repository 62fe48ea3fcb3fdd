import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isFinal } from '../../utils/domain/scan.ts';
import type { Scan, ScanState } from '../../utils/domain/scan.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { casesAt } from '../support/cases.ts';
import { menuOn } from '../support/gestures.ts';
import { stillUnscaledPage } from '../support/site/pages.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { watchTab, type WatchedTab } from '../support/watched-tab.ts';
import { startWorld, type World } from '../support/world.ts';

const VIDEO = '/videos/another-face.mp4';
const VIDEO_WIDTH_PIXELS = 640;
/** As much as fits into the window. */
const LARGER = 1.4;
/** Not at the page's corner: whoever counts in the wrong pixels looks beside it. */
const PLACE = 'margin: 70px 0 0 150px';

/** Another origin whose files no page may read. */
let foreign: Site;
let world: World;
let tab: WatchedTab;

beforeAll(async () => {
  foreign = await startSite({ folders: { '/videos/': TEST_VIDEO_FOLDER } });
});
afterAll(() => foreign.close());

type Finished = Extract<ScanState, { kind: 'finished' }>;

function finished({ state }: Scan): Finished {
  if (state.kind !== 'finished') throw new Error(`the scan ended as ${JSON.stringify(state)}`);
  return state;
}

function scoreOf({ report: { verdict } }: Finished): number {
  if (verdict.kind === 'refused') throw new Error(`refused: ${verdict.reason}`);
  return verdict.score;
}

/** Of the paused video's frame, read from its element. */
async function elementScore(): Promise<number> {
  tab = await watchTab(world.driver, await world.driver.openTab(`${world.site.origin}/own`));
  await menuOn(world.driver, tab, 'video');
  const state = finished(await world.driver.waitForEnd(tab));
  expect(state.report.used.source).toBe('element');
  await tab.leave();
  return scoreOf(state);
}

/** Checks the foreign page's video by what the screen shows, which the user asks for in the popup. */
async function checkByScreen(path: string, zoom: number, pixelsPerPoint: number): Promise<Finished> {
  const opened = await world.driver.openTab(world.site.origin + path);
  // Kept for the whole origin, so it is set for each tab.
  await world.driver.inServiceWorker(`chrome.tabs.setZoom(${String(opened.tabId)}, ${String(zoom)})`);
  await opened.page.waitForFunction(`Math.abs(devicePixelRatio - ${String(zoom * pixelsPerPoint)}) < 0.01`);
  tab = await watchTab(world.driver, opened);
  // It may be in a frame.
  await world.driver.pressShortcut(tab);
  const first = await world.driver.waitForEnd(tab);
  expect(finished(first).report.verdict).toMatchObject({ kind: 'refused', reason: 'unreadable' });
  const popup = await world.driver.openPopup(tab);
  await expect
    .poll(() =>
      popup.evaluate<boolean>(`(() => {
        const button = [...document.querySelectorAll('button')]
          .find(({ textContent }) => textContent === 'Use the screen');
        button?.click();
        return button !== undefined;
      })()`),
    )
    .toBe(true);
  const second = await world.driver.waitForScan(tab, 'second', isFinal, first.scanId);
  return finished(second);
}

describe.each(
  casesAt(
    [
      { pixelsPerPoint: 1, zooms: [1.5, 0.75] },
      // The second zoom alone: neither a point nor a pixel of the page is one of the screen.
      { pixelsPerPoint: 2, zooms: casesAt([1, 0.75], 1) },
    ],
    1,
  ),
)('on a screen of $pixelsPerPoint pixels a point', ({ pixelsPerPoint, zooms }) => {
  let byElement: number;

  beforeAll(async () => {
    const foreignVideo = foreign.origin.replace('localhost', '127.0.0.1') + VIDEO;
    const widths = zooms.map((zoom) => VIDEO_WIDTH_PIXELS / zoom / pixelsPerPoint);
    const shown = (width: number): string =>
      stillUnscaledPage(foreignVideo, `${PLACE}; width: ${String(width)}px`);
    world = await startWorld({
      pixelsPerPoint,
      pages: {
        '/own': stillUnscaledPage(VIDEO, PLACE),
        ...Object.fromEntries(widths.map((width, index) => [`/whole-${String(index)}`, shown(width)])),
        ...Object.fromEntries(
          widths.map((width, index) => [`/smaller-${String(index)}`, shown(0.75 * width)]),
        ),
        ...Object.fromEntries(
          widths.map((width, index) => [`/larger-${String(index)}`, shown(LARGER * width)]),
        ),
      },
    });
    byElement = await elementScore();
  });
  afterAll(() => world.close());
  afterEach(() => tab.leave());

  test.each(zooms.map((zoom, index) => ({ zoom, index })))(
    'at a zoom of $zoom a video that is drawn pixel for pixel scores as its element does',
    async ({ zoom, index }) => {
      const state = await checkByScreen(`/whole-${String(index)}`, zoom, pixelsPerPoint);
      expect(state.report.used.source).toBe('screen');
      expect(state.report.used.screenScale).toBeCloseTo(1, 2);
      expect(state.report.verdict.kind !== 'refused' && state.report.verdict.doubts).not.toContain(
        'scaled-on-screen',
      );
      console.log(`score by screen ${String(scoreOf(state))}, by element ${String(byElement)}`);
      expect(Math.abs(scoreOf(state) - byElement)).toBeLessThan(0.05);
    },
  );

  test.each(zooms.map((zoom, index) => ({ zoom, index })))(
    'at a zoom of $zoom a video that is drawn larger scores as its element does, in its own pixels',
    async ({ zoom, index }) => {
      const state = await checkByScreen(`/larger-${String(index)}`, zoom, pixelsPerPoint);
      expect(state.report.used.screenScale).toBeCloseTo(LARGER, 2);
      expect(state.report.verdict.kind !== 'refused' && state.report.verdict.doubts).not.toContain(
        'scaled-on-screen',
      );
      console.log(`score by screen ${String(scoreOf(state))}, by element ${String(byElement)}`);
      expect(Math.abs(scoreOf(state) - byElement)).toBeLessThan(0.05);
    },
  );

  test.each(zooms.map((zoom, index) => ({ zoom, index })))(
    'at a zoom of $zoom a video that is drawn smaller is judged with that doubt',
    async ({ zoom, index }) => {
      const state = await checkByScreen(`/smaller-${String(index)}`, zoom, pixelsPerPoint);
      expect(state.report.used.screenScale).toBeCloseTo(0.75, 2);
      expect(state.report.verdict.kind !== 'refused' && state.report.verdict.doubts).toContain(
        'scaled-on-screen',
      );
    },
  );
});

/** The page of a video without anything around it, in a frame. */
const inFrame = (style: string): string =>
  `<!doctype html><meta charset="utf-8"><title>A player in a frame</title>
  <iframe src="/bare" style="display: block; ${PLACE}; width: 640px; height: 360px; ${style}"></iframe>`;

/** @param cover laid over the middle of the video, where its face is, and over less than half of it */
const under = (video: string, cover: string): string =>
  stillUnscaledPage(video, PLACE).replace(
    '</html>',
    `<div style="position: absolute; left: 310px; top: 70px; width: 300px; height: 360px; ${cover}"></div></html>`,
  );

describe('a page that does more with its video than show it', () => {
  let byElement: number;

  beforeAll(async () => {
    const video = foreign.origin.replace('localhost', '127.0.0.1') + VIDEO;
    const shown = (style: string): string => stillUnscaledPage(video, `${PLACE}; ${style}`);
    world = await startWorld({
      pages: {
        '/own': stillUnscaledPage(VIDEO, PLACE),
        '/bare': stillUnscaledPage(video, ''),
        '/framed': inFrame('border: 10px solid; padding: 25px 0 0 35px'),
        '/scaled-frame': inFrame('border: 10px solid; transform: scale(0.75); transform-origin: 0 0'),
        '/aside': shown('width: 800px; height: 360px; object-position: 100% 0'),
        '/own-size': shown('width: 700px; height: 500px; object-fit: none; object-position: 0 100%'),
        '/faded-poster': under(video, 'opacity: 0').replace(
          '</div>',
          '<div style="background: black; height: 100%"></div></div>',
        ),
        '/untouchable': under(video, 'background: black; pointer-events: none'),
        '/inverted': shown('filter: invert(1)'),
        '/covered': under(video, 'left: 150px; width: 480px; background: black; pointer-events: none'),
      },
    });
    byElement = await elementScore();
  });
  afterAll(() => world.close());
  afterEach(() => tab.leave());

  test.each(
    casesAt(
      [
        ['in a frame with border and padding', '/framed'],
        ['at a place of its own between bars', '/aside'],
        ['in its own size in a larger box', '/own-size'],
        ['under a poster that has faded out with what holds it', '/faded-poster'],
      ] as const,
      ...[0, 2, 3],
    ),
  )('%s it scores as its element does', async (_how, path) => {
    const state = await checkByScreen(path, 1, 1);
    expect(state.report.used.screenScale).toBeCloseTo(1, 3);
    console.log(`score by screen ${String(scoreOf(state))}, by element ${String(byElement)}`);
    // Pixel for pixel, it is the same picture; a few pixels cut off are .04 of the score.
    expect(scoreOf(state)).toBeCloseTo(byElement, 3);
  });

  test('in a frame that is drawn smaller it is judged with that doubt', async () => {
    const state = await checkByScreen('/scaled-frame', 1, 1);
    expect(state.report.used.screenScale).toBeCloseTo(0.75, 2);
    expect(state.report.verdict.kind !== 'refused' && state.report.verdict.doubts).toContain(
      'scaled-on-screen',
    );
  });

  test('a face under something that lets pointers through is not looked at', async () => {
    const { verdict } = (await checkByScreen('/untouchable', 1, 1)).report;
    expect(verdict).toMatchObject({ kind: 'refused', reason: 'no-face' });
  });

  test('a picture that the page alters is judged with that doubt, and another one without', async () => {
    const altered = (await checkByScreen('/inverted', 1, 1)).report.verdict;
    expect(altered.kind !== 'refused' && altered.doubts).toContain('altered-by-page');
    await tab.leave();
    const plain = (await checkByScreen('/aside', 1, 1)).report.verdict;
    expect(plain.kind !== 'refused' && plain.doubts).not.toContain('altered-by-page');
  });

  test('covered for the most part it is not in sight, and not protected', async () => {
    expect(await checkByScreen('/covered', 1, 1)).toMatchObject({
      waysOut: { canUseScreen: true, screenProblem: 'not-in-sight' },
      report: { verdict: { kind: 'refused', reason: 'unreadable' } },
    });
  });
});
