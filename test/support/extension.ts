import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext, Worker } from 'playwright-core';
import { copyAllowing, EXTENSION_FOLDER, runWxtBuild } from '../../entrypoints/cli/built-extension.ts';
import { buildOnce, REPOSITORY } from './build-once.ts';
import { launchChromium } from './chromium.ts';

export { EXTENSION_FOLDER };

/** A Chromium with an empty profile and the built extension in it. */
export type RunningExtension = {
  readonly context: BrowserContext;
  /** Whether the extension has just been installed into the profile. */
  readonly isFirstStart: boolean;
  readonly serviceWorker: Worker;
  /** `chrome-extension://ID` */
  readonly origin: string;
  readonly close: () => Promise<void>;
};

/** The build that lets a server on this machine play the publisher; otherwise the same. */
export const TEST_EXTENSION_FOLDER = resolve(REPOSITORY, '.output/chrome-mv3-test');

/** Builds the extension into {@link EXTENSION_FOLDER}, as `wxt build` does, unless that is done. */
export async function buildExtension(): Promise<void> {
  await runBuild(EXTENSION_FOLDER);
}

/** Builds it into {@link TEST_EXTENSION_FOLDER}, unless that is done. */
export async function buildTestExtension(): Promise<void> {
  await runBuild(TEST_EXTENSION_FOLDER, '--mode', 'test');
}

async function runBuild(folder: string, ...args: readonly string[]): Promise<void> {
  await buildOnce({
    folder,
    marker: 'manifest.json',
    inputs: [
      'entrypoints',
      'components',
      'models',
      'utils',
      'public',
      'wxt.config.ts',
      'wxt.licences.ts',
      'package.json',
    ],
    build: async () => {
      await runWxtBuild(...args);
    },
  });
}

export type ExtensionOptions = {
  /** Sends all but loopback traffic there, so that a test can see and refuse it. */
  readonly proxyAddress?: string;
  readonly isHeaded?: boolean;
  readonly display?: string;
  /** Another build than {@link EXTENSION_FOLDER}. */
  readonly extensionDirectory?: string;
  /** Hosts for which the user has given the permission already. */
  readonly allowedHosts?: readonly string[];
  /** See `launchChromium`. */
  readonly profileDirectory?: string;
  readonly pixelsPerPoint?: number;
  readonly keepsPages?: boolean;
};

/** Starts Chromium with the built extension. */
export async function launchExtension(options: ExtensionOptions = {}): Promise<RunningExtension> {
  const { extensionDirectory = EXTENSION_FOLDER, allowedHosts = [], ...browserOptions } = options;
  const { profileDirectory } = browserOptions;
  const isFirstStart = profileDirectory === undefined || !existsSync(join(profileDirectory, 'Default'));
  const allowing = allowedHosts.length === 0 ? null : await mkdtemp(join(tmpdir(), 'extension-'));
  if (allowing !== null) await copyAllowing(extensionDirectory, allowing, allowedHosts);
  const { context, close } = await launchChromium({
    ...browserOptions,
    extensionDirectory: allowing ?? extensionDirectory,
    // Lets a test press the extension's button in the toolbar, which Playwright cannot: see openPopup in driver.ts.
    extraFlags: ['--enable-unsafe-extension-debugging'],
  });
  const serviceWorker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  return {
    context,
    isFirstStart,
    serviceWorker,
    // Not URL.origin: outside the browser that is 'null' for this scheme.
    origin: `chrome-extension://${new URL(serviceWorker.url()).host}`,
    close: async () => {
      await close();
      if (allowing !== null) await rm(allowing, { recursive: true, force: true });
    },
  };
}
