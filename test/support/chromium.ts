import { spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import {
  findInstalled,
  isUsable,
  MINIMUM_MAJOR_VERSION,
  openChromium,
  pathsOf,
  whatToInstall,
} from '../../entrypoints/cli/chromium.ts';

export type RunningChromium = { context: BrowserContext; close: () => Promise<void> };

export type LaunchOptions = {
  /** Folder of an unpacked extension to load. */
  extensionDirectory?: string;
  /** Sends everything but loopback traffic there, so that a test can see and refuse it. */
  proxyAddress?: string;
  extraFlags?: readonly string[];
  /**
   * The number of the screen's pixels for each point. Playwright's own option only tells the page another number;
   * captures of the tab keep the screen's real pixels.
   */
  pixelsPerPoint?: number;
  /** Keeps pages that the user has left for "back", as a browser does that is not driven by a program. */
  keepsPages?: boolean;
  /** Opens a window, if there is a display for one. */
  isHeaded?: boolean;
  /** The X display of the window; by default that of this process. */
  display?: string;
  /** A profile that stays after `close`, to start again with; otherwise an empty one that `close` deletes. */
  profileDirectory?: string;
};

/** Starts Chromium, headless unless asked otherwise, with an empty profile that `close` deletes. */
export async function launchChromium(options: LaunchOptions = {}): Promise<RunningChromium> {
  const { extensionDirectory, proxyAddress, extraFlags = [], isHeaded = false, profileDirectory } = options;
  const { pixelsPerPoint, keepsPages = false, display } = options;
  const executablePath = await findOrInstallChromium();
  const profile = profileDirectory ?? (await mkdtemp(join(tmpdir(), 'chromium-profile-')));
  const context = await openChromium({
    executablePath,
    profileDirectory: profile,
    extensionDirectory,
    isHeaded,
    options: {
      ...(display !== undefined && { env: { ...process.env, DISPLAY: display }, viewport: null }),
      // With a window, the program that opened it handles Ctrl-C.
      handleSIGINT: !isHeaded,
      // Without this, Playwright emulates a screen of one pixel a point.
      ...(pixelsPerPoint !== undefined && { viewport: null }),
      ...(keepsPages && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    },
    extraFlags: [
      ...(proxyAddress === undefined ? [] : [`--proxy-server=${proxyAddress}`]),
      ...(pixelsPerPoint === undefined
        ? []
        : [`--force-device-scale-factor=${String(pixelsPerPoint)}`, '--window-size=1280,860']),
      ...extraFlags,
    ],
  });
  return {
    context,
    close: async () => {
      await context.close();
      if (profileDirectory === undefined) await rm(profile, { recursive: true, force: true });
    },
  };
}

let finding: Promise<string> | undefined;

/**
 * Path of a Chromium that is new enough: `CHROMIUM_PATH`, one on PATH, or Playwright's own; else it installs one
 * (Debian's package where that is possible, else Playwright's build), with progress on stderr.
 *
 * @throws Error that says what to install by hand.
 */
export function findOrInstallChromium(): Promise<string> {
  finding ??= find();
  return finding;
}

async function find(): Promise<string> {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen !== undefined && chosen !== '') {
    if (await isUsable(chosen)) return chosen;
    throw new Error(
      `CHROMIUM_PATH=${chosen} is not a Chromium of version ${MINIMUM_MAJOR_VERSION} or newer.`,
    );
  }
  return (
    (await findInstalled()) ??
    (await installDebianPackage()) ??
    (await installPlaywrightBuild()) ??
    fail('No usable Chromium, and none could be installed')
  );
}

/** Ubuntu's package of that name only installs a snap, which does not run in containers: Debian only. */
async function installDebianPackage(): Promise<string | undefined> {
  return (await installDebianPackages(['chromium'])) ? findInstalled() : undefined;
}

async function installDebianPackages(packages: readonly string[]): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID=debian$/m.test(release) || process.getuid?.() !== 0) return false;
  return (
    (await runLoudly('apt-get', ['update'])) &&
    (await runLoudly('apt-get', ['install', '-y', '--no-install-recommends', ...packages]))
  );
}

/**
 * Installs Debian packages of which a command is missing.
 * @throws Error that says what to install by hand
 */
export async function ensureDebianPackages(
  packages: readonly string[],
  commands: readonly string[],
): Promise<void> {
  const isThere = async (command: string): Promise<boolean> =>
    (
      await Promise.all(
        pathsOf(command).map((path) =>
          access(path).then(
            () => true,
            () => false,
          ),
        ),
      )
    ).includes(true);
  const areThere = async (): Promise<boolean> => !(await Promise.all(commands.map(isThere))).includes(false);
  if ((await areThere()) || ((await installDebianPackages(packages)) && (await areThere()))) return;
  throw new Error(`${commands.join(', ')} are needed: install ${packages.join(', ')} as Debian names them.`);
}

async function installPlaywrightBuild(): Promise<string | undefined> {
  const cli = resolve(import.meta.dirname, '../../node_modules/playwright-core/cli.js');
  // As root, Playwright can install the shared libraries that the build needs as well.
  const dependencies = process.getuid?.() === 0 ? ['--with-deps'] : [];
  const isInstalled = await runLoudly(process.execPath, [
    cli,
    'install',
    '--no-shell',
    ...dependencies,
    'chromium',
  ]);
  return isInstalled ? findInstalled() : undefined;
}

/** Runs a command with its output on our stderr; whether it succeeded. */
function runLoudly(command: string, args: readonly string[]): Promise<boolean> {
  process.stderr.write(`Getting what the browser tests need: ${command} ${args.join(' ')}\n`);
  return new Promise((settle) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      settle(false);
    });
    child.once('exit', (code) => settle(code === 0));
  });
}

function fail(what: string): never {
  throw new Error(whatToInstall(what, 'CHROMIUM_PATH'));
}
