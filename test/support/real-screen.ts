import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { ensureDebianPackages } from './chromium.ts';

const run = promisify(execFile);

/** An X server without a monitor, and the mouse and keyboard of its user. */
export type RealScreen = {
  /** The display, for the environment of a browser that is to open its windows there. */
  readonly display: string;
  /** A click of the mouse at a point of a page's viewport, in CSS pixels. */
  readonly click: (
    page: Page,
    at: { readonly x: number; readonly y: number },
    button: 'left' | 'right',
  ) => Promise<void>;
  /** Keys by their X names, one after the other. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  /** A PNG of the whole screen. */
  readonly takePicture: (path: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * Starts Xvfb and drives it with xdotool; both are installed where they are missing, as Chromium is. Playwright's own mouse
 * and keyboard reach the page only: menus, prompts and popups of the browser are windows of their own.
 * @throws Error that says what to install by hand
 */
export async function openRealScreen(): Promise<RealScreen> {
  await ensureDebianPackages(['xvfb', 'xdotool', 'imagemagick'], ['Xvfb', 'xdotool', 'import']);
  // `-displayfd` lets the server choose a free number, and say it once it can be used.
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = (await once(server.stdio[3]!, 'data')) as [Buffer];
  const display = `:${number.toString().trim()}`;
  const env = { ...process.env, DISPLAY: display };
  const tool = async (...args: readonly string[]): Promise<void> => {
    await run('xdotool', [...args], { env });
  };
  return {
    display,
    click: async (page, at, button) => {
      const window = await page.evaluate<{ x: number; y: number }>(
        `({ x: screenX + (outerWidth - innerWidth) / 2, y: screenY + outerHeight - innerHeight })`,
      );
      const place = [window.x + at.x, window.y + at.y].map((pixel) => String(Math.round(pixel)));
      await tool('mousemove', ...place, 'click', button === 'left' ? '1' : '3');
    },
    press: (...keys) => tool('key', '--delay', '80', ...keys),
    takePicture: async (path) => {
      await run('import', ['-window', 'root', path], { env });
    },
    close: async () => {
      server.kill();
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}
