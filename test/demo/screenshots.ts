/**
 * Takes the README's pictures anew, `npm run screenshots`: a card on a video, and the pages for details, history and files.
 * The built extension checks the project's own videos, with made-up weights: what it says of them means nothing.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { TELLING_OPINION } from '../fixtures/networks/demo-model.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import type { TestVideoName } from '../fixtures/videos/scenes.ts';
import { openBadge } from '../support/badge.ts';
import { buildExtension } from '../support/extension.ts';
import { menuOn } from '../support/gestures.ts';
import { startWorld } from '../support/world.ts';

const FOLDER = resolve(import.meta.dirname, 'pictures');
const SIZE = { width: 960, height: 640 } as const;
/** Of the extension's pages, which are drawn smaller, so that more of them is in the picture. */
const PAGE_SIZE = { width: 1200, height: 800 } as const;
/** Of WebP: letters stay sharp, and four pictures are below 400 kB. */
const QUALITY = 0.86;

const VIDEO_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Harbour news</title>
<style>body { margin: 0; background: #101214 } video { display: block; width: 960px; height: 540px; margin: 50px 0 }</style>
<video src="/videos/one-face.mp4" autoplay muted loop playsinline></video></html>`;

await buildExtension();
await mkdir(FOLDER, { recursive: true });
const world = await startWorld({ isDemo: false, opinion: TELLING_OPINION, pages: { '/news': VIDEO_PAGE } });
const { driver } = world;
const { context, origin } = driver.extension;
try {
  let page = await openPage('check.html');
  for (const name of ['blurred-face.mp4', 'no-face.mp4', 'another-face.mp4', 'two-faces.webm'] as const) {
    await check(page, name);
  }
  await take(page, 'check');
  const twoPeople = await page.getByRole('link', { name: 'Details' }).getAttribute('href');
  await page.close();

  page = await openPage(twoPeople!.slice(1));
  await page.locator('.crop canvas').first().waitFor();
  await take(page, 'details');
  await page.close();

  const tab = await driver.openTab(`${world.site.origin}/news`);
  await tab.page.setViewportSize(SIZE);
  await menuOn(driver, tab, 'video');
  await driver.waitForEnd(tab);
  const badge = await openBadge(tab.page);
  await badge.hover();
  await badge.click(/Show more/);
  await badge.waitForText(/^Judged frames$/);
  await tab.page.mouse.move(900, 620);
  // The boxes come with the next frames of the video.
  await tab.page.waitForTimeout(500);
  await take(tab.page, 'card');
  await tab.page.close();

  page = await openPage('history.html');
  await page.getByText(/^5 checks/).waitFor();
  await take(page, 'history');
  await page.close();
} finally {
  await world.close();
}

async function openPage(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize(PAGE_SIZE);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(`${origin}/${path}`);
  return page;
}

async function check(page: Page, name: TestVideoName): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles(resolve(TEST_VIDEO_FOLDER, name));
  await page.locator('#result').waitFor();
  await page.getByText(name).waitFor();
  await page.getByRole('button', { name: 'Check again' }).waitFor({ timeout: 60_000 });
}

async function take(page: Page, name: string): Promise<void> {
  const png = (await page.screenshot()).toString('base64');
  const webp = await driver.probe.evaluate(
    async ({ png: base64, quality, width, height }) => {
      const picture = await createImageBitmap(
        new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type: 'image/png' }),
      );
      const context2d = new OffscreenCanvas(width, height).getContext('2d')!;
      context2d.imageSmoothingQuality = 'high';
      context2d.drawImage(picture, 0, 0, width, height);
      const { canvas } = context2d;
      const bytes = await (await canvas.convertToBlob({ type: 'image/webp', quality })).arrayBuffer();
      return btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(''));
    },
    { png, quality: QUALITY, ...SIZE },
  );
  const bytes = Buffer.from(webp, 'base64');
  await writeFile(resolve(FOLDER, `${name}.webp`), bytes);
  console.log(`test/demo/pictures/${name}.webp: ${(bytes.length / 1000).toFixed(0)} kB`);
}
