import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HistoryEntry } from '../../utils/domain/scan.ts';
import { jsonWriter, parseHistoryFile } from '../../utils/domain/history-file.ts';
import {
  finishedState,
  historyEntry,
  refusalOf,
  reportOf,
  scanIn,
  verdictOf,
} from '../fixtures/scans/scans.ts';
import { findViolations } from '../support/axe.ts';
import { startDriver, type Driver } from '../support/driver.ts';

let driver: Driver;
let page: Page;
let problems: string[];

beforeAll(async () => {
  driver = await startDriver();
});
afterAll(() => driver.close());
beforeEach(async () => {
  problems = [];
  page = await driver.extension.context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  // As in a browser without the function: Playwright can't answer the browser's own dialogue.
  await page.addInitScript('delete globalThis.showSaveFilePicker');
});
afterEach(async () => {
  await page.close();
  await driver.ask('clearHistory', null);
  await driver.probe.evaluate('chrome.storage.local.clear()');
  expect(problems).toEqual([]);
});

const NOW = Date.now();
const DAY = 24 * 60 * 60 * 1000;
const ENTRIES: readonly HistoryEntry[] = [
  historyEntry({ scanId: 'harbour', title: 'Harbour', finishedAt: NOW - 1000 }),
  historyEntry({
    scanId: 'cafe',
    title: 'Café',
    pageUrl: 'https://other.example.org/1',
    finishedAt: NOW - 2 * DAY,
    report: reportOf(verdictOf(0.5)),
  }),
  historyEntry({
    scanId: 'old',
    title: 'Old survey',
    finishedAt: NOW - 40 * DAY,
    report: reportOf(refusalOf('no-face')),
  }),
];

async function open(entries: readonly HistoryEntry[] = ENTRIES): Promise<void> {
  await driver.ask('restoreHistoryEntries', { entries });
  await page.goto(`${driver.extension.origin}/history.html`);
  await page.getByRole('heading', { name: 'What is kept' }).waitFor();
}

const titles = (): Promise<string[]> => page.locator('.entry-text a').allInnerTexts();
const storedIds = async (): Promise<readonly string[]> =>
  (await driver.readHistory()).map(({ scanId }) => scanId).toSorted();
const withoutFaults = async (): Promise<void> => expect(await findViolations(page)).toEqual([]);

async function importFile(content: string | Buffer): Promise<void> {
  await page.getByLabel('File of a history').setInputFiles({
    name: 'trueframe-history.json',
    mimeType: 'application/json',
    buffer: Buffer.from(content),
  });
}

async function saved(press: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return readFile(await download.path(), 'utf8');
}

function file(entries: readonly HistoryEntry[]): string {
  const writer = jsonWriter(0);
  return writer.head + entries.map((entry, index) => writer.entry(entry, index === 0)).join('') + writer.tail;
}

test('an empty history teaches the first step', async () => {
  await open([]);
  await page.getByText('Right-click a video and choose “Check this video”').waitFor();
  await withoutFaults();
});

test('lists, counts, searches, filters and sorts every check', async () => {
  await open();
  expect(await titles()).toEqual(['Harbour', 'Café', 'Old survey']);
  await page.getByText('3 checks: 1 likely manipulated, 1 not sure').waitFor();
  await withoutFaults();

  await page.getByRole('searchbox').fill('cafe other');
  await expect.poll(titles).toEqual(['Café']);
  await page.getByRole('searchbox').fill('no such words');
  await page.getByText('No check like this.').waitFor();
  await withoutFaults();
  await page.getByRole('searchbox').fill('');

  await page.getByLabel('Verdict', { exact: true }).selectOption('No verdict');
  await expect.poll(titles).toEqual(['Old survey']);
  await page.getByLabel('Verdict', { exact: true }).selectOption('Every verdict');
  await page.getByLabel('Site', { exact: true }).selectOption('other.example.org');
  await expect.poll(titles).toEqual(['Café']);
  await page.getByLabel('Site', { exact: true }).selectOption('Every site');
  await page.getByLabel('Time', { exact: true }).selectOption('Last 30 days');
  await expect.poll(titles).toEqual(['Harbour', 'Café']);
  await page.getByLabel('Time', { exact: true }).selectOption('Any time');
  await page.getByLabel('Order', { exact: true }).selectOption('By title');
  await expect.poll(titles).toEqual(['Café', 'Harbour', 'Old survey']);
});

test('keeps the user’s own label and note, finds them, and takes them back', async () => {
  await open();
  await page.getByRole('button', { name: 'Note and more about “Harbour”' }).click();
  await page.getByLabel('I know it is real').check();
  await page.getByLabel('Your note').fill('original at the archive');
  await withoutFaults();
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.getByText('Saved your note on “Harbour”').waitFor();
  await withoutFaults();
  await page.getByRole('searchbox').fill('archive');
  await expect.poll(titles).toEqual(['Harbour']);
  expect((await driver.readHistory()).find(({ scanId }) => scanId === 'harbour')).toMatchObject({
    ownLabel: 'real',
    note: 'original at the archive',
  });
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(titles).toEqual([]);
});

test('says which check an older network made', async () => {
  const models = [
    {
      modelId: 'new',
      networks: ['ed'],
      state: 'ready',
      installedAt: NOW - DAY,
      isDemo: false,
      detectorId: 'genconvit',
      detector: { id: 'genconvit', name: 'GenConViT', networks: [{ id: 'ed', name: 'ED' }] },
      dtype: 'fp16',
    },
  ];
  await page.addInitScript(`{
    const send = chrome.runtime.sendMessage.bind(chrome.runtime);
    chrome.runtime.sendMessage = (message) => message.name === 'listModels'
      ? Promise.resolve({ ok: true, value: ${JSON.stringify(models)} }) : send(message);
  }`);
  await open();
  await page.getByRole('button', { name: 'Note and more about “Café”' }).click();
  await page.getByText('Checked with an older network').waitFor();
  expect(await page.getByRole('link', { name: 'Open the page to check again' }).getAttribute('href')).toBe(
    'https://other.example.org/1',
  );
  await page.getByRole('button', { name: 'Note and more about “Harbour”' }).click();
  await page.getByLabel('Your note').waitFor();
  expect(await page.getByText('Checked with an older network').count()).toBe(0);
});

describe('deletes, and takes back with Undo,', () => {
  test('the selected checks', async () => {
    await open();
    expect(await page.getByRole('button', { name: 'Delete selected' }).count()).toBe(0);
    await page.getByLabel('Select “Harbour”').check();
    await page.getByLabel('Select “Old survey”').check();
    await page.getByText('2 selected', { exact: true }).waitFor();
    await withoutFaults();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByText('Deleted 2 checks').waitFor();
    expect(await titles()).toEqual(['Café']);
    expect(await storedIds()).toEqual(['cafe']);
    // The pressed button has gone with the selection.
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Undo');
    await page.keyboard.press('Enter');
    await expect.poll(storedIds).toEqual(['cafe', 'harbour', 'old']);
    await expect.poll(titles).toEqual(['Harbour', 'Café', 'Old survey']);
  });

  test('checks that are older than the chosen time, and the choice itself', async () => {
    await open();
    await page.getByLabel('After 30 days').check();
    await page.getByText('Deleted 1 check', { exact: true }).waitFor();
    expect(await storedIds()).toEqual(['cafe', 'harbour']);
    expect(await driver.ask('getSettings', null)).toMatchObject({ historyDays: 30 });
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(storedIds).toEqual(['cafe', 'harbour', 'old']);
    expect(await driver.ask('getSettings', null)).toMatchObject({ historyDays: null });
    await expect.poll(() => page.getByLabel('Never').isChecked()).toBe(true);
  });

  test('everything', async () => {
    await open();
    await page.getByRole('button', { name: 'Clear history' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('Nothing checked yet').waitFor();
    expect(await storedIds()).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(storedIds).toEqual(['cafe', 'harbour', 'old']);
  });
});

test('the background forgets older checks by itself, when a check is kept', async () => {
  await driver.ask('restoreHistoryEntries', { entries: ENTRIES });
  await driver.probe.evaluate(`chrome.storage.local.set({ settings: { historyDays: 30 } })`);
  await expect.poll(storedIds).toEqual(['cafe', 'harbour']);
  await driver.probe.evaluate(`chrome.storage.session.remove('history-expired-at')`);
  await driver.ask('restoreHistoryEntries', { entries: ENTRIES });
  expect(await storedIds()).toEqual(['cafe', 'harbour', 'old']);
  const scan = scanIn(finishedState(verdictOf(0.82)), { scanId: 'fresh' });
  await driver.ask('scanChanged', { scan, facePicture: null });
  await expect.poll(storedIds).toEqual(['cafe', 'fresh', 'harbour']);
  await page.goto('about:blank');
});

describe('files', () => {
  test('hold the filtered checks, as CSV and JSON, and JSON is read back as it was', async () => {
    await open();
    const json = await saved(() => page.getByRole('button', { name: 'Save 3 checks as JSON' }).click());
    expect(await parseHistoryFile(json)).toEqual({ entries: ENTRIES });
    await page.getByText('Saved 3 checks.').waitFor();
    await page.getByRole('searchbox').fill('cafe');
    const csv = await saved(() => page.getByRole('button', { name: 'Save 1 check as CSV' }).click());
    expect(csv.split('\r\n')[1]).toContain('not-sure,,0.5,15,15,Café,https://other.example.org/1');
    await page.getByRole('searchbox').fill('');

    await driver.ask('clearHistory', null);
    await page.getByText('Nothing checked yet').waitFor();
    await importFile(json);
    await page.getByText('Added 3 checks').waitFor();
    await expect.poll(titles).toEqual(['Harbour', 'Café', 'Old survey']);
    await importFile(json);
    await page.getByText('Added 0 checks').waitFor();
    expect(await driver.readHistory()).toHaveLength(3);
  });

  test('are streamed to the place that the user chooses, if the browser can', async () => {
    await page.addInitScript(`globalThis.showSaveFilePicker = async ({ suggestedName }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`);
    await open();
    await page.getByRole('button', { name: 'Save 3 checks as JSON' }).click();
    await page.getByText('Saved 3 checks.').waitFor();
    const written = await page.evaluate<string>(`(async () => {
      const folder = await navigator.storage.getDirectory();
      for await (const [name, handle] of folder.entries()) {
        if (!name.startsWith('trueframe-history-')) continue;
        const text = await (await handle.getFile()).text();
        await folder.removeEntry(name);
        return text;
      }
    })()`);
    expect(await parseHistoryFile(written)).toEqual({ entries: ENTRIES });
  });

  test.each([
    ['another file', '{"roots":{}}', 'This file is JSON of something else'],
    ['a file that was cut short', file(ENTRIES).slice(0, 900), 'This file is not complete JSON'],
    [
      'one of a later version',
      file(ENTRIES).replace('"version":1', '"version":2'),
      'A newer TrueFrame saved this file',
    ],
    [
      'one of a version that never was',
      file(ENTRIES).replace('"version":1', '"version":0'),
      'no longer read',
    ],
    [
      'one with a wrong entry',
      file([ENTRIES[0]!, { ...ENTRIES[1]!, finishedAt: -1 }]),
      'Entry 2 of this file is not right',
    ],
  ])('that are not right are refused in words, and change nothing: %s', async (_name, content, words) => {
    await open([ENTRIES[2]!]);
    await importFile(content);
    const alert = page.getByRole('alert').filter({ hasText: words });
    await alert.waitFor();
    expect(await alert.innerText()).toContain('Nothing has changed.');
    expect(await storedIds()).toEqual(['old']);
    await withoutFaults();
  });

  test('with checks that would be forgotten at once are refused', async () => {
    await driver.probe.evaluate(`chrome.storage.local.set({ settings: { historyDays: 30 } })`);
    await open([ENTRIES[0]!]);
    await importFile(file(ENTRIES));
    await page.getByText('1 check in this file is older than what you keep').waitFor();
    expect(await storedIds()).toEqual(['harbour']);
  });
});

test('a page of the list holds fifty checks', async () => {
  const many = Array.from({ length: 130 }, (_, index) =>
    historyEntry({
      scanId: `clip-${String(index)}`,
      title: `Clip ${String(index)}`,
      finishedAt: NOW - index,
    }),
  );
  await open(many);
  await page.getByText('1 to 50 of 130').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('51 to 100 of 130').waitFor();
  expect((await titles())[0]).toBe('Clip 50');
  await page.getByRole('button', { name: 'Next' }).click();
  expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
  expect(await titles()).toHaveLength(30);
  await withoutFaults();
});

test('the storage is shown in numbers, with its limits', async () => {
  await open();
  await page.getByText(/^3 of at most 20,000; \d+ kB on the disk$/).waitFor();
  await page.getByText('of 0 checks; 0 bytes of at most 500 MB').waitFor();
});

describe('settings as a file', () => {
  const settingsIn = (content: string): Promise<void> =>
    page.getByLabel('File of settings').setInputFiles({
      name: 'trueframe-settings.json',
      mimeType: 'application/json',
      buffer: Buffer.from(content),
    });

  test('are imported after a preview of the changes, and taken back with Undo', async () => {
    await driver.probe.evaluate(
      `chrome.storage.local.set({ settings: { framesAsked: 30, keepCrops: true } })`,
    );
    await page.goto(`${driver.extension.origin}/options.html`);
    const content = await saved(() => page.getByRole('button', { name: 'Save settings' }).click());
    await driver.probe.evaluate(`chrome.storage.local.clear()`);
    await settingsIn(content);
    const card = page.locator('.card', { hasText: 'What this file would change:' });
    await card.waitFor();
    expect(await card.innerText()).toContain('15 → 30');
    expect(await driver.ask('getSettings', null)).toMatchObject({ framesAsked: 15, keepCrops: false });
    await withoutFaults();
    await card.getByRole('button', { name: 'Change settings' }).click();
    await page.getByText('Settings changed').waitFor();
    expect(await driver.ask('getSettings', null)).toMatchObject({ framesAsked: 30, keepCrops: true });
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect
      .poll(() => driver.ask('getSettings', null))
      .toMatchObject({ framesAsked: 15, keepCrops: false });
  });

  test('that are not right are refused in words, and change nothing', async () => {
    await page.goto(`${driver.extension.origin}/options.html`);
    const content = await saved(() => page.getByRole('button', { name: 'Save settings' }).click());
    await settingsIn(content.replace('"framesAsked": 15', '"framesAsked": 1000'));
    await page.getByText('The value of “framesAsked” in this file is not right').waitFor();
    await settingsIn('[]');
    await page.getByText('This file is JSON of something else').waitFor();
    await settingsIn(content);
    await page.getByText('This file holds the settings that are chosen already').waitFor();
    expect(await driver.ask('getSettings', null)).toMatchObject({ framesAsked: 15 });
  });
});

describe('what an administrator has set', () => {
  /** Chromium itself reads policies from a folder that only root can write: test/full/managed-policy.test.ts. */
  const manage = (policy: object): Promise<unknown> =>
    page.addInitScript(`chrome.storage.managed.get = () => Promise.resolve(${JSON.stringify(policy)})`);

  test('is shown beside disabled controls', async () => {
    await manage({ historyDays: 14, downloads: false, badgeSites: ['youtube.com'] });
    await open();
    await page.getByText('Set by your administrator.').waitFor();
    expect(await page.getByLabel('After 14 days').isChecked()).toBe(true);
    expect(await page.getByLabel('Never').isDisabled()).toBe(true);
    await withoutFaults();
    await page.goto(`${driver.extension.origin}/options.html`);
    await page.getByText('Your administrator has switched downloads off').waitFor();
    expect(await page.getByRole('button', { name: 'Download and install' }).count()).toBe(0);
    expect(await page.locator('.site-list .switch-row').allInnerTexts()).toEqual(['YouTube']);
    await withoutFaults();
  });

  test('is ignored as a whole if it can’t be read, and the page says so', async () => {
    await manage({ historyDays: 'two weeks', downloads: false });
    await page.goto(`${driver.extension.origin}/options.html`);
    await page.getByText('can’t be read at “historyDays”, so all of them are ignored').waitFor();
    await page.getByRole('button', { name: 'Download and install' }).first().waitFor();
  });
});
