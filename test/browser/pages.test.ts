import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBlobSource } from '../../models/checkpoint/read/blob-source.ts';
import { checkBundle } from '../../models/evidence/check-bundle.ts';
import type { HistoryEntry, Scan, ScanState } from '../../utils/domain/scan.ts';
import { startDriver, type Driver, type VideoTab } from '../support/driver.ts';
import { runInWorld } from '../support/isolated-worlds.ts';
import { announceInstallation } from '../support/announce-installation.ts';
import { installModel, removeModels } from '../support/install-model.ts';
import { allowWhenAsked, grantedOrigins } from '../support/permissions.ts';
import { plainPage } from '../support/site/pages.ts';
import { damageModel, seedPartialDownload } from '../support/seed-store.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { TINY } from '../fixtures/checkpoints/network-sizes.ts';
import { writeTwin } from '../fixtures/checkpoints/write-twin.ts';
import { downloadingState, partialDownload } from '../fixtures/installs/installs.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import {
  finishedState,
  historyEntry,
  refusalOf,
  scanIn,
  verdictOf,
  reportOf,
} from '../fixtures/scans/scans.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { askedOf, standInForHost } from './stand-in-host.ts';

let driver: Driver;
let site: Site;
let folder: string;
let page: Page;
let problems: string[];

beforeAll(async () => {
  await ensureTestVideos();
  site = await startSite({
    pages: { '/plain': plainPage('/videos/one-face.mp4'), '/empty': '<!doctype html><title>Nothing</title>' },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
  driver = await startDriver();
  folder = await mkdtemp(join(tmpdir(), 'trueframe-pages-'));
});

afterAll(async () => {
  await driver.close();
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  problems = [];
  page = await driver.extension.context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
});

afterEach(async () => {
  await page.close();
  await driver.ask('clearHistory', null);
  expect(problems).toEqual([]);
});

const open = (path: string): Promise<unknown> => page.goto(`${driver.extension.origin}/${path}`);

/** Titles of the history's rows as they stand. */
const rowTitles = (): Promise<string[]> =>
  page.locator('.history-row .history-text > :first-child').allInnerTexts();

async function keep(entries: readonly HistoryEntry[]): Promise<void> {
  await driver.ask('restoreHistoryEntries', { entries });
}

function entriesNamed(...titles: readonly string[]): readonly HistoryEntry[] {
  const now = Date.now();
  return titles.map((title, index) =>
    historyEntry({ scanId: `entry-${String(index)}`, title, finishedAt: now - index * 1000 }),
  );
}

/** One verdict of an automatic check that said nothing aloud: in the memory, not in the history. */
async function rememberQuietly(scanId = 'quiet'): Promise<void> {
  const scan = scanIn(
    { kind: 'finished', report: reportOf(verdictOf(0.08), { source: 'source' }) },
    { scanId, isAutomatic: true },
  );
  const video = { ...scan.video, fileUrl: `https://cdn.example.com/${scanId}.mp4` };
  await driver.ask('scanChanged', { scan: { ...scan, video }, facePicture: null });
  expect(await rememberedVerdicts()).toContain(scanId);
}

/** Keys of all rows of the database `verdict-memory`. */
const rememberedVerdicts = (): Promise<readonly string[]> =>
  driver.probe.evaluate<readonly string[]>(`new Promise((done, fail) => {
    const opening = indexedDB.open('verdict-memory');
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('verdicts').objectStore('verdicts').getAllKeys();
      reading.onsuccess = () => {
        opening.result.close();
        done(reading.result);
      };
    };
  })`);

describe('the popup', () => {
  test('lists the page’s video and, without a network, leads to where one is installed and nowhere else', async () => {
    const tab = await driver.openTab(`${site.origin}/plain`);
    const popup = await driver.openPopup(tab);
    const text = await popup.evaluate<string>(`(async () => {
      while (!document.querySelector('.video-row')) await new Promise((done) => setTimeout(done, 50));
      while (!document.body.innerText.includes('No network installed')) await new Promise((done) => setTimeout(done, 50));
      return document.body.innerText;
    })()`);
    expect(text).toContain('A plain video');
    expect(text).toContain('none is installed yet');
    const buttons = await popup.evaluate<string[]>(
      `[...document.querySelectorAll('button')].map((button) => button.innerText)`,
    );
    expect(buttons).toEqual(['Set up TrueFrame', 'Options']);
    const size = await popup.evaluate<number[]>('[document.body.offsetWidth, document.body.offsetHeight]');
    expect(size[0]).toBe(380);
    expect(size[1]).toBeLessThanOrEqual(560);
    await popup.close();
    await tab.page.close();
  });

  test('shows a video that the page adds when the page tells of it: it asks nothing', async () => {
    const tab = await driver.openTab(`${site.origin}/empty`);
    const popup = await driver.openPopup(tab);
    const untilText = (text: string): Promise<unknown> =>
      popup.evaluate(`(async () => {
        while (!document.body.innerText.includes(${JSON.stringify(text)})) {
          await new Promise((done) => setTimeout(done, 50));
        }
      })()`);
    await untilText('No video');
    await popup.evaluate(`void (() => {
      globalThis.asked = [];
      for (const api of [chrome.runtime, chrome.tabs]) {
        const send = api.sendMessage.bind(api);
        api.sendMessage = (...message) => {
          asked.push(message);
          return send(...message);
        };
      }
    })()`);
    await tab.page.evaluate(`void (() => {
      const video = document.createElement('video');
      Object.assign(video, { src: '/videos/one-face.mp4', muted: true, title: 'Added later' });
      document.body.append(video);
    })()`);
    await untilText('Added later');
    expect(await popup.evaluate('asked')).toEqual([]);
    await popup.close();
    await tab.page.close();
  });

  test('shows in one line what is being installed, and what its end has left', async () => {
    await standInForHost(page);
    await open('popup.html');
    await page.getByRole('button', { name: 'Set up TrueFrame' }).waitFor();
    await announceInstallation(driver.extension.context, downloadingState());
    await page.getByRole('progressbar', { name: 'Downloading GenConViT ED' }).waitFor();
    await page.getByText('45 MB of 121 MB · about 30 seconds left').waitFor();
    expect(await page.getByRole('button', { name: 'Set up TrueFrame' }).count()).toBe(0);

    const partial = partialDownload();
    const { detector, network, dtype, device } = partial;
    await seedPartialDownload(driver.extension.context, partial);
    await announceInstallation(driver.extension.context, { kind: 'cancelled' });
    await page.getByText('The network is not complete yet: 45 MB of 121 MB are here.').waitFor();
    await page.getByRole('button', { name: 'Continue the download' }).click();
    await expect
      .poll(() => askedOf(page))
      .toContainEqual({
        name: 'startInstallation',
        request: { kind: 'download', title: 'GenConViT', items: [{ detector, network, dtype, device }] },
      });
    await removeModels(driver.extension.context);
  });

  test('says that the network is damaged, and lets nothing be checked with it', async () => {
    const modelId = await installModel(driver.extension.context, await makeDemoModel());
    await damageModel(driver.extension.context, modelId, 'shorten');
    await open('popup.html');
    await page.getByText('The installed network is damaged').waitFor();
    await page.getByText('Network damaged', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Set up TrueFrame' }).waitFor();
    await removeModels(driver.extension.context);
  });

  test('says that the browser’s own pages are closed to it', async () => {
    // In a tab of its own the popup's page is the extension's own, which is as closed as any.
    await open('popup.html');
    await page.getByText('The browser doesn’t let extensions read this page').waitFor();
  });

  test('teaches the first step while the history is empty', async () => {
    await open('popup.html');
    await page.getByText('Right-click a video and choose “Check this video”').waitFor();
  });

  test('deletes one check, and takes it back', async () => {
    await keep(entriesNamed('First', 'Second', 'Third'));
    await open('popup.html');
    await page.getByRole('button', { name: 'Delete “Second”' }).click();
    await page.getByText('Deleted “Second”').waitFor();
    expect(await rowTitles()).toEqual(['First', 'Third']);
    expect(await driver.readHistory()).toHaveLength(2);

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Second', { exact: true }).waitFor();
    expect(await rowTitles()).toEqual(['First', 'Second', 'Third']);
    expect(await driver.readHistory()).toHaveLength(3);
  });

  test('clears everything only after asking, and takes it back', async () => {
    await keep(entriesNamed('First', 'Second'));
    await open('popup.html');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    expect(await driver.readHistory()).toHaveLength(2);

    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Delete all 2 checks?').waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('Nothing checked yet').waitFor();
    expect(await driver.readHistory()).toEqual([]);

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Second', { exact: true }).waitFor();
    expect(await driver.readHistory()).toHaveLength(2);
  });

  test('says what was remembered of quiet checks, and forgets it though the history is empty', async () => {
    await rememberQuietly();
    await open('popup.html');
    await page.getByText('also remembers the verdict on 1 video it checked by itself').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Forget the verdict on 1 video?').waitFor();
    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByText('Nothing checked yet').waitFor();
    expect(await rememberedVerdicts()).toEqual([]);
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Undo');
  });

  test('is worked with the keyboard alone', async () => {
    await keep(entriesNamed('First', 'Second'));
    await open('popup.html');
    await page.getByRole('button', { name: 'Delete “First”' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Deleted “First”').waitFor();
    // The row has gone with its button: the focus is on what takes it back.
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Undo');
    await page.keyboard.press('Enter');
    await page.getByText('First', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Clear' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Keep');
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Clear');
  });

  test('offers a search as soon as there are more than eight, over titles and sites', async () => {
    const eight = entriesNamed('1', '2', '3', '4', '5', '6', '7', '8');
    await keep(eight);
    await open('popup.html');
    await page.getByText('8', { exact: true }).waitFor();
    expect(await page.getByRole('searchbox').count()).toBe(0);

    await keep([historyEntry({ scanId: 'ninth', title: 'Café', pageUrl: 'https://other.example.org/' })]);
    await page.getByRole('searchbox').fill('cafe other');
    await expect.poll(rowTitles).toEqual(['Café']);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('No check with these words').waitFor();
  });

  test('shows fifty checks, and older ones when asked', async () => {
    await keep(entriesNamed(...Array.from({ length: 60 }, (_, index) => `Clip ${String(index)}`)));
    await open('popup.html');
    await expect.poll(async () => (await rowTitles()).length).toBe(50);
    await page.getByRole('button', { name: 'Show older checks' }).click();
    await expect.poll(async () => (await rowTitles()).at(-1)).toBe('Clip 59');
    expect(await page.getByRole('button', { name: 'Show older checks' }).count()).toBe(0);
  });
});

describe('the background', () => {
  const running: ScanState = { kind: 'running', framesScanned: 3, framesAsked: 15 };
  const finished = finishedState(verdictOf(0.82));

  async function report(scan: Scan): Promise<void> {
    await driver.ask('scanChanged', { scan, facePicture: null });
  }

  test('keeps a finished check once, whatever comes after it', async () => {
    const scan = scanIn(finished, { scanId: 'once' });
    await report(scan);
    await report({ ...scan, state: running });
    await report(scan);
    const history = await driver.readHistory();
    expect(history.map(({ scanId, report }) => [scanId, report.verdict.kind])).toEqual([
      ['once', 'likely-manipulated'],
    ]);
  });

  test('keeps nothing from private windows', async () => {
    await report(scanIn(finished, { scanId: 'private', isPrivate: true }));
    await report(scanIn(finishedState(refusalOf('no-face')), { scanId: 'private-2', isPrivate: true }));
    expect(await driver.readHistory()).toEqual([]);
  });

  test('shows the tab’s verdict on the toolbar and forgets it with the page', async () => {
    const tab = await driver.openTab(`${site.origin}/plain`);
    // The content script shows that the document is still there.
    await driver.letIn(tab);
    await driver.ask('openFrames', { tabId: tab.tabId });
    const toolbar = (): Promise<string[]> =>
      driver.inServiceWorker(`Promise.all([chrome.action.getBadgeText({ tabId: ${String(tab.tabId)} }),
        chrome.action.getTitle({ tabId: ${String(tab.tabId)} })])`);
    await report(scanIn(running, { scanId: 'a', tabId: tab.tabId }));
    expect(await toolbar()).toEqual(['', 'TrueFrame: 3 of 15 frames']);
    await report(scanIn(finished, { scanId: 'a', tabId: tab.tabId }));
    expect(await toolbar()).toEqual(['82', 'TrueFrame: Likely manipulated, score 82 of 100']);

    // A single-page site changes its address and keeps the document.
    await tab.page.evaluate(`history.pushState(null, '', '/plain?next')`);
    await tab.page.waitForTimeout(300);
    expect(await driver.scansOf(tab)).toHaveLength(1);
    expect((await toolbar())[0]).toBe('82');

    await tab.page.goto(`${site.origin}/empty`);
    await expect.poll(() => driver.scansOf(tab)).toEqual([]);
    await expect.poll(toolbar).toEqual(['', 'TrueFrame']);

    await report(scanIn(finished, { scanId: 'b', tabId: tab.tabId }));
    await tab.page.close();
    await expect.poll(() => driver.scansOf(tab)).toEqual([]);
  });

  test('shows of what is left in a tab only what was asked for or is said aloud', async () => {
    const tab = await driver.openTab(`${site.origin}/plain`);
    await driver.letIn(tab);
    await driver.ask('openFrames', { tabId: tab.tabId });
    const { tabId } = tab;
    const title = (): Promise<string> =>
      driver.inServiceWorker(`chrome.action.getTitle({ tabId: ${String(tabId)} })`);
    const quiet = finishedState(verdictOf(0.08));
    await report(scanIn(quiet, { scanId: 'quiet', tabId, isAutomatic: true }));
    expect(await title()).toBe('TrueFrame');
    // In a frame that is gone by the time the browser tells of a change of address.
    await report(scanIn(finished, { scanId: 'by-hand', tabId, frameId: 4711 }));
    expect(await title()).toBe('TrueFrame: Likely manipulated, score 82 of 100');
    await tab.page.evaluate(`history.pushState(null, '', '/plain?next')`);
    await expect.poll(async () => (await driver.scansOf(tab)).map(({ scanId }) => scanId)).toEqual(['quiet']);
    await expect.poll(title).toBe('TrueFrame');
    await tab.page.close();
  });

  test('tells a page’s script of which of its scans there are details: those of its tab, with badges those in the history', async () => {
    const open = async (): Promise<VideoTab> => {
      const opened = await driver.openTab(`${site.origin}/plain`);
      await driver.letIn(opened);
      await driver.ask('openFrames', { tabId: opened.tabId });
      return opened;
    };
    const known = ({ page }: VideoTab): Promise<unknown> =>
      runInWorld(
        page,
        `Promise.all(['quiet', 'loud', 'never'].map((scanId) =>
          chrome.runtime.sendMessage({ name: 'hasDetails', request: { scanId } }).then(({ value }) => value)))`,
      );
    const tab = await open();
    const { tabId } = tab;
    const quiet = finishedState(verdictOf(0.08));
    await report(scanIn(quiet, { scanId: 'quiet', tabId, frameId: 0, isAutomatic: true }));
    await report(scanIn(finished, { scanId: 'loud', tabId, frameId: 0, isAutomatic: true }));
    expect(await known(tab)).toEqual([true, true, false]);
    await tab.page.close();
    await expect.poll(() => driver.scansOf(tab)).toEqual([]);
    const next = await open();
    expect(await known(next)).toEqual([false, false, false]);
    const badgeSites = [
      {
        siteId: 'localhost',
        name: 'localhost',
        pagePatterns: ['*://localhost/*'],
        originPatterns: ['*://localhost/*'],
      },
    ];
    await driver.probe.evaluate(`chrome.storage.local.set(${JSON.stringify({ 'badge-sites': badgeSites })})`);
    expect(await known(next)).toEqual([false, true, false]);
    await driver.probe.evaluate(`chrome.storage.local.remove('badge-sites')`);
    await next.page.close();
  });

  test('says on the toolbar why a check could not start', async () => {
    const tab = await driver.openTab(`${site.origin}/empty`);
    await driver.pressShortcut(tab);
    const title = (): Promise<string> =>
      driver.inServiceWorker(`chrome.action.getTitle({ tabId: ${String(tab.tabId)} })`);
    await expect.poll(title).toBe('TrueFrame: No video found on this page.');
    await tab.page.close();
  });

  test('makes its menu item once', async () => {
    const error = await driver.inServiceWorker<string>(`new Promise((done) =>
      chrome.contextMenus.create({ id: 'check-video', title: 'again', contexts: ['page'] }, () =>
        done(chrome.runtime.lastError?.message ?? 'created')))`);
    expect(error).toContain('duplicate id check-video');
  });
});

describe('the options', () => {
  test('list each host that the user has let us read from, take it back, and give it again with Undo', async () => {
    const origin = '*://files.example.org/*';
    await allowWhenAsked(driver, origin);
    await open('options.html');
    const section = page.locator('section[aria-labelledby=hosts]');
    await section.getByText('no host beyond the page').waitFor();
    await page.evaluate(`chrome.permissions.request({ origins: ['${origin}'] })`);
    await section.getByText('files.example.org', { exact: true }).waitFor();
    await section.getByRole('button', { name: 'Take back files.example.org' }).click();
    await section.getByText('files.example.org may no longer be read').waitFor();
    expect(await grantedOrigins(driver)).toEqual([]);
    await section.getByRole('button', { name: 'Undo' }).click();
    await section.getByRole('button', { name: 'Take back files.example.org' }).waitFor();
    expect(await grantedOrigins(driver)).toEqual([origin]);
    await section.getByRole('button', { name: 'Take back files.example.org' }).click();
    await expect.poll(() => grantedOrigins(driver)).toEqual([]);
  });

  test('keep what was chosen', async () => {
    await open('options.html');
    await page.getByLabel('Number of frames').fill('90');
    await page.getByLabel('Number of frames').blur();
    await page.getByLabel(/Keep a small picture/).check();
    await page
      .getByLabel(/At most 5 of 100 real videos called likely manipulated from a score of 75/)
      .check();
    await expect
      .poll(() => driver.ask('getSettings', null))
      .toMatchObject({ framesAsked: 60, keepFacePictures: true, falseAlarmsOf100: 5 });
    await page.reload();
    const about = page.locator('section[aria-labelledby=about]');
    await about.getByText('Between 30 and 75 of 100 TrueFrame says').waitFor();
    // Of 590 real videos of Celeb-DF v2, 29 score 75 or more.
    const celeb = about.getByRole('row', { name: /Celeb-DF v2/ });
    expect((await celeb.innerText()).split('\t')).toEqual([
      'Celeb-DF v2',
      '590 and 592',
      '90.9 of 100',
      '5 of 100 (3 to 7)',
    ]);
    await page.getByLabel(/^As published from a score of 70/).check();
    await expect.poll(() => driver.ask('getSettings', null)).toMatchObject({ falseAlarmsOf100: null });
    expect(await page.getByLabel('Number of frames').inputValue()).toBe('60');
    expect(await page.getByLabel(/Keep a small picture/).isChecked()).toBe(true);

    await page.getByLabel(/As many as possible/).check();
    await page.getByLabel(/Keep a small picture/).uncheck();
    await expect
      .poll(() => driver.ask('getSettings', null))
      .toMatchObject({ framesAsked: null, keepFacePictures: false });
  });

  test('say of badges’ checks that some read a file a second time', async () => {
    await open('options.html');
    const row = page.locator('label', { hasText: 'Not on metered networks' });
    expect(await row.innerText()).toContain(
      'Most checks load nothing; where a site closes its picture, the file is read a second time.',
    );
  });

  test('say in plain words what a wrong file is', async () => {
    await open('options.html');
    await page.getByLabel('Checkpoint file').setInputFiles({
      name: 'genconvit_ed_inference.pth',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
    });
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('This file is not a complete checkpoint');
    expect(await alert.innerText()).toContain('this is a Git LFS pointer');
  });

  test('install a checkpoint from disk, show what it is, and delete it', async () => {
    const path = join(folder, 'genconvit_ed_inference.pth');
    writeTwin({ path, network: 'ed', sizes: TINY });
    await open('options.html');
    await page.getByRole('group', { name: 'Keep the weights of a .pth file as' }).getByLabel(/fp32/).check();
    await page.getByLabel('Checkpoint file').setInputFiles(path);
    // Neither its name nor the network's makes it the published one.
    await page.getByText('GenConViT ED (weights from elsewhere) is installed').waitFor();
    expect(await page.getByRole('heading', { name: 'GenConViT ED' }).count()).toBe(1);
    const [model] = await driver.ask('listModels', null);
    expect(model).toMatchObject({
      networks: ['ed'],
      dtype: 'fp32',
      isDemo: false,
      sourceName: 'genconvit_ed_inference.pth',
    });
    expect(model?.sourceSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await page.getByText(model?.sourceSha256 ?? '').count()).toBe(1);

    await page.getByText('Not the published checkpoint').waitFor();

    await page.getByRole('button', { name: 'Delete GenConViT ED' }).click();
    await page.getByText('TrueFrame judges faces with GenConViT').waitFor();
    expect(await driver.ask('listModels', null)).toEqual([]);
    await removeModels(driver.extension.context);
  });

  test('clear the history and take it back', async () => {
    await keep(entriesNamed('First', 'Second'));
    await open('options.html');
    await page.getByText('2 checks.').waitFor();
    await page.getByRole('button', { name: 'Clear history' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No checks yet.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 checks.').waitFor();
  });
});

describe('what was remembered of quiet checks', () => {
  test('is said in the options as it comes, is cleared there, and comes back with Undo', async () => {
    await open('options.html');
    await page.getByText('No checks yet.').waitFor();
    expect(await page.getByRole('button', { name: 'Clear history' }).count()).toBe(0);
    await rememberQuietly('one');
    await rememberQuietly('two');
    await page.getByText('also remembers the verdicts on 2 videos it checked by itself.').waitFor();
    await page.getByRole('button', { name: 'Clear history' }).click();
    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByText('No checks yet.').waitFor();
    expect(await rememberedVerdicts()).toEqual([]);
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Undo');

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('on 2 videos').waitFor();
    expect(await rememberedVerdicts()).toEqual(['one', 'two']);
  });

  test('does not count what the history lists', async () => {
    await rememberQuietly();
    const scan = scanIn(
      { kind: 'finished', report: reportOf(verdictOf(0.08), { source: 'source' }) },
      { scanId: 'by-hand' },
    );
    const video = { ...scan.video, fileUrl: 'https://cdn.example.com/by-hand.mp4' };
    await driver.ask('scanChanged', { scan: { ...scan, video }, facePicture: null });
    expect(await rememberedVerdicts()).toEqual(['by-hand', 'quiet']);
    await open('options.html');
    await page.getByText('1 check. TrueFrame also remembers the verdict on 1 video').waitFor();
    await page.getByRole('button', { name: 'Clear history' }).click();
    await page.getByText('Delete this check and forget the verdict on 1 video?').waitFor();
  });
});

describe('the details', () => {
  test('of a check that only the history knows show its scores, and say that the faces are gone', async () => {
    await keep([historyEntry({ scanId: 'kept', title: 'Interview' })]);
    await open('report.html#kept');
    await page.getByRole('heading', { name: 'Likely manipulated' }).waitFor();
    await page.getByText('The faces are no longer there').waitFor();
    expect(await page.getByText('ed-fp16-webgpu-0f3a5b9c21d4').count()).toBe(1);
    const chart = page.getByRole('slider', { name: 'Scores over time' });
    await chart.press('End');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^At 0:26: score \d+ of 100$/);
    await page.getByText('Scores as a table').click();
    expect(await page.locator('details tbody tr').count()).toBe(15);
  });

  test('of a check without its faces say what a bundle lacks, and the bundle is whole all the same', async () => {
    await keep([historyEntry({ scanId: 'kept', title: 'Interview' })]);
    await open('report.html#kept');
    await page.getByText('A bundle made now has no faces').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Evidence bundle' }).click();
    const bytes = await readFile(await (await download).path());
    const checked = await checkBundle(createBlobSource(new Blob([bytes]), 'evidence.zip'));
    expect(checked).toMatchObject({ problems: [], exported: { title: 'Interview' }, crops: [] });
  });

  test('of a check that runs become those of its verdict when the storage tells of it: no timer runs', async () => {
    const tab = await driver.openTab(`${site.origin}/plain`);
    const scan = scanIn(
      { kind: 'running', framesScanned: 3, framesAsked: 15 },
      { scanId: 'followed', tabId: tab.tabId },
    );
    await driver.ask('scanChanged', { scan, facePicture: null });
    // Preact itself sets timers of up to 100 ms.
    await page.addInitScript(`
      globalThis.timers = [];
      for (const name of ['setInterval', 'setTimeout']) {
        const start = globalThis[name];
        globalThis[name] = (run, delay, ...rest) => {
          if (name === 'setInterval' || delay > 100) timers.push([name, delay]);
          return start(run, delay, ...rest);
        };
      }`);
    await open('report.html#followed');
    await page.getByRole('heading', { name: '3 of 15 frames' }).waitFor();
    const state = finishedState(verdictOf(0.82));
    await driver.ask('scanChanged', { scan: { ...scan, state }, facePicture: null });
    await page.getByRole('heading', { name: 'Likely manipulated' }).waitFor();
    expect(await page.evaluate('timers')).toEqual([]);
    await tab.page.close();
  });

  test('of a check that nobody knows say so', async () => {
    await open('report.html#never');
    await page.getByRole('heading', { name: 'This check is gone' }).waitFor();
  });
});
