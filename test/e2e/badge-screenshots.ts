import type { UsedModel } from '../../utils/domain/model.ts';
/**
 * Draws the badge and the card in every state over a light and a dark picture, with the built content script and a
 * host that judges nothing: `node test/e2e/badge-screenshots.ts` writes `.output/screenshots/badge/*.png`.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { ScanFailureCode, ScanState } from '../../utils/domain/scan.ts';
import type { RefusalReason, Verdict, VerdictKind } from '../../utils/domain/verdict.ts';
import { reportOf } from '../fixtures/scans/scans.ts';
import { launchChromium } from '../support/chromium.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { buildExtension } from '../support/extension.ts';
import { addFakeHost, checkVideo, injectContentScript } from '../support/fake-host.ts';
import type { TestHost } from '../support/fake-host.ts';
import { startSite } from '../support/site/server.ts';

const FOLDER = resolve(import.meta.dirname, '../../.output/screenshots/badge');

const MODEL: UsedModel = {
  modelId: 'ed-float16-wasm-000000000000',
  networks: ['ed'],
  dtype: 'float16',
  device: 'wasm',
  isDemo: false,
};

type Finished = Extract<ScanState, { readonly kind: 'finished' }>;
type Judged = Exclude<Verdict, { readonly kind: 'refused' }>;

const judged = (kind: VerdictKind, score: number, framesUsed = 15): Judged => ({
  kind,
  score,
  decidingPersonId: 1,
  doubts: framesUsed < 8 ? ['few-frames', 'mostly-small'] : [],
  framesUsed,
  framesScanned: 15,
  framesAsked: 15,
  pooledScore: score,
  people: [{ kind, personId: 1, score, framesUsed, doubts: [] }],
});

const finished = (verdict: Verdict, isDemo = false): Finished => ({
  kind: 'finished',
  report: reportOf(verdict, { model: { ...MODEL, isDemo } }),
});

const refused = (reason: RefusalReason): Finished =>
  finished({ kind: 'refused', reason, framesScanned: 15, framesAsked: 15 });

const failed = (code: ScanFailureCode): ScanState => ({ kind: 'failed', code, message: '' });

const STATES: Readonly<Record<string, ScanState>> = {
  waiting: { kind: 'waiting' },
  loading: { kind: 'loading-model' },
  running: { kind: 'running', framesScanned: 7, framesAsked: 15 },
  manipulated: finished(judged('likely-manipulated', 0.82)),
  'not-sure': finished(judged('not-sure', 0.51, 6)),
  'no-finding': finished(judged('no-manipulation-found', 0.08)),
  demo: finished(judged('likely-manipulated', 0.82), true),
  'no-face': refused('no-face'),
  foreign: { ...refused('unreadable'), waysOut: { hostToAllow: 'video.example.com', canUseScreen: true } },
  'screen-scaled': finished({ ...judged('not-sure', 0.51), doubts: ['scaled-on-screen'] }),
  'canvas-noise': refused('canvas-noise'),
  'too-small': refused('face-too-small'),
  unreadable: refused('unreadable'),
  protected: refused('protected'),
  'model-missing': refused('model-missing'),
  'host-lost': failed('host-lost'),
  'video-gone': failed('video-gone'),
};

/** Photographs of a face with a light and a dark ground, by filter. */
const GROUNDS = { light: 'brightness(1.7) contrast(0.6)', dark: 'brightness(0.35)' } as const;

await buildExtension();
await mkdir(FOLDER, { recursive: true });
const videos = await ensureTestVideos();
const name = 'one-face.mp4';
const site = await startSite({
  pages: {
    ...Object.fromEntries(Object.entries(GROUNDS).map(([ground, filter]) => [`/${ground}`, pageOf(filter)])),
    '/several': `<!doctype html><style>body { display: flex; flex-wrap: wrap; gap: 12px } video { width: 310px }</style>
      ${[name, 'two-faces.mp4', 'no-face.webm'].map((file) => `<video src="/videos/${file}" autoplay muted loop></video>`).join('')}`,
  },
  folders: { '/videos/': resolve(videos[name].path, '..') },
});
const { context, close } = await launchChromium();
await addFakeHost(context);

for (const ground of Object.keys(GROUNDS)) {
  for (const [state, value] of Object.entries(STATES)) {
    const page = await openPage(`/${ground}`);
    await checkVideo(page, { kind: 'largest' });
    await page.waitForFunction('testHost.received.some(({ type }) => type === "stored-frame")');
    await showState(page, value);
    await page.screenshot({ path: resolve(FOLDER, `${state}-${ground}-pill.png`) });
    await page.evaluate(() => {
      const { testHost } = window as unknown as { testHost: TestHost };
      testHost.overlay()?.querySelector<HTMLElement>('.open')?.click();
    });
    await page.waitForTimeout(250);
    await page.screenshot({ path: resolve(FOLDER, `${state}-${ground}-card.png`) });
    await page.close();
  }
}
const page = await openPage('/several');
await checkVideo(page, { kind: 'pointer', srcUrl: null });
await page.waitForTimeout(200);
await page.screenshot({ path: resolve(FOLDER, 'chooser.png') });

await close();
await site.close();
console.log(FOLDER);

function pageOf(filter: string): string {
  return `<!doctype html><style>body { margin: 0 } video { width: 640px; display: block; filter: ${filter} }</style>
    <video src="/videos/${name}" autoplay muted loop></video><p>Text of the page under its video.</p>`;
}

async function openPage(path: string): Promise<Page> {
  const opened = await context.newPage();
  await opened.setViewportSize({ width: 680, height: 420 });
  await opened.goto(site.origin + path);
  await opened.waitForFunction('document.querySelector("video").currentTime > 0.1');
  await injectContentScript(opened);
  return opened;
}

/** The state with six faces, where it is a verdict: the one in the page's own video. */
async function showState(opened: Page, state: ScanState): Promise<void> {
  await opened.evaluate((value) => {
    const { testHost } = window as unknown as { testHost: TestHost };
    testHost.isAnswering = false;
    const context = new OffscreenCanvas(96, 96).getContext('2d')!;
    context.drawImage(document.querySelector('video')!, 480, 120, 360, 360, 0, 0, 96, 96);
    const picture = context.getImageData(0, 0, 96, 96);
    const isJudged = value.kind === 'finished' && value.report.verdict.kind !== 'refused';
    const score =
      value.kind === 'finished' && value.report.verdict.kind !== 'refused' ? value.report.verdict.score : 0;
    const evidence = Array.from({ length: isJudged ? 6 : 0 }, (_, index) => ({
      personId: 1,
      frameIndex: index,
      mediaTimeSeconds: index,
      score: Math.max(0.01, Math.min(0.99, score + 0.12 - 0.05 * index)),
      picture,
    }));
    testHost.send({ type: 'state', state: value, evidence });
  }, state);
  await opened.waitForTimeout(300);
}
