import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { launchChromium } from '../support/chromium.ts';
import type { RunningChromium } from '../support/chromium.ts';
import { addTestScript } from '../support/test-pages.ts';
import type { FrameComparison, FrameDescription } from './restore-page/restore.page.ts';

let site: Site;
let chromium: RunningChromium;

beforeAll(async () => {
  await ensureTestVideos();
  site = await startSite({ pages: { '/': '<!doctype html>' }, folders: { '/videos/': TEST_VIDEO_FOLDER } });
  chromium = await launchChromium();
}, 120_000);

afterAll(async () => {
  await chromium.close();
  await site.close();
});

async function openPage(): Promise<Page> {
  const page = await chromium.context.newPage();
  await page.goto(site.origin);
  await addTestScript(page, 'restorer');
  return page;
}

const HD = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;
const SD = { primaries: 'smpte170m', transfer: 'smpte170m', matrix: 'smpte170m', fullRange: false } as const;
const PLAIN: FrameDescription = { format: 'I420', codedWidth: 96, codedHeight: 64, colorSpace: HD };

test.each<[string, Partial<FrameDescription>]>([
  ['I420', {}],
  ['I422', { format: 'I422' }],
  ['I444', { format: 'I444' }],
  ['NV12', { format: 'NV12' }],
  ['in the colours of standard definition', { colorSpace: SD }],
  ['in the full range', { colorSpace: { ...HD, fullRange: true } }],
  ['with a border that is not shown', { visibleRect: { x: 8, y: 16, width: 64, height: 32 } }],
  ['turned by 90°', { rotation: 90 }],
  ['turned by 180°', { rotation: 180 }],
  ['turned by 270°', { rotation: 270 }],
  ['mirrored', { flip: true }],
  ['turned by 90° and mirrored', { rotation: 90, flip: true }],
  ['turned by 180° and mirrored', { rotation: 180, flip: true }],
  ['turned by 270° and mirrored', { rotation: 270, flip: true }],
])(
  'a frame %s is sent whole, and the host has the pixels that a canvas draws of it',
  async (_what, change) => {
    expect(await compare({ ...PLAIN, ...change })).toEqual({ isStored: true, differentPixels: 0 });
  },
);

test.each<[string, Partial<FrameDescription>]>([
  ['of an odd size', { visibleRect: { x: 0, y: 0, width: 63, height: 31 } }],
  ['whose colours are named in part', { colorSpace: { matrix: 'bt709', fullRange: false } }],
  ['whose colours are not named', { colorSpace: {} }],
  ['of high dynamic range', { colorSpace: { ...HD, primaries: 'bt2020', transfer: 'pq' } }],
  ['with transparency', { format: 'I420A' }],
  ['of RGB', { format: 'RGBX', colorSpace: { ...HD, matrix: 'rgb', fullRange: true } }],
])('a frame %s is cut in the page, and has the pixels that a canvas draws of it', async (_what, change) => {
  expect(await compare({ ...PLAIN, ...change })).toEqual({ isStored: false, differentPixels: 0 });
});

test('frames cut in the page and frames sent whole may follow each other, each closed before the next', async () => {
  const page = await openPage();
  expect(await page.evaluate('mixFrames()')).toEqual({
    asked: ['cut 0', 'frame-done 0', 'frame-done 1', 'frame-done 2', 'cut 3', 'frame-done 3'],
    given: ['0: 8×8', '1: 8×8', '2: 8×8', '3: 8×8', 'end'],
  });
  await page.close();
});

const NOISY = { kind: 'refused', reason: 'canvas-noise', isForeign: false };

test('a frame sent whole is refused where the host’s own canvases are noisy', async () => {
  const page = await openPage();
  expect(await page.evaluate('restoreUnderNoise()')).toEqual(NOISY);
  await page.close();
});

test.each([
  ['is read', false, 'frame'],
  ['is refused where the host’s own canvases are noisy', true, NOISY],
])('a file that the host reads itself %s', async (_what, isNoisy, first) => {
  const page = await openPage();
  expect(await page.evaluate(`readFile('/videos/one-face.webm', ${String(isNoisy)})`)).toEqual(first);
  await page.close();
});

async function compare(description: FrameDescription): Promise<FrameComparison> {
  const page = await openPage();
  const comparison = await page.evaluate<FrameComparison>(`compareFrame(${JSON.stringify(description)})`);
  await page.close();
  return comparison;
}
