import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PUBLISHER } from '../../models/detectors/genconvit/published.ts';
import type { InstallationState } from '../../utils/domain/installation.ts';
import { startDriver, type Driver } from '../support/driver.ts';
import { announceInstallation } from '../support/announce-installation.ts';
import { installModel, removeModels } from '../support/install-model.ts';
import { damageModel, seedPartialDownload, seedSelfTest } from '../support/seed-store.ts';
import { downloadingState, failedState, partialDownload, selfTest } from '../fixtures/installs/installs.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { askedOf, loseHost, standInForHost, type Asked } from './stand-in-host.ts';

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
  expect(problems).toEqual([]);
});

async function open(options: Parameters<typeof standInForHost>[1] = {}): Promise<void> {
  await standInForHost(page, options);
  await page.goto(`${driver.extension.origin}/welcome.html`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

const announce = (state: InstallationState): Promise<void> =>
  announceInstallation(driver.extension.context, state);

/** The requests to install something, so far. */
async function started(): Promise<readonly Asked[]> {
  return (await askedOf(page)).filter(({ name }) => name === 'startInstallation');
}

const button = (name: string) => page.getByRole('button', { name });

async function installStandIn(): Promise<string> {
  return installModel(driver.extension.context, await makeDemoModel({ isDemo: false }));
}

describe('the welcome page', () => {
  test('says what is fetched, from whom, under which licence, before anything is', async () => {
    await open();
    const text = await page.locator('main').innerText();
    expect(text).toContain('GenConViT ED, by Deressa Wodajo Deressa et al.');
    expect(text).toContain('121 MB, the part that is needed of the publisher’s 238 MB file');
    expect(text).toContain('CC BY-NC 4.0: name the authors; not for commercial use');
    expect(text).toContain('Nothing leaves this computer');
    expect(text).toContain('Can’t judge fully generated scenes, voices, or what was said.');
    expect(await page.locator('button.primary').count()).toBe(1);
    expect(await started()).toEqual([]);
  });

  test('starts nothing before the licence is accepted', async () => {
    await open();
    await button('Download and install').click();
    expect(await page.evaluate('document.activeElement.type')).toBe('checkbox');
    expect(await started()).toEqual([]);

    await page.getByLabel(/I accept the licence/).check();
    await button('Download and install').click();
    await page.getByRole('progressbar', { name: 'Preparing GenConViT' }).waitFor();
    // The administrator's policy is awaited first.
    await expect
      .poll(started)
      .toMatchObject([{ request: { kind: 'download', items: [{ network: 'ed', dtype: 'fp16' }] } }]);
  });

  test('can be used with the keyboard alone, from the licence to the end', async () => {
    await open();
    await page.getByLabel(/I accept the licence/).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await started()).length).toBe(1);
    await announce(downloadingState());
    await page.getByRole('progressbar', { name: 'Downloading GenConViT ED' }).waitFor();
    // The button has gone with its form, so the next focus is on the element in its place.
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Cancel');
    await page.keyboard.press('Enter');
    expect((await askedOf(page)).at(-1)).toMatchObject({ name: 'cancelInstallation' });

    await announce({ kind: 'cancelled' });
    await page.getByText('Cancelled. Nothing was kept.').waitFor();
    expect(await page.evaluate('document.activeElement.contains(document.querySelector("form"))')).toBe(true);
    expect(await page.evaluate('document.activeElement !== document.body')).toBe(true);
  });

  test('shows bytes, speed and time left, and says that it may be closed', async () => {
    await open();
    await announce(downloadingState());
    await page.getByText('45 MB of 121 MB · 3.2 MB a second · about 30 seconds left').waitFor();
    await page.getByText('You can close this page').waitFor();
    const bar = page.getByRole('progressbar', { name: 'Downloading GenConViT ED' });
    expect(await bar.getAttribute('value')).toBe('45200000');
    expect(await bar.getAttribute('max')).toBe('120840000');
  });

  test('is read out at each quarter, not at every byte', async () => {
    await open();
    await announce(downloadingState());
    await page.getByRole('progressbar').waitFor();
    await page.evaluate(`(() => {
      globalThis.said = [];
      const status = document.querySelector('.card [role=status]');
      new MutationObserver(() => said.push(status.innerText)).observe(status, { subtree: true, characterData: true, childList: true });
    })()`);
    for (let step = 1; step <= 20; step++) {
      const doneByteLength = Math.round((120_840_000 * step) / 20);
      await announce(
        downloadingState({
          progress: { doneByteLength, totalByteLength: 120_840_000, bytesPerSecond: 3_200_000 },
        }),
      );
    }
    await page.getByText('121 MB of 121 MB').waitFor();
    const said = await page.evaluate<string[]>('said');
    expect(said.length).toBeLessThanOrEqual(5);
    expect(said.at(-1)).toBe('Downloading GenConViT ED. All of it is done');
  });

  test('says why a download waits, and counts down by itself', async () => {
    await open();
    await announce(downloadingState({ wait: { reason: 'busy', until: Date.now() + 90_000 } }));
    const words = page.getByText(/asks to wait. The download goes on in \d+ seconds/);
    const first = await words.innerText();
    await expect.poll(() => words.innerText(), { timeout: 10_000 }).not.toBe(first);
    await announce(downloadingState({ wait: { reason: 'offline', until: 0 } }));
    await page.getByText('This computer is offline.').waitFor();
    await announce(downloadingState());
    await page.getByText('3.2 MB a second').waitFor();
    expect(await page.getByText('This computer is offline.').count()).toBe(0);
  });

  test('stops counting after the host has gone, and offers to continue', async () => {
    await open();
    await announce(downloadingState());
    await page.getByRole('progressbar').waitFor();
    await seedPartialDownload(driver.extension.context, partialDownload());
    // Silence alone is no end: the host is asked, and answers that it is still at work.
    await expect
      .poll(async () => (await askedOf(page)).filter(({ name }) => name === 'getInstallation').length, {
        timeout: 15_000,
      })
      .toBe(2);
    expect(await page.getByRole('progressbar').count()).toBe(1);

    await loseHost(page);
    await button('Continue the download').waitFor({ timeout: 15_000 });
  });

  test('goes on with a download that was begun, in the form that was begun', async () => {
    const partial = partialDownload({ dtype: 'fp32' });
    await seedPartialDownload(driver.extension.context, partial);
    await open();
    await page.getByText('45 MB of 121 MB are here already.').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await button('Continue the download').click();
    await expect
      .poll(started)
      .toMatchObject([
        { request: { kind: 'download', items: [{ network: 'ed', dtype: 'fp32', device: partial.device }] } },
      ]);
  });

  test('installs both networks where that is chosen, and lets both judge', async () => {
    await open();
    await page.getByText('Choose another form').click();
    await page.getByLabel(/^ED and VAE together/).check();
    await page.getByText('1.5 GB, the part that is needed of the publisher’s 3.0 GB files').waitFor();
    await page.getByLabel(/I accept the licence/).check();
    await button('Download and install').click();
    await expect
      .poll(started)
      .toMatchObject([{ request: { items: [{ network: 'ed' }, { network: 'vae' }] } }]);
    await expect.poll(() => driver.ask('getSettings', null)).toMatchObject({ modelId: 'detector:genconvit' });
    await driver.probe.evaluate(`chrome.storage.local.remove('settings')`);
  });

  test('asks for the publisher’s hosts only at the click that follows a refused answer', async () => {
    await open();
    await announce(failedState('download-blocked'));
    await page.getByText('Your browser needs your permission to read the file from huggingface.co').waitFor();
    expect((await askedOf(page)).map(({ name }) => name)).not.toContain('permissions.request');
    expect(await page.locator('button.primary').count()).toBe(1);
    await button('Allow and continue').click();
    await expect.poll(async () => (await started()).length).toBe(1);
    expect((await askedOf(page)).filter(({ name }) => name === 'permissions.request')).toEqual([
      { name: 'permissions.request', request: { origins: [...PUBLISHER.hostPermissions] } },
    ]);
  });

  test('starts nothing where the user does not allow it', async () => {
    await open({ allowsHosts: false });
    await announce(failedState('download-blocked'));
    await button('Allow and continue').click();
    await expect
      .poll(async () => (await askedOf(page)).map(({ name }) => name))
      .toContain('permissions.request');
    await page.waitForTimeout(200);
    expect(await started()).toEqual([]);
    await button('Allow and continue').waitFor();
  });

  test.each([
    ['storage-full', 'There is not enough room', 'Try again'],
    ['source-failed', 'The connection to the publisher keeps breaking off', 'Try again'],
    ['source-changed', 'The publisher’s file has changed', 'Try again'],
  ] as const)('says in plain words what %s is, and offers another attempt', async (code, title, again) => {
    await open();
    await announce(failedState(code, { message: 'what the code says' }));
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain(title);
    expect(await alert.innerText()).toContain('what the code says');
    expect(await button(again).count()).toBe(1);
  });

  test('teaches the use, with what the self-test said, once a network is there', async () => {
    await open();
    await announce(downloadingState());
    await page.getByRole('progressbar').waitFor();
    const modelId = await installStandIn();
    await announce({ kind: 'testing', title: 'GenConViT ED' });
    await page.getByRole('progressbar', { name: 'Testing GenConViT ED on this computer' }).waitFor();
    await page.waitForTimeout(300);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Set up TrueFrame');

    await seedSelfTest(driver.extension.context, modelId, selfTest());
    await announce({ kind: 'installed', modelIds: [modelId] });
    await page.getByRole('heading', { level: 1, name: 'TrueFrame is ready' }).waitFor();
    await page.getByText('Right-click a video and choose “Check this video”').waitFor();
    await page.getByText('It was tested here and works.').waitFor();
    expect(await page.locator('form').count()).toBe(0);
    expect(await page.getByRole('status').first().innerText()).toContain('TrueFrame is ready');
  });

  test('is ready with the first network while the second is on its way, and goes on with it later', async () => {
    await open();
    await announce(downloadingState({ steps: 2 }));
    await page.getByRole('progressbar', { name: 'Downloading GenConViT ED (1 of 2)' }).waitFor();
    await installStandIn();
    await announce(downloadingState({ title: 'GenConViT VAE', step: 2, steps: 2 }));
    await page.getByRole('heading', { level: 1, name: 'TrueFrame is ready' }).waitFor();
    await page.getByRole('progressbar', { name: 'Downloading GenConViT VAE (2 of 2)' }).waitFor();

    await seedPartialDownload(
      driver.extension.context,
      partialDownload({
        title: 'GenConViT VAE',
        network: 'vae',
        dtype: 'int8',
        totalByteLength: 1_378_600_000,
      }),
    );
    await announce({ kind: 'cancelled' });
    await page.getByText('Cancelled. What was fetched is kept.').waitFor();
    await button('Continue the download').waitFor();
  });

  test('is ready at once where a network is installed already', async () => {
    await installStandIn();
    await open();
    await page.getByRole('heading', { level: 1, name: 'TrueFrame is ready' }).waitFor();
    expect(await page.locator('button.primary').count()).toBe(0);
  });

  test('says that a network is damaged, and installs it again', async () => {
    await damageModel(driver.extension.context, await installStandIn(), 'shorten');
    await open();
    await page.getByText('The installed network is damaged').waitFor();
    await button('Download and install').waitFor();
  });

  test('is opened once: the tab that shows it already is brought forward', async () => {
    await open();
    await driver.probe.bringToFront();
    await driver.ask('openPage', { page: 'welcome', scanId: null });
    await expect.poll(() => page.evaluate('document.visibilityState')).toBe('visible');
    const shown = driver.extension.context.pages().filter((other) => other.url() === page.url());
    expect(shown).toHaveLength(1);
  });
});
