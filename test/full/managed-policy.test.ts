import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDriver } from '../support/driver.ts';

/** Where Chromium reads an administrator's policies on Linux. Only root can write there. */
const FOLDER = '/etc/chromium/policies/managed';
const FILE = join(FOLDER, 'trueframe-test.json');

const reason = reasonNotToRun();
if (reason !== null) console.log(`Skipped: a real policy of an administrator: ${reason}.`);

function reasonNotToRun(): string | null {
  if (process.getuid?.() !== 0) return 'only root can write to the browser’s folder of policies';
  if (!existsSync('/usr/bin/chromium')) return 'this browser has another folder of policies, or none';
  return null;
}

test.skipIf(reason !== null)('a real policy of Chromium reaches the settings and the pages', async () => {
  // Unpacked, an extension has the id of its folder.
  const first = await startDriver();
  const { host } = new URL(first.extension.origin);
  await first.close();
  const policy = { '3rdparty': { extensions: { [host]: { historyDays: 14, downloads: false } } } };
  await mkdir(FOLDER, { recursive: true });
  await writeFile(FILE, JSON.stringify(policy));
  try {
    const driver = await startDriver();
    try {
      expect(await driver.probe.evaluate('chrome.storage.managed.get(null)')).toEqual({
        historyDays: 14,
        downloads: false,
      });
      expect(await driver.ask('getSettings', null)).toMatchObject({ historyDays: 14 });
      const page = await driver.extension.context.newPage();
      await page.goto(`${driver.extension.origin}/options.html`);
      await page.getByText('Your administrator has switched downloads off').waitFor();
    } finally {
      await driver.close();
    }
  } finally {
    await rm(FILE, { force: true });
  }
});
