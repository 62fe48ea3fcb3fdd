import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContext, Worker } from 'playwright-core';
import { launchChromium } from '../../browser/chromium.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
export const EXTENSION_FOLDER = resolve(REPOSITORY, '.output/chrome-mv3');

/** A Chromium with an empty profile and the built extension in it. */
export type RunningExtension = {
  readonly context: BrowserContext;
  readonly serviceWorker: Worker;
  /** `chrome-extension://ID` */
  readonly origin: string;
  readonly close: () => Promise<void>;
};

/** Builds the extension into {@link EXTENSION_FOLDER}, as `wxt build` does. */
export async function buildExtension(): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    [resolve(REPOSITORY, 'node_modules/wxt/bin/wxt.mjs'), 'build'],
    {
      cwd: REPOSITORY,
      // Vitest's own NODE_ENV would make a development build.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
}

/**
 * Starts Chromium with the built extension.
 *
 * @param proxyAddress sends all but loopback traffic there, so that a test can see and refuse it
 */
export async function launchExtension(
  options: {
    readonly proxyAddress?: string;
    readonly isHeaded?: boolean;
    readonly profileDirectory?: string;
  } = {},
): Promise<RunningExtension> {
  const { context, close } = await launchChromium({
    ...options,
    extensionDirectory: EXTENSION_FOLDER,
    // Lets a test press the extension's button in the toolbar, which Playwright cannot: see toolbar.ts.
    extraFlags: ['--enable-unsafe-extension-debugging'],
  });
  const serviceWorker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  return {
    context,
    serviceWorker,
    // Not URL.origin: outside the browser that is 'null' for this scheme.
    origin: `chrome-extension://${new URL(serviceWorker.url()).host}`,
    close,
  };
}
