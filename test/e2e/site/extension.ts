import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
 * @param allowedHosts as if the user had allowed them, where the extension asks
 * @param proxyAddress sends all but loopback traffic there, so that a test can see and refuse it
 */
export async function launchExtension(
  options: {
    readonly proxyAddress?: string;
    readonly isHeaded?: boolean;
    readonly allowedHosts?: readonly string[];
  } = {},
): Promise<RunningExtension> {
  const { allowedHosts = [], ...browserOptions } = options;
  const allowing = allowedHosts.length === 0 ? null : await copyAllowing(allowedHosts);
  const { context, close } = await launchChromium({
    ...browserOptions,
    extensionDirectory: allowing ?? EXTENSION_FOLDER,
    // Lets a test press the extension's button in the toolbar, which Playwright cannot: see toolbar.ts.
    extraFlags: ['--enable-unsafe-extension-debugging'],
  });
  const serviceWorker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  return {
    context,
    serviceWorker,
    // Not URL.origin: outside the browser that is 'null' for this scheme.
    origin: `chrome-extension://${new URL(serviceWorker.url()).host}`,
    close: async () => {
      await close();
      if (allowing !== null) await rm(allowing, { recursive: true, force: true });
    },
  };
}

/** The browser's question can't be answered by a program: this copy has been given the permissions at install. */
async function copyAllowing(hosts: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'extension-'));
  await cp(EXTENSION_FOLDER, folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  const host_permissions = hosts.map((host) => `*://${host}/*`);
  await writeFile(path, JSON.stringify({ ...manifest, host_permissions }));
  return folder;
}
