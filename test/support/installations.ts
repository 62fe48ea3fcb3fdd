import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { InstallationState, InstallItem } from '../../utils/domain/installation.ts';
import { isInstalling } from '../../utils/domain/installation.ts';
import { TINY_IN_PARTS } from '../fixtures/checkpoints/network-sizes.ts';
import { writeTwin } from '../fixtures/checkpoints/write-twin.ts';
import { createRandom } from './random.ts';
import { startDriver, type Driver } from './driver.ts';
import { TEST_EXTENSION_FOLDER } from './extension.ts';
import { startPublisher, type Publisher } from './publisher/publisher.ts';
import { setTestPublisher, testCheckpoint, testPathOf } from './publisher/test-publisher.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

export const ITEM: InstallItem = { detector: 'genconvit', network: 'vae', dtype: 'fp32', device: 'wasm' };
/** Slow enough that an installation takes seconds. */
export const BYTES_PER_SECOND = 600_000;
const TIMEOUT_MILLISECONDS = 60_000;

/** A browser for each test of the file, with a publisher of one small checkpoint that comes in many parts. */
export function useInstallations() {
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
        // The dates are left out, since they are not part of the model.
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

  /** Kills the browser as a power cut would: none of its processes can react. */
  async function killBrowser(): Promise<void> {
    const closed = new Promise<void>((done) => driver.extension.context.once('close', () => done()));
    await promisify(execFile)('pkill', ['-KILL', '-f', profile()]).catch(() => undefined);
    await closed;
  }

  return {
    get driver(): Driver {
      return driver;
    },
    get publisher(): Publisher {
      return publisher;
    },
    get checkpointByteLength(): number {
      return checkpointByteLength;
    },
    start,
    publishTwin,
    install,
    stateNow,
    waitForEnd,
    listModels,
    checksums,
    emptyStore,
    killBrowser,
  };
}

/** Each end comes at another moment of the download. */
const MIN_DELAY_MILLISECONDS = 200;
const MAX_DELAY_MILLISECONDS = 1500;

/** Ends installations in their middle and begins them again, and expects the same bytes in the end. */
export async function expectToSurvive(
  run: ReturnType<typeof useInstallations>,
  kills: readonly ('host' | 'browser')[],
): Promise<void> {
  await run.install();
  await run.waitForEnd();
  const expected = await run.checksums();
  expect(Object.keys(expected).length).toBeGreaterThan(5);
  await run.emptyStore();

  run.publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
  const random = createRandom(12);
  for (const kill of kills) {
    await run.install();
    await new Promise((elapsed) =>
      setTimeout(
        elapsed,
        MIN_DELAY_MILLISECONDS + random() * (MAX_DELAY_MILLISECONDS - MIN_DELAY_MILLISECONDS),
      ),
    );
    if (!isInstalling(await run.stateNow())) {
      expect(await run.checksums()).toEqual(expected);
      await run.emptyStore();
    }
    if (kill === 'host') {
      await run.driver.inServiceWorker('chrome.offscreen.closeDocument()');
    } else {
      await run.killBrowser();
      await run.start();
    }
    for (const { state } of await run.listModels()) expect(state).toBe('ready');
  }
  run.publisher.behave({ bytesPerSecond: null });
  await run.install();
  expect((await run.waitForEnd()).kind).toBe('installed');
  expect(await run.checksums()).toEqual(expected);
}
