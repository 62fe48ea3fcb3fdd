import { chromium } from 'playwright-core';
import type { BrowserContext } from 'playwright-core';
import { afterEach, expect, test, vi } from 'vitest';
import { openChromium } from '../../../../entrypoints/cli/chromium.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const LAUNCH = { executablePath: '/chromium', profileDirectory: '/profile' };

/** Whether Chromium was started with its sandbox, by launch. */
async function launchesOf(uid: number, failure: string | null): Promise<readonly unknown[]> {
  vi.restoreAllMocks();
  vi.spyOn(process, 'getuid').mockReturnValue(uid);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const launch = vi.spyOn(chromium, 'launchPersistentContext').mockImplementation((_profile, options) => {
    if (failure !== null && options?.chromiumSandbox === true) return Promise.reject(new Error(failure));
    return Promise.resolve({} as BrowserContext);
  });
  await openChromium(LAUNCH).catch(() => undefined);
  for (const [, options] of launch.mock.calls) expect(options?.args).not.toContain('--no-sandbox');
  return launch.mock.calls.map(([, options]) => options?.chromiumSandbox);
}

test('strangers’ files are decoded in Chromium’s sandbox wherever it can be had', async () => {
  expect(await launchesOf(1000, null)).toEqual([true]);
  expect(await launchesOf(1000, 'No usable sandbox!')).toEqual([true, false]);
  expect(await launchesOf(1000, 'no such file')).toEqual([true]);
  expect(await launchesOf(0, null)).toEqual([false]);
});
