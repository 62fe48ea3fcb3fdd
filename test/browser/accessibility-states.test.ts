import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { StoredCrops } from '../../utils/browser/history-db.ts';
import type { HistoryEntry, ScanState } from '../../utils/domain/scan.ts';
import type { Verdict } from '../../utils/domain/verdict.ts';
import { makeBundle, pictureOf } from '../fixtures/bundles/make-bundle.ts';
import {
  DEMO_MODEL,
  finishedState,
  historyEntry,
  refusalOf,
  reportOf,
  verdictOf,
} from '../fixtures/scans/scans.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { findViolations } from '../support/axe.ts';
import { startDriver, type Driver } from '../support/driver.ts';
import { addFakeHost, checkVideo, injectContentScript, injectFacesScript } from '../support/fake-host.ts';
import { startSite, type Site } from '../support/site/server.ts';

let driver: Driver;
let site: Site;
let page: Page;

beforeAll(async () => {
  await ensureTestVideos();
  driver = await startDriver();
  site = await startSite({
    pages: {
      '/': `<!doctype html><html lang="en"><title>A video</title><main>
        <h1>A video</h1><video src="/videos/one-face.webm" muted preload="auto" width="640" height="360"></video></main>`,
    },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
});
afterAll(async () => {
  await driver.close();
  await site.close();
});
afterEach(() => page.close());

const NOT_SURE: Verdict = {
  ...(verdictOf(0.52) as Exclude<Verdict, { readonly kind: 'refused' }>),
  reasons: [{ code: 'face-blurred' }, { code: 'face-small', pixels: 64 }],
  doubts: ['mostly-small'],
};
const FINISHED = {
  'likely manipulated, of two people': finishedState(verdictOf(0.82, 0.2)),
  'not sure, with reasons': finishedState(NOT_SURE),
  'no manipulation found': finishedState(verdictOf(0.08)),
  'of a stand-in': finishedState(verdictOf(0.82), DEMO_MODEL),
  refused: finishedState(refusalOf('no-face')),
} as const satisfies Readonly<Record<string, ScanState>>;

/** Grey faces of all of an entry's frames. */
async function keepEntry(entry: HistoryEntry, hasFaces: boolean): Promise<void> {
  await page.evaluate(
    async ({ entry: kept, hasFaces: keepsFaces }) => {
      const SIDE = 8;
      const faces = kept.report.frameScores.map((score) => ({
        ...score,
        logits: {},
        width: SIDE,
        height: SIDE,
      }));
      const raw = new Blob(faces.map(() => new Uint8Array(SIDE * SIDE * 4).fill(160)));
      const pixels = await new Response(raw.stream().pipeThrough(new CompressionStream('gzip'))).blob();
      const crops: StoredCrops[] = keepsFaces ? [{ scanId: kept.scanId, faces, pixels }] : [];
      const { runtime } = (
        globalThis as unknown as {
          chrome: { runtime: { sendMessage: (message: object) => Promise<unknown> } };
        }
      ).chrome;
      await runtime.sendMessage({ name: 'restoreHistoryEntries', request: { entries: [kept], crops } });
    },
    { entry, hasFaces },
  );
}

test.each([
  ...Object.entries(FINISHED).map(([name, { report }]) => [name, report, true] as const),
  ['whose faces are gone', reportOf(verdictOf(0.82)), false] as const,
])('axe finds nothing wrong with the details of a check %s', async (name, report, hasFaces) => {
  page = await driver.extension.context.newPage();
  await page.goto(`${driver.extension.origin}/report.html`);
  const scanId = name.replaceAll(/\W+/g, '-');
  await keepEntry(historyEntry({ scanId, report, facePicture: null }), hasFaces);
  await page.goto(`${driver.extension.origin}/report.html#${scanId}`);
  await page.reload();
  await page.getByRole('heading', { name: 'What was used' }).waitFor();
  if (hasFaces && report.frameScores.length > 0) await page.locator('.crop canvas').first().waitFor();
  if (report.frameScores.length > 0) {
    // axe does not see that a drawing lacks its style, and is black.
    const band = page.locator('.score-chart rect').first();
    expect(await band.evaluate((rect) => getComputedStyle(rect).fill)).not.toBe('rgb(0, 0, 0)');
  }
  for (const details of await page.locator('details').all()) await details.locator('summary').click();
  expect(await findViolations(page)).toEqual([]);
});

test('nor with the details of no check', async () => {
  page = await driver.extension.context.newPage();
  await page.goto(`${driver.extension.origin}/report.html#unknown`);
  await page.getByRole('heading').first().waitFor();
  expect(await findViolations(page)).toEqual([]);
});

test('nor with the page that verifies a bundle, before and after one that is whole, changed or no bundle', async () => {
  page = await driver.extension.context.newPage();
  await page.goto(`${driver.extension.origin}/verify.html`);
  await page.getByRole('heading').first().waitFor();
  expect(await findViolations(page)).toEqual([]);
  const bundle = await makeBundle({ pictures: [pictureOf(1, 224), pictureOf(2, 224)] });
  const changed = bundle.slice();
  changed[changed.indexOf(0x7b)]! ^= 1;
  for (const [bytes, shown] of [
    [bundle, '#repeat'],
    [changed, '.problems'],
    [bundle.slice(0, -30), '#result + p + p'],
  ] as const) {
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'evidence.zip', mimeType: 'application/zip', buffer: Buffer.from(bytes) });
    await page.locator(shown).waitFor();
    expect(await findViolations(page), shown).toEqual([]);
  }
});

const BADGES: Readonly<Record<string, ScanState>> = {
  waits: { kind: 'waiting' },
  'loads the network': { kind: 'loading-model' },
  runs: { kind: 'running', framesScanned: 7, framesAsked: 15 },
  ...FINISHED,
  'could not be read': {
    ...finishedState(refusalOf('unreadable')),
    waysOut: { hostToAllow: 'video.example.com', canUseScreen: true },
  },
  'has no network': finishedState(refusalOf('model-missing')),
  'has lost the host': { kind: 'failed', code: 'host-lost', message: '' },
  'was cancelled': { kind: 'cancelled' },
};

test('nor with the badge and the card of a check, in whichever state it is', async () => {
  page = await driver.extension.context.newPage();
  // axe looks into open roots only. The texts are generated content, which it does not read.
  await page.addInitScript(`{
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: 'open' }); };
    globalThis.spellOut = (root) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.dataset.text !== undefined) {
          element.append(element.dataset.text);
          delete element.dataset.text;
        }
        if (element.shadowRoot) spellOut(element.shadowRoot);
      }
    };
  }`);
  await addFakeHost(page);
  for (const [name, state] of Object.entries(BADGES)) {
    await page.goto(`${site.origin}/`);
    await page.waitForFunction(`document.querySelector('video').readyState >= 2`);
    await injectContentScript(page);
    await injectFacesScript(page);
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, { kind: 'largest' });
    await page.waitForFunction(`testHost.received.some(({ type }) => type === 'start')`);
    for (const isOpen of [false, true]) {
      await showState(page, state);
      await page.waitForFunction(`testHost.overlay()?.querySelector('.place.is-shown .open, .card') != null`);
      if (isOpen) {
        await page.evaluate(`testHost.overlay().querySelector('.open').click()`);
        await page.waitForFunction(`testHost.overlay().querySelector('.card') !== null`);
      }
      await page.evaluate('spellOut(document)');
      expect(await findViolations(page), `${name}, ${isOpen ? 'card' : 'badge'}`).toEqual([]);
    }
  }
});

async function showState(shown: Page, state: ScanState): Promise<void> {
  await shown.evaluate(`{
    const state = ${JSON.stringify(state)};
    const isJudged = state.kind === 'finished' && state.report.verdict.kind !== 'refused';
    const picture = new ImageData(96, 96);
    testHost.send({ type: 'state', state, evidence: Array.from({ length: isJudged ? 6 : 0 }, (_, index) =>
      ({ personId: 1, frameIndex: index, mediaTimeSeconds: index, score: 0.5, picture })) });
  }`);
}
