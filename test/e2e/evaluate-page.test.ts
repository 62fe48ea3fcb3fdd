import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;

beforeAll(async () => {
  world = await startWorld({ isDemo: false });
  folder = await mkdtemp(join(tmpdir(), 'evaluate-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** A miniature of Celeb-DF v2 with a video that can't be read. */
async function layCeleb(name: string): Promise<string> {
  const clips = {
    'Celeb-real/id0_9999.mp4': 'one-face.mp4',
    'Celeb-synthesis/id0_id1_9999.mp4': 'another-face.mp4',
    'YouTube-real/00000.mp4': 'one-face.mp4',
  };
  for (const [path, clip] of Object.entries(clips)) {
    await mkdir(join(folder, name, path, '..'), { recursive: true });
    await copyFile(resolve(TEST_VIDEO_FOLDER, clip), join(folder, name, path));
  }
  await writeFile(join(folder, name, 'YouTube-real/broken.mp4'), 'no video');
  return join(folder, name);
}

async function openPage(): Promise<Page> {
  const page = await world.driver.extension.context.newPage();
  await page.goto(`${world.driver.extension.origin}/evaluate.html`);
  return page;
}

async function choose(page: Page, path: string): Promise<void> {
  await page.getByLabel('Folder of videos').setInputFiles(path);
}

async function saved(page: Page, button: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  return await readFile(await (await download).path(), 'utf8');
}

const judge = (page: Page): Promise<void> => page.getByRole('button', { name: /^Judge \d+ videos$/ }).click();

test('a folder is recognised, judged and saved; after a closed tab no video is judged twice', async () => {
  const path = await layCeleb('celeb');
  let page = await openPage();
  await choose(page, path);
  await page.getByText('There is no video in celeb.').waitFor();
  // The folder has none of the authors' test videos. The page says so, and all videos are chosen instead.
  await page.getByText(/On the list, and not in the folder: 518/).waitFor();
  await page.getByLabel('Videos', { exact: true }).selectOption('all');
  await page.getByText('celeb: 4 videos').waitFor();
  await expect.poll(() => page.getByLabel('Data set').inputValue()).toBe('celeb');
  await page.getByLabel('Frames of each video').selectOption('8');
  await page.getByLabel('Videos at the same time').fill('1');
  await judge(page);
  // One is judged; the tab is closed while the next one is.
  await page.locator('.videos tbody tr').nth(1).waitFor();
  await page.close();

  page = await openPage();
  const unfinished = page.getByText(
    /The evaluation of celeb was not finished: ([123]) of 4 videos are judged/,
  );
  await unfinished.waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Choose celeb again to continue').waitFor();
  await page.getByLabel('Folder of videos').first().setInputFiles(path);
  await page.getByRole('button', { name: 'Save the result file' }).waitFor({ timeout: 60_000 });
  await page.getByText('3 videos have a score. One failed.').waitFor();

  const results = JSON.parse(await saved(page, 'Save the result file')) as Record<string, unknown>;
  expect(results).toMatchObject({
    video: {
      name: ['id0_9999.mp4', 'id0_id1_9999.mp4', '00000.mp4'],
      klass: ['celeb-real', 'celeb-synthesis', 'youtube-real'],
      correct_label: ['REAL', 'FAKE', 'REAL'],
    },
    unjudged: [{ path: 'celeb/YouTube-real/broken.mp4', reason: 'unreadable' }],
  });
  const lines = parseReportLines(await saved(page, 'Save the reports'));
  expect(lines).toHaveLength(4);
  expect(lines[0]!.report.used.settings).toEqual({ framesAsked: 8, policy: 'evaluation' });
  expect(await saved(page, 'Save the table')).toContain('celeb/Celeb-real/id0_9999.mp4,celeb-real,REAL,');
  expect(world.proxy.attempts()).toEqual([]);

  // The same folder with the same settings again: nothing is left to judge.
  await page.reload();
  await choose(page, path);
  await page.getByLabel('Videos', { exact: true }).selectOption('all');
  await page.getByLabel('Frames of each video').selectOption('8');
  const startedAt = performance.now();
  await judge(page);
  await page.getByRole('button', { name: 'Save the reports' }).waitFor();
  expect(parseReportLines(await saved(page, 'Save the reports'))).toEqual(lines);
  // Loading the network alone takes longer.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  await page.close();
});

test('a paused run goes on, and a cancelled one keeps what is judged', async () => {
  const path = await layCeleb('paused');
  const page = await openPage();
  await choose(page, path);
  await page.getByLabel('Videos', { exact: true }).selectOption('all');
  await page.getByLabel('Frames of each video').selectOption('4');
  await page.getByLabel('Videos at the same time').fill('1');
  await judge(page);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => page.getByText('The videos that were begun are finished first.').count()).toBe(0);
  const rows = page.locator('.videos tbody tr');
  expect(await rows.count()).toBeLessThan(4);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled. Videos that are judged stay judged.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Save the result file' }).waitFor();
  await page.getByText('3 videos have a score. One failed.').waitFor({ timeout: 60_000 });
  await page.close();
});
