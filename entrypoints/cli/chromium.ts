import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import type { BrowserContext } from 'playwright-core';
import { DetectorError } from '../../utils/domain/errors.ts';

/** The manifest's `minimum_chrome_version`: `message_serialization: 'structured_clone'` came with it. */
export const MINIMUM_MAJOR_VERSION = 148;

/** Not Google Chrome: its branded builds have ignored `--load-extension` since 137. */
const EXECUTABLE_NAMES = ['chromium', 'chromium-browser'];

/**
 * Flags for a quiet browser with the software WebGPU adapter. QUIC would go past a test's proxy; the rest keeps the browser's
 * own requests away from the network.
 */
const FLAGS = [
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
];

export type LaunchOptions = {
  readonly executablePath: string;
  /** A folder that stays; the caller deletes it. */
  readonly profileDirectory: string;
  /** Folder of an unpacked extension to load. */
  readonly extensionDirectory?: string | undefined;
  readonly isHeaded?: boolean;
  readonly extraFlags?: readonly string[];
  /** Playwright's further options of a persistent context. */
  readonly options?: Parameters<typeof chromium.launchPersistentContext>[1];
};

/**
 * Starts Chromium, headless unless asked otherwise. Files of strangers are decoded in it, so it has its sandbox wherever that can
 * be had: not as root, and not in a container without user namespaces, which is said on stderr.
 */
export async function openChromium(launch: LaunchOptions): Promise<BrowserContext> {
  if (process.getuid?.() === 0) return await launchChromium(launch, false);
  try {
    return await launchChromium(launch, true);
  } catch (error) {
    if (!/sandbox/i.test(String(error))) throw error;
    process.stderr.write('Chromium can’t have its sandbox here, and runs without one\n');
    return await launchChromium(launch, false);
  }
}

async function launchChromium(
  {
    executablePath,
    profileDirectory,
    extensionDirectory,
    isHeaded = false,
    extraFlags = [],
    options = {},
  }: LaunchOptions,
  hasSandbox: boolean,
): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(profileDirectory, {
    executablePath,
    headless: !isHeaded,
    chromiumSandbox: hasSandbox,
    ...options,
    args: [
      ...FLAGS,
      ...(extensionDirectory === undefined
        ? []
        : [`--disable-extensions-except=${extensionDirectory}`, `--load-extension=${extensionDirectory}`]),
      ...extraFlags,
    ],
  });
}

/**
 * Path of a Chromium that is new enough: `TRUEFRAME_CHROMIUM`, one on PATH, or Playwright's own.
 * @throws DetectorError `options-invalid` that says what to install
 */
export async function findChromium(): Promise<string> {
  const chosen = process.env.TRUEFRAME_CHROMIUM ?? '';
  if (chosen !== '') {
    if (await isUsable(chosen)) return chosen;
    throw new DetectorError(
      'options-invalid',
      `TRUEFRAME_CHROMIUM=${chosen} is not a Chromium of version ${MINIMUM_MAJOR_VERSION} or newer`,
    );
  }
  const installed = await findInstalled();
  if (installed !== undefined) return installed;
  throw new DetectorError('options-invalid', whatToInstall('No usable Chromium', 'TRUEFRAME_CHROMIUM'));
}

export async function findInstalled(): Promise<string | undefined> {
  const onPath = EXECUTABLE_NAMES.flatMap(pathsOf);
  for (const path of [...onPath, chromium.executablePath()]) {
    if (await isUsable(path)) return path;
  }
  return undefined;
}

export function whatToInstall(what: string, variable: string): string {
  return (
    `${what}. Install Chromium ${MINIMUM_MAJOR_VERSION} or newer (Debian: "apt-get install chromium" as root; ` +
    `elsewhere: "npx playwright-core install --with-deps chromium"), or set ${variable} to one.`
  );
}

export function pathsOf(command: string): readonly string[] {
  return (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, command));
}

export async function isUsable(path: string): Promise<boolean> {
  const version = await majorVersion(path);
  if (version === undefined) return false;
  if (version >= MINIMUM_MAJOR_VERSION) return true;
  process.stderr.write(`${path} is version ${version}; ${MINIMUM_MAJOR_VERSION} or newer is needed\n`);
  return false;
}

/** Undefined where there is no such file, or it does not run or is no Chromium. */
async function majorVersion(path: string): Promise<number | undefined> {
  try {
    await access(path);
    // A browser that cannot even say its version in this time hangs for another reason.
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 30_000 });
    const major = /(\d+)\.\d+\.\d+\.\d+/.exec(stdout)?.[1];
    return major === undefined ? undefined : Number(major);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      process.stderr.write(`${path}: ${String(error)}\n`);
    }
    return undefined;
  }
}
