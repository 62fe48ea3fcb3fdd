import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Scan } from '../../utils/domain/scan.ts';
import { openBadge } from '../support/badge.ts';
import type { VideoTab } from '../support/driver.ts';
import { centreOfVideo, menuOn } from '../support/gestures.ts';
import { recordStates } from '../support/state-recorder.ts';
import { playFaster, startWorld, type World } from '../support/world.ts';

const PICTURES = resolve(import.meta.dirname, '../../.output/e2e');

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startWorld();
  await mkdir(PICTURES, { recursive: true });
});
afterAll(() => world.close());
beforeEach(() => async () => {
  await tab.page.close();
});

describe('"Check this video"', () => {
  test('in the menu of a playing video gives progress, a verdict and a history entry', async () => {
    tab = await world.driver.openTab(world.urlOf('/plain'));
    const states = await recordStates(world.driver, tab);
    const badge = await openBadge(tab.page);
    await menuOn(world.driver, tab, 'video');

    await badge.waitForText(/\d+ of 15 frames/);
    const scan = await world.driver.waitForEnd(tab);
    expectDemoVerdict(scan);
    expect(scan.video).toMatchObject({
      pageUrl: world.urlOf('/plain'),
      title: 'A plain video',
      widthPixels: 1280,
      heightPixels: 720,
    });

    const counts = (await states()).flatMap((state) =>
      state.kind === 'running' ? [state.framesScanned] : [],
    );
    // Progress is throttled, so some counts are left out; they only grow.
    expect(counts.length).toBeGreaterThan(2);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));

    await badge.waitForText(/DEMO: means nothing/);
    const entry = await world.driver.waitForHistoryEntry(scan.scanId);
    expect(entry).toMatchObject({
      pageUrl: world.urlOf('/plain'),
      title: 'A plain video',
      facePicture: null,
      report: {
        verdict: scan.state.kind === 'finished' && scan.state.report.verdict,
        used: { model: { isDemo: true, networks: ['ed'] } },
      },
    });
  });

  describe('however it is asked for,', () => {
    beforeAll(() => playFaster(world));

    test('finds the video under an overlay', async () => {
      tab = await world.driver.openTab(world.urlOf('/overlay'));
      await menuOn(world.driver, tab, 'page');
      expectDemoVerdict(await world.driver.waitForEnd(tab));
    });

    test('finds the video in an open shadow root', async () => {
      tab = await world.driver.openTab(world.urlOf('/shadow-root'));
      await menuOn(world.driver, tab, 'page');
      expectDemoVerdict(await world.driver.waitForEnd(tab));
    });

    test('takes the one of two videos that the pointer is on', async () => {
      tab = await world.driver.openTab(world.urlOf('/several'));
      await menuOn(world.driver, tab, 'video', 1);
      const { video } = await world.driver.waitForEnd(tab);
      expect(video.fileUrl).toBe(`${world.site.origin}/videos/two-faces.mp4`);
    });

    test('lets a click choose where nothing says which of two videos is meant', async () => {
      tab = await world.driver.openTab(world.urlOf('/several'));
      // On the heading, above both.
      await world.driver.checkByMenu(tab, { at: { x: 5, y: 5 }, srcUrl: null });
      await new Promise((elapsed) => setTimeout(elapsed, 500));
      expect(await world.driver.scansOf(tab)).toEqual([]);
      const { x, y } = await centreOfVideo(tab.page, 0);
      await tab.page.mouse.click(x, y);
      const { video } = await world.driver.waitForEnd(tab);
      expect(video.fileUrl).toBe(`${world.site.origin}/videos/one-face.mp4`);
    });

    test('by the keyboard command checks the largest visible video', async () => {
      tab = await world.driver.openTab(world.urlOf('/plain'));
      await world.driver.pressShortcut(tab);
      expectDemoVerdict(await world.driver.waitForEnd(tab));
    });

    test('in the popup starts the check, and the popup shows the verdict and the history', async () => {
      tab = await world.driver.openTab(world.urlOf('/plain'));
      const popup = await world.driver.openPopup(tab);
      await popup.evaluate(`(async () => {
      const findButton = () => [...document.querySelectorAll('.video-row button')].find(({ textContent }) => /^Check/.test(textContent));
      for (let attempt = 0; attempt < 300 && !findButton(); attempt++) await new Promise((done) => setTimeout(done, 50));
      findButton().click();
    })()`);
      expectDemoVerdict(await world.driver.waitForEnd(tab));
      const readPopup = (): Promise<string> => popup.evaluate<string>('document.body.innerText');
      // Once for the tab's video, once in the history.
      await expect
        .poll(readPopup)
        .toMatch(/A plain video\s+DEMO: means nothing[^]*History[^]*A plain video\s+DEMO/);
      const { data } = (await popup.send('Page.captureScreenshot')) as { data: string };
      await writeFile(resolve(PICTURES, 'popup.png'), Buffer.from(data, 'base64'));
      await popup.close();
    });
  });
});

function expectDemoVerdict(scan: Scan): void {
  expect(scan.state).toMatchObject({
    kind: 'finished',
    report: {
      verdict: { framesAsked: 15, framesScanned: 15, framesUsed: 15, people: [{ personId: 1 }] },
      used: { model: { isDemo: true } },
    },
  });
}
