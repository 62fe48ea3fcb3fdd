import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PUBLISHED } from '../fixtures/checkpoints/network-sizes.ts';
import { writeTwin } from '../fixtures/checkpoints/write-twin.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { startDriver, type Driver } from '../support/driver.ts';
import { menuOn } from '../support/gestures.ts';
import { TEST_EXTENSION_FOLDER } from '../support/extension.ts';
import { plainPage } from '../support/site/pages.ts';
import { startPublisher, type Publisher } from '../support/publisher/publisher.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { setTestPublisher, testCheckpoint, testPathOf } from '../support/publisher/test-publisher.ts';
import { askForFrames } from '../support/world.ts';

/** torch's own twin of the published file has this many; see the twin's generator. */
const TWIN_BYTE_LENGTH = 238_167_605;
/** The directory, the pickle and the live tensors of the file are 50.7 % of it. */
const MAX_FETCHED_SHARE = 0.51;
const INSTALL_TIMEOUT_MILLISECONDS = 180_000;

let folder: string;
let publisher: Publisher;
let site: Site;
let driver: Driver;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueframe-first-run-'));
  const checkpoint = join(folder, 'ed.pth');
  writeTwin({ network: 'ed', sizes: PUBLISHED, path: checkpoint });
  expect((await stat(checkpoint)).size).toBe(TWIN_BYTE_LENGTH);
  publisher = await startPublisher({ files: { [testPathOf('ed')]: checkpoint } });
  site = await startSite({
    pages: { '/plain': plainPage('/videos/one-face.mp4') },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
  driver = await startDriver({ extensionDirectory: TEST_EXTENSION_FOLDER });
  await setTestPublisher(driver.probe, {
    checkpoints: [testCheckpoint(publisher, 'ed', TWIN_BYTE_LENGTH)],
  });
});
afterAll(async () => {
  await driver.close();
  await site.close();
  await publisher.close();
  await rm(folder, { recursive: true, force: true });
});

test('from the welcome page to a verdict: half of the file is fetched, and then no server is needed any more', async () => {
  const page = await driver.extension.context.newPage();
  await page.goto(`${driver.extension.origin}/welcome.html`);
  const button = page.getByRole('button', { name: 'Download and install' });
  await button.click();
  // Not without the licence.
  expect(publisher.log).toEqual([]);
  await page.getByRole('checkbox', { name: /I accept the licence CC BY-NC 4\.0/ }).check();
  await button.click();
  await page.getByText(/GenConViT ED is installed/).waitFor({ timeout: INSTALL_TIMEOUT_MILLISECONDS });
  expect(publisher.sentByteLength() / TWIN_BYTE_LENGTH).toBeLessThanOrEqual(MAX_FETCHED_SHARE);
  expect(publisher.log.filter(({ method }) => method === 'OPTIONS')).toEqual([]);
  await publisher.close();
  await page.close();

  const [model] = await driver.ask('listModels', null);
  expect(model).toMatchObject({
    provenance: 'published-download',
    dtype: 'fp16',
    isDemo: false,
    state: 'ready',
    selfTest: { device: 'wasm', wasm: { kind: 'passed' } },
  });
  // The published size takes more than a second for a frame.
  await askForFrames(driver, 4);
  const tab = await driver.openTab(`${site.origin}/plain`);
  await menuOn(driver, tab, 'video');
  const scan = await driver.waitForEnd(tab);
  expect(scan.state).toMatchObject({
    kind: 'finished',
    report: {
      verdict: { framesScanned: 4, framesUsed: 4 },
      used: { model: { modelId: model!.modelId, networks: ['ed'], isDemo: false } },
    },
  });
});
