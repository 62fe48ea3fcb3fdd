import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PUBLISHED_CHECKPOINTS } from '../../models/detectors/genconvit/published.ts';
import { startDriver, type Driver } from '../support/driver.ts';
import { installModel, removeModels } from '../support/install-model.ts';
import { damageModel, seedLeftovers, seedPartialDownload, seedSource } from '../support/seed-store.ts';
import { partialDownload } from '../fixtures/installs/installs.ts';
import { makeDemoModel, type DemoModelOptions } from '../fixtures/networks/demo-model.ts';
import { askedOf, standInForHost } from './stand-in-host.ts';

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
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
});

afterEach(async () => {
  await page.close();
  await removeModels(driver.extension.context);
  await driver.probe.evaluate(`chrome.storage.local.remove('settings')`);
  expect(problems).toEqual([]);
});

async function open(): Promise<void> {
  await page.goto(`${driver.extension.origin}/options.html`);
  await page.getByRole('heading', { name: 'Network', exact: true }).waitFor();
}

async function install(options: DemoModelOptions = {}): Promise<string> {
  return installModel(driver.extension.context, await makeDemoModel({ isDemo: false, ...options }));
}

const button = (name: string | RegExp) => page.getByRole('button', { name });

const modelIds = async (): Promise<readonly string[]> =>
  (await driver.ask('listModels', null)).map(({ modelId }) => modelId);

/** Names of all folders in the model store, whatever they hold. */
const folders = (): Promise<readonly string[]> =>
  driver.probe.evaluate<readonly string[]>(`(async () => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle('models', { create: true });
    return Array.fromAsync(store.keys());
  })()`);

describe('the options’ networks', () => {
  test('are deleted at once, come back with Undo, and are gone when it is dismissed', async () => {
    const modelId = await install();
    await open();
    await button('Delete GenConViT ED').click();
    await page.getByText('Deleted GenConViT ED').waitFor();
    expect(await modelIds()).toEqual([]);
    // A deletion that can be undone is not offered as a leftover.
    expect(await button('Free it').count()).toBe(0);
    // The button has gone with its card, so the focus is on the button that undoes it.
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Undo');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'GenConViT ED' }).waitFor();
    expect(await modelIds()).toEqual([modelId]);

    await button('Delete GenConViT ED').click();
    await button('Dismiss').click();
    await expect.poll(folders).toEqual([]);
    await page.getByText('Deleted GenConViT ED').waitFor({ state: 'detached' });
    expect(await button('Free it').count()).toBe(0);
  });

  test('can undo one deletion: a second one makes the first final', async () => {
    const ed = await install();
    await install({ network: 'vae' });
    await open();
    await button('Delete GenConViT VAE').click();
    await page.getByText('Deleted GenConViT VAE').waitFor();
    await button('Delete GenConViT ED').click();
    await page.getByText('Deleted GenConViT ED').waitFor();
    await button('Undo').click();
    await page.getByRole('heading', { name: 'GenConViT ED' }).waitFor();
    expect(await modelIds()).toEqual([ed]);
    expect(await folders()).toHaveLength(1);
  });

  test('are checked file by file, and called damaged where one is not what was written', async () => {
    const modelId = await install();
    await open();
    await button('Check the files of GenConViT ED').click();
    await page.getByText('all as they were written').waitFor();

    await damageModel(driver.extension.context, modelId, 'overwrite');
    await button('Check the files of GenConViT ED').click();
    await page.getByText('Damaged', { exact: true }).waitFor();
    await page.getByText('Its files are not those that were written, so it judges nothing.').waitFor();
    expect(await driver.ask('listModels', null)).toMatchObject([{ modelId, state: 'invalid' }]);
    // The file was never published, so it can't be fetched.
    expect(await button(/^Reinstall/).count()).toBe(0);
  });

  test('are fetched again from the publisher where they came from there, in the same form', async () => {
    await standInForHost(page);
    const modelId = await install();
    const { fileName, byteLength, url, revision } = PUBLISHED_CHECKPOINTS.find(
      (checkpoint) => checkpoint.network === 'ed',
    )!;
    await seedSource(driver.extension.context, modelId, {
      name: fileName,
      byteLength,
      sha256: null,
      download: { url, revision, etag: null },
    });
    await damageModel(driver.extension.context, modelId, 'shorten');
    await open();
    await page.getByText('Published checkpoint, downloaded from Hugging Face, revision 32d6e9e').waitFor();
    await button('Reinstall GenConViT ED').click();
    await expect
      .poll(() => askedOf(page))
      .toContainEqual({
        name: 'startInstallation',
        request: {
          kind: 'download',
          title: 'GenConViT',
          items: [{ detector: 'genconvit', network: 'ed', dtype: 'fp32', device: 'wasm' }],
        },
      });
  });

  test('are tested again in the host, with the time that a face takes', async () => {
    await install();
    await open();
    await button('Test GenConViT ED (weights from elsewhere) again').click();
    await page.getByText(/^\d+(\.\d+)? (ms|s) a face$/).waitFor();
    await page.getByText('Tested', { exact: true }).waitFor();
    const [model] = await driver.ask('listModels', null);
    expect(model?.selfTest?.wasm.kind).toBe('passed');
  });

  test('judge alone or together, as it is chosen', async () => {
    const ed = await install();
    await install({ network: 'vae' });
    await open();
    await page.getByLabel(/^Use ED and VAE together/).check();
    await expect.poll(() => driver.ask('getSettings', null)).toMatchObject({ modelId: 'detector:genconvit' });
    const card = page.getByRole('listitem').filter({ hasText: 'GenConViT ED' });
    await card.getByLabel('Use for checks').check();
    await expect.poll(() => driver.ask('getSettings', null)).toMatchObject({ modelId: ed });
  });

  test('are taken from a file that is dropped', async () => {
    await standInForHost(page);
    await open();
    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['weights'], 'fine-tuned.pth'));
      document.querySelector('.drop-target').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    })()`);
    await page.getByRole('progressbar').waitFor();
    expect((await askedOf(page)).at(-1)).toMatchObject({
      name: 'startInstallation',
      request: { kind: 'checkpoint-file', dtype: null },
    });
  });

  test('are taken from a folder that `npm run convert` has made', async () => {
    const folder = await makeDemoModel({ isDemo: false });
    await open();
    await page.getByLabel('Folder of a converted network').setInputFiles(folder);
    await page.getByText('GenConViT ED (weights from elsewhere) is installed').waitFor();
    await page.getByText('From a converted folder; its checkpoint was not seen here').waitFor();
    expect(await modelIds()).toHaveLength(1);
  });
});

describe('what earlier installations have left', () => {
  test('goes on where it stopped, or is given up after a question', async () => {
    await standInForHost(page);
    const partial = partialDownload();
    await seedPartialDownload(driver.extension.context, partial);
    await open();
    await page.getByText('45 MB of 121 MB are here and take 23 MB on the disk.').waitFor();
    await button('Discard').click();
    await button('Keep').click();
    expect(await driver.ask('listPartialDownloads', null)).toHaveLength(1);
    await button('Continue the download').first().click();
    const { detector, network, dtype, device } = partial;
    await expect
      .poll(() => askedOf(page))
      .toContainEqual({
        name: 'startInstallation',
        request: { kind: 'download', title: 'GenConViT', items: [{ detector, network, dtype, device }] },
      });

    await page.reload();
    await button('Discard').click();
    await page
      .getByRole('group', { name: 'Discard 45 MB?' })
      .getByRole('button', { name: 'Discard' })
      .click();
    await expect.poll(folders).toEqual([]);
    await page.getByText('GenConViT ED, fp16: not complete yet').waitFor({ state: 'detached' });
  });

  test('gives its room back', async () => {
    await seedLeftovers(driver.extension.context, 34_000_000);
    await open();
    await page.getByText('34 MB of an interrupted installation take up room.').waitFor();
    await button('Free it').click();
    await page.getByText('34 MB are free again.').waitFor();
    expect(await folders()).toEqual([]);
    expect(await button('Free it').count()).toBe(0);
  });
});
