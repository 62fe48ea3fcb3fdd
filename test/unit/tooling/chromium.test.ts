import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chromium-finder-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

/** An executable that answers `--version` as a Chromium does. */
async function fakeChromium(folder: string, version: string): Promise<string> {
  const path = join(directory, folder, 'chromium');
  await mkdir(join(directory, folder));
  await writeFile(path, `#!/bin/sh\necho "Chromium ${version} built on Debian GNU/Linux 12"\n`);
  await chmod(path, 0o755);
  return path;
}

/** The finder remembers its answer, so that each test loads it afresh. */
async function find(): Promise<string> {
  vi.resetModules();
  const { findOrInstallChromium } = await import('../../support/chromium.ts');
  return findOrInstallChromium();
}

test('CHROMIUM_PATH comes before what is on PATH', async () => {
  const chosen = await fakeChromium('chosen', '148.0.7778.10');
  const onPath = await fakeChromium('bin', '156.0.8078.79');
  vi.stubEnv('CHROMIUM_PATH', chosen);
  vi.stubEnv('PATH', join(onPath, '..'));
  expect(await find()).toBe(chosen);
});

test('a CHROMIUM_PATH that is too old is an error that says the version it needs', async () => {
  vi.stubEnv('CHROMIUM_PATH', await fakeChromium('old', '147.0.7700.99'));
  await expect(find()).rejects.toThrow(/is not a Chromium of version 148 or newer/);
});

test('a CHROMIUM_PATH that is not there is an error', async () => {
  vi.stubEnv('CHROMIUM_PATH', join(directory, 'missing'));
  await expect(find()).rejects.toThrow(/is not a Chromium of version 148 or newer/);
});

test('on PATH, a Chromium that is too old is passed over for a newer one', async () => {
  const old = await fakeChromium('old', '120.0.6099.224');
  const recent = await fakeChromium('recent', '156.0.8078.79');
  vi.stubEnv('CHROMIUM_PATH', '');
  vi.stubEnv('PATH', [join(old, '..'), join(recent, '..'), '/bin'].join(delimiter));
  expect(await find()).toBe(recent);
});
