import type { BrowserContext, Page } from 'playwright-core';
import { PUBLISHED_CHECKPOINTS } from '../../models/detectors/genconvit/published.ts';
import {
  downloadingState,
  ED_ITEM,
  failedState,
  partialDownload,
  selfTest,
} from '../fixtures/installs/installs.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ED_MODEL, installedModel, pageVideo } from '../fixtures/scans/scans.ts';
import type { Shot, TextOf } from './screenshots.ts';
import { installModel } from '../support/install-model.ts';
import {
  damageModel,
  seedLeftovers,
  seedPartialDownload,
  seedSelfTest,
  seedSource,
} from '../support/seed-store.ts';

/** Every state of an installation, on the welcome page, the options and the popup. */

const now = Date.now();
const MINUTE = 60_000;
const PARTIAL = partialDownload({ updatedAt: now - 12 * MINUTE });
const WAITING = (reason: 'offline' | 'busy' | 'broken') =>
  downloadingState({ wait: { reason, until: now + 60 * MINUTE } });

/** A stand-in of the published sizes that describes itself as the published file would. */
async function seedModel(
  context: BrowserContext,
  network: 'ed' | 'vae',
  source: 'download' | 'file' | 'other',
): Promise<string> {
  const modelId = await installModel(
    context,
    await makeDemoModel({ network, isDemo: false, seed: network === 'ed' ? 1 : 2 }),
  );
  const { fileName, byteLength, sha256, url, revision } = PUBLISHED_CHECKPOINTS.find(
    (checkpoint) => checkpoint.network === network,
  )!;
  await seedSource(context, modelId, {
    name: source === 'other' ? 'fine-tuned.pth' : fileName,
    byteLength,
    sha256: source === 'download' ? null : source === 'file' ? sha256 : 'c0ffee'.padEnd(64, '0'),
    ...(source === 'download' && { download: { url, revision, etag: null } }),
  });
  return modelId;
}

async function seedTested(context: BrowserContext): Promise<void> {
  const modelId = await seedModel(context, 'ed', 'download');
  await seedSelfTest(context, modelId, selfTest({ testedAt: now - 5 * MINUTE }));
}

const openChoices = async (page: Page, text: TextOf): Promise<void> =>
  page.getByText(await text('install.chooseForm')).click();

export const INSTALL_SHOTS: readonly Shot[] = [
  { name: 'welcome-first', page: 'welcome', stage: {} },
  { name: 'welcome-choices', page: 'welcome', stage: {}, act: openChoices },
  {
    name: 'welcome-choices-full',
    page: 'welcome',
    stage: {},
    act: async (page, text) => {
      await openChoices(page, text);
      const networks = page.getByRole('group', { name: await text('install.networks') });
      await networks.getByRole('radio').last().check();
    },
  },
  {
    name: 'welcome-preparing',
    page: 'welcome',
    stage: {},
    installation: { kind: 'preparing', title: 'GenConViT' },
  },
  { name: 'welcome-downloading', page: 'welcome', stage: {}, installation: downloadingState() },
  {
    name: 'welcome-downloading-second',
    page: 'welcome',
    stage: {},
    installation: downloadingState({
      title: 'GenConViT VAE',
      step: 2,
      steps: 2,
      progress: { doneByteLength: 310e6, totalByteLength: 1_378_600_000, bytesPerSecond: 5_100_000 },
    }),
  },
  { name: 'welcome-offline', page: 'welcome', stage: {}, installation: WAITING('offline') },
  { name: 'welcome-busy', page: 'welcome', stage: {}, installation: WAITING('busy') },
  { name: 'welcome-broken', page: 'welcome', stage: {}, installation: WAITING('broken') },
  {
    name: 'welcome-testing',
    page: 'welcome',
    stage: {},
    installation: { kind: 'testing', title: 'GenConViT ED' },
  },
  {
    name: 'welcome-continue',
    page: 'welcome',
    stage: {},
    seed: (context) => seedPartialDownload(context, PARTIAL),
  },
  {
    name: 'welcome-cancelled',
    page: 'welcome',
    stage: {},
    seed: (context) => seedPartialDownload(context, PARTIAL),
    installation: { kind: 'cancelled' },
    act: async (page, text) => page.getByText(await text('install.cancelledKept')).waitFor(),
  },
  {
    name: 'welcome-blocked',
    page: 'welcome',
    stage: {},
    installation: failedState('download-blocked'),
  },
  {
    name: 'welcome-full',
    page: 'welcome',
    stage: {},
    installation: failedState('storage-full', {
      message: 'There is not enough room for the model: 66 MB are needed, 12 MB are free',
    }),
  },
  {
    name: 'welcome-failed',
    page: 'welcome',
    stage: {},
    seed: (context) => seedPartialDownload(context, PARTIAL),
    installation: failedState('source-failed', {
      message: 'genconvit_ed_inference.pth at 45200000: the answer ended after 1048576 of 8388608 bytes',
    }),
    act: (page) => page.getByRole('alert').waitFor(),
  },
  { name: 'welcome-changed', page: 'welcome', stage: {}, installation: failedState('source-changed') },
  { name: 'welcome-ready', page: 'welcome', stage: {}, seed: seedTested },
  {
    name: 'welcome-damaged',
    page: 'welcome',
    stage: {},
    seed: async (context) => {
      const modelId = await seedModel(context, 'ed', 'download');
      await damageModel(context, modelId, 'shorten');
    },
  },
  { name: 'options-tested', page: 'options', stage: {}, seed: seedTested },
  {
    name: 'options-add',
    page: 'options',
    stage: {},
    seed: seedTested,
    act: async (page, text) => page.getByText(await text('action.addNetwork')).click(),
  },
  {
    name: 'options-both',
    page: 'options',
    stage: {},
    seed: async (context) => {
      await seedModel(context, 'vae', 'file');
      const modelId = await seedModel(context, 'ed', 'other');
      await seedSelfTest(
        context,
        modelId,
        selfTest({
          testedAt: now - MINUTE,
          device: 'wasm',
          webgpu: { kind: 'failed', reason: 'logits differ by 0.4' },
        }),
      );
    },
  },
  {
    name: 'options-damaged',
    page: 'options',
    stage: {},
    seed: async (context) => {
      await damageModel(context, await seedModel(context, 'ed', 'download'), 'shorten');
    },
  },
  {
    name: 'options-partial',
    page: 'options',
    stage: {},
    seed: async (context) => {
      await seedPartialDownload(context, PARTIAL);
      await seedLeftovers(context, 34_000_000);
    },
  },
  {
    name: 'options-downloading',
    page: 'options',
    stage: {},
    seed: seedTested,
    installation: downloadingState({ title: 'GenConViT VAE' }),
  },
  {
    name: 'popup-installing',
    page: 'popup',
    stage: { videos: [pageVideo()] },
    installation: downloadingState(),
  },
  {
    name: 'popup-waiting',
    page: 'popup',
    stage: { videos: [pageVideo()] },
    installation: WAITING('offline'),
  },
  { name: 'popup-continue', page: 'popup', stage: { videos: [pageVideo()], partials: [PARTIAL] } },
  {
    name: 'popup-failed',
    page: 'popup',
    stage: { videos: [pageVideo()] },
    installation: failedState('download-blocked', { items: [ED_ITEM] }),
  },
  {
    name: 'popup-damaged',
    page: 'popup',
    stage: {
      videos: [pageVideo()],
      models: [{ ...installedModel(ED_MODEL, now), state: 'invalid', problem: 'weights-0.bin is missing' }],
    },
  },
];
