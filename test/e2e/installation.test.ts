import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InstallationState, InstallItem } from '../../utils/domain/installation.ts';
import { isInstalling } from '../../utils/domain/installation.ts';
import { createRandom } from '../support/random.ts';
import { TINY_IN_PARTS } from '../fixtures/checkpoints/network-sizes.ts';
import { writeTwin } from '../fixtures/checkpoints/write-twin.ts';
import { startDriver, type Driver } from '../support/driver.ts';
import { TEST_EXTENSION_FOLDER } from '../support/extension.ts';
import { startPublisher, type Publisher } from '../support/publisher/publisher.ts';
import { setTestPublisher, testCheckpoint, testPathOf } from '../support/publisher/test-publisher.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

const ITEM: InstallItem = { detector: 'genconvit', network: 'vae', dtype: 'fp32', device: 'wasm' };
/** Slow enough that an installation takes seconds. */
const BYTES_PER_SECOND = 600_000;
const TIMEOUT_MILLISECONDS = 60_000;

let folder: string;
let checkpointByteLength: number;
let publisher: Publisher;
let driver: Driver;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueframe-installation-'));
  const path = join(folder, 'vae.pth');
  writeTwin({ network: 'vae', sizes: TINY_IN_PARTS, path });
  checkpointByteLength = (await stat(path)).size;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  publisher = await startPublisher({ files: { [testPathOf('vae')]: join(folder, 'vae.pth') } });
  await start();
  await publishTwin();
});
afterEach(async () => {
  await driver.close();
  await publisher.close();
  await rm(profile(), { recursive: true, force: true });
});

/** A profile that stays, so that a browser can be killed and started again. */
const profile = (): string => join(folder, 'profile');

async function start(allowedHosts: readonly string[] = []): Promise<void> {
  driver = await startDriver({
    extensionDirectory: TEST_EXTENSION_FOLDER,
    profileDirectory: profile(),
    allowedHosts,
  });
}

async function publishTwin(): Promise<void> {
  await setTestPublisher(driver.probe, {
    checkpoints: [testCheckpoint(publisher, 'vae', checkpointByteLength)],
    conversion: { imageSize: TINY_IN_PARTS.imageSize, shardByteLength: 2 ** 16 },
    readAhead: { chunkByteLength: 2 ** 15, smallByteLength: 2 ** 10, maxBufferedByteLength: 2 ** 16 },
    stallMilliseconds: 2000,
    delayScale: 0.05,
  });
}

async function install(items: readonly InstallItem[] = [ITEM]): Promise<InstallationState> {
  await driver.ask('openHost', null);
  return await driver.ask('startInstallation', { kind: 'download', title: 'GenConViT', items });
}

async function stateNow(): Promise<InstallationState> {
  return await driver.ask('getInstallation', null).catch((): InstallationState => ({ kind: 'idle' }));
}

async function waitForEnd(): Promise<InstallationState> {
  for (const deadline = Date.now() + TIMEOUT_MILLISECONDS; Date.now() < deadline;) {
    const state = await stateNow();
    if (!isInstalling(state)) return state;
    await new Promise((elapsed) => setTimeout(elapsed, 50));
  }
  throw new Error(`still ${JSON.stringify(await stateNow())}`);
}

const listModels = (): Promise<readonly InstalledModel[]> => driver.ask('listModels', null);

/** SHA-256 of every file of the one model, by name, as it lies on the disk. */
async function checksums(): Promise<Readonly<Record<string, string>>> {
  return await driver.probe.evaluate(`(async () => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle('models');
    const sums = {};
    for await (const folder of store.values()) for await (const handle of folder.values()) {
      // Dates apart, which are no part of the model.
      if (!handle.name.startsWith('model.')) continue;
      const bytes = await (await handle.getFile()).arrayBuffer();
      sums[handle.name] = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex();
    }
    return sums;
  })()`);
}

async function emptyStore(): Promise<void> {
  await driver.probe.evaluate(
    `navigator.storage.getDirectory().then((root) => root.removeEntry('models', { recursive: true }))`,
  );
}

/** As a power cut would: no process of the browser gets to say anything. */
async function killBrowser(): Promise<void> {
  const closed = new Promise<void>((done) => driver.extension.context.once('close', () => done()));
  await promisify(execFile)('pkill', ['-KILL', '-f', profile()]).catch(() => undefined);
  await closed;
}

describe('an installation', () => {
  test('goes on when the page that asked for it is closed, and is tested when it is there', async () => {
    publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    const page = await driver.extension.context.newPage();
    await page.goto(`${driver.extension.origin}/manifest.json`);
    await driver.ask('openHost', null);
    await page.evaluate(
      `chrome.runtime.sendMessage({ name: 'startInstallation', request: ${JSON.stringify({
        kind: 'download',
        items: [ITEM],
      })} })`,
    );
    await expect
      .poll(stateNow)
      .toMatchObject({ kind: 'downloading', title: 'GenConViT VAE', step: 1, steps: 1 });
    await page.close();

    const end = await waitForEnd();
    const [model] = await listModels();
    expect(end).toEqual({ kind: 'installed', modelIds: [model!.modelId] });
    expect(model).toMatchObject({
      provenance: 'published-download',
      state: 'ready',
      selfTest: {
        device: 'wasm',
        wasm: { kind: 'passed' },
        // The software adapter of this Chromium.
        webgpu: { kind: 'absent', reason: 'software' },
      },
    });
    expect(model!.selfTest!.wasm).toHaveProperty('millisecondsPerFace');
  });

  test('is one, however many pages ask for it at once', async () => {
    publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    const pages = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const page = await driver.extension.context.newPage();
        await page.goto(`${driver.extension.origin}/manifest.json`);
        return page;
      }),
    );
    const request = JSON.stringify({ kind: 'download', title: 'GenConViT', items: [ITEM] });
    const replies = await Promise.all(
      pages.map((page) =>
        page.evaluate<{ readonly ok: boolean }>(
          `chrome.runtime.sendMessage({ name: 'openHost', request: null }).then(() =>
            chrome.runtime.sendMessage({ name: 'startInstallation', request: ${request} }))`,
        ),
      ),
    );
    expect(replies.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect((await waitForEnd()).kind).toBe('installed');
    expect(await listModels()).toHaveLength(1);
    expect(publisher.sentByteLength()).toBeLessThan(1.1 * checkpointByteLength);
    const again = await install();
    expect(isInstalling(again)).toBe(true);
    expect((await waitForEnd()).kind).toBe('installed');
    // The same model takes its own place.
    expect(await listModels()).toHaveLength(1);
  });

  test('is cancelled, kept, and gone on with', async () => {
    publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    await install();
    await expect
      .poll(
        async () => {
          const state = await stateNow();
          return state.kind === 'downloading'
            ? state.progress.doneByteLength / state.progress.totalByteLength
            : 0;
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0.6);
    await driver.ask('cancelInstallation', null);
    expect(await waitForEnd()).toEqual({ kind: 'cancelled' });
    expect(await listModels()).toEqual([]);
    publisher.clearLog();
    await install();
    expect((await waitForEnd()).kind).toBe('installed');
    expect(publisher.sentByteLength()).toBeLessThan(0.75 * checkpointByteLength);
  });

  test('that the browser keeps the answers from says so, and works with the permission', async () => {
    publisher.behave({ cors: 'refused' });
    await install();
    expect(await waitForEnd()).toMatchObject({ kind: 'failed', code: 'download-blocked', items: [ITEM] });

    await driver.close();
    await start(['localhost', '127.0.0.1']);
    await publishTwin();
    await install();
    expect((await waitForEnd()).kind).toBe('installed');
  });

  test('on a full disk fails clearly, keeps what is there, and goes on when there is room', async () => {
    const session = await driver.extension.context.newCDPSession(driver.probe);
    const { origin } = driver.extension;
    publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    await install();
    await expect
      .poll(async () => (await driver.ask('listPartialDownloads', null))[0]?.doneByteLength ?? 0, {
        timeout: 20_000,
      })
      .toBeGreaterThan(0.3 * checkpointByteLength);
    const { usage } = (await session.send('Storage.getUsageAndQuota', { origin })) as {
      readonly usage: number;
    };
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 1000 });
    publisher.behave({ bytesPerSecond: null });
    expect(await waitForEnd()).toMatchObject({ kind: 'failed', code: 'storage-full' });
    const [partial] = await driver.ask('listPartialDownloads', null);
    publisher.clearLog();
    expect(await listModels()).toEqual([]);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    await install();
    expect((await waitForEnd()).kind).toBe('installed');
    expect(publisher.sentByteLength()).toBeLessThan(checkpointByteLength - partial!.doneByteLength / 2);
  });

  test('that is killed with its host or its browser, and begun again each time, ends with the same bytes', async () => {
    await install();
    await waitForEnd();
    const expected = await checksums();
    expect(Object.keys(expected).length).toBeGreaterThan(5);
    await emptyStore();

    publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    const random = createRandom(12);
    const kills = [
      'host',
      'browser',
      'host',
      'host',
      'browser',
      'host',
      'host',
      'browser',
      'host',
      'browser',
    ];
    for (const kill of kills) {
      await install();
      await new Promise((elapsed) => setTimeout(elapsed, 200 + random() * 1300));
      if (!isInstalling(await stateNow())) {
        expect(await checksums()).toEqual(expected);
        await emptyStore();
      }
      if (kill === 'host') {
        await driver.inServiceWorker('chrome.offscreen.closeDocument()');
      } else {
        await killBrowser();
        await start();
      }
      for (const { state } of await listModels()) expect(state).toBe('ready');
    }
    publisher.behave({ bytesPerSecond: null });
    await install();
    expect((await waitForEnd()).kind).toBe('installed');
    expect(await checksums()).toEqual(expected);
  });
});
