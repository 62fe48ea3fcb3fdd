import { execFile } from 'node:child_process';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchExtension } from '../support/extension.ts';
import { menuOn } from '../support/gestures.ts';
import { installModel } from '../support/install-model.ts';
import { askForFrames, startWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;
/** Files that the details page has saved. */
let bundle: string;
let html: string;
/** Title and size of its letters on the printed page. */
let printed: string;
let framesLeft: number;

beforeAll(async () => {
  world = await startWorld({ isDemo: false });
  folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  await askForFrames(world.driver, 4);
  const tab = await world.driver.openTab(world.urlOf('/plain'));
  await menuOn(world.driver, tab, 'video');
  const { scanId, state } = await world.driver.waitForEnd(tab);
  if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') {
    throw new Error(`no verdict but ${JSON.stringify(state)}`);
  }
  await tab.page.close();
  const { context, origin } = world.driver.extension;
  const page = await context.newPage();
  // Replaces printing in every frame of the page, so that no printer takes part.
  await page.addInitScript(() => {
    window.print = () => {
      const title = document.querySelector('h1')!;
      window.top!.name = `${title.innerText}, ${getComputedStyle(title).fontSize}`;
      window.dispatchEvent(new Event('afterprint'));
    };
  });
  await page.goto(`${origin}/report.html#${scanId}`);
  await page.getByRole('button', { name: 'Print' }).click();
  await page.waitForFunction(() => window.name !== '');
  printed = await page.evaluate<string>('window.name');
  framesLeft = await page.locator('iframe').count();
  bundle = await save(page, /evidence bundle/i, 'evidence.zip');
  html = await save(page, /save report/i, 'report.html');
  await page.close();
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** Presses a button of the details page. @returns the path of the file that comes */
async function save(page: Page, button: RegExp, name: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const path = join(folder, name);
  await (await download).saveAs(path);
  return path;
}

async function openBundle(context: BrowserContext, origin: string, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/verify.html`);
  await page.getByLabel('Evidence bundle', { exact: true }).setInputFiles(path);
  return page;
}

test('a bundle is whole for the profile that made it, and its faces get the same scores again, to the last bit', async () => {
  const { context, origin } = world.driver.extension;
  const page = await openBundle(context, origin, bundle);
  await page.getByRole('heading', { name: 'Nothing in this bundle was changed' }).waitFor();
  await page.getByText('By this browser profile’s own key.').waitFor();
  await page.getByRole('button', { name: 'Make the scores again' }).click();
  await page.getByText('The same scores, to the last bit: 4 faces.').waitFor({ timeout: 60_000 });
  expect(await page.getByText('Another network').count()).toBe(0);
  await page.close();
});

test('a bundle is whole in a fresh profile, which knows its key for another’s, and names a flipped bit', async () => {
  const { modelFolder } = world;
  const fresh = await launchExtension();
  try {
    await installModel(fresh.context, modelFolder!);
    const page = await openBundle(fresh.context, fresh.origin, bundle);
    await page.getByRole('heading', { name: 'Nothing in this bundle was changed' }).waitFor();
    await page.getByText('By another browser profile.').waitFor();
    await page.getByRole('button', { name: 'Make the scores again' }).click();
    await page.getByText('The same scores, to the last bit: 4 faces.').waitFor({ timeout: 60_000 });

    const bytes = await readFile(bundle);
    bytes[bytes.indexOf('"scanId"') + 20]! ^= 1;
    const flipped = join(folder, 'flipped.zip');
    await writeFile(flipped, bytes);
    await page.getByLabel('Evidence bundle', { exact: true }).setInputFiles(flipped);
    await page.getByRole('heading', { name: 'This bundle is not as it was made' }).waitFor();
    expect(await page.locator('.problems li').allInnerTexts()).toEqual([
      'report.json: its bytes are damaged',
    ]);
  } finally {
    await fresh.close();
  }
});

test('npm run verify finds the same bundle whole, and the scores of the browser as far as devices agree', async () => {
  const command = resolve(import.meta.dirname, '../../entrypoints/cli/verify.ts');
  const stdout = await new Promise<string>((done, fail) => {
    execFile(process.execPath, [command, bundle, '--model', world.modelFolder!], (error, text) =>
      error === null ? done(text) : fail(new Error(text, { cause: error })),
    );
  });
  expect(stdout).toContain('nothing was changed');
  expect(stdout).toMatch(/^scores {5}the same/m);
  expect(stdout).not.toContain('ANOTHER MODEL');
});

test('the options show the key, and a new one makes an earlier bundle another profile’s', async () => {
  const { context, origin } = world.driver.extension;
  const page = await context.newPage();
  await page.goto(`${origin}/options.html`);
  const section = page.locator('section[aria-labelledby=signing]');
  const fingerprint = section.locator('.fingerprint').last();
  const former = await fingerprint.innerText();
  expect(former).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  await section.getByRole('button', { name: 'Make a new key' }).click();
  await section.getByRole('button', { name: 'Keep' }).click();
  expect(await fingerprint.innerText()).toBe(former);
  await section.getByRole('button', { name: 'Make a new key' }).click();
  await section.getByRole('button', { name: 'Make a new key' }).click();
  await expect.poll(() => fingerprint.innerText()).not.toBe(former);
  await page.close();

  const verifying = await openBundle(context, origin, bundle);
  await verifying.getByRole('heading', { name: 'Nothing in this bundle was changed' }).waitFor();
  await verifying.getByText('By another browser profile.').waitFor();
  expect(await verifying.locator('.fingerprint').innerText()).toBe(former);
  await verifying.close();
});

test('the saved report opens without scripts and without a request, and takes one page of A4', async () => {
  const page = await world.driver.extension.context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) problems.push(request.url());
  });
  await page.goto(pathToFileURL(html).href);
  expect(await page.locator('h1').innerText()).toMatch(/manipulat|Not sure/);
  const pictures = page.locator('.faces img');
  expect(await pictures.count()).toBe(4);
  // Decoded, and as large as the network's own input.
  expect(await pictures.first().evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(64);
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  expect(pdf.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1);
  expect(pdf).toMatch(/\/MediaBox \[0 0 59[45]\S* 84[12]\S*\]/);
  expect(problems).toEqual([]);
  await page.close();
});

test('the same page is printed, in its own style and not in that of the details page, and leaves nothing there', () => {
  expect(printed).toMatch(/^[A-Z].*, 22px$/);
  expect(framesLeft).toBe(0);
});
