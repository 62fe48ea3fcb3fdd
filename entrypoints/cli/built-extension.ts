import { execFile } from 'node:child_process';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DetectorError } from '../../utils/domain/errors.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

export const EXTENSION_FOLDER = resolve(REPOSITORY, '.output/chrome-mv3');

/** `wxt build`, with its output kept back unless it fails. */
export async function runWxtBuild(...args: readonly string[]): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    [resolve(REPOSITORY, 'node_modules/wxt/bin/wxt.mjs'), 'build', ...args],
    {
      cwd: REPOSITORY,
      // Vitest's own NODE_ENV would make a development build.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
}

/** Builds the extension into {@link EXTENSION_FOLDER} where it is not there. */
export async function ensureExtension(): Promise<void> {
  const isThere = await stat(join(EXTENSION_FOLDER, 'manifest.json')).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  process.stderr.write('building the extension …\n');
  await runWxtBuild().catch((cause: unknown) => {
    const text = 'the extension can’t be built here (npm run build says why)';
    throw new DetectorError('internal', text, { cause });
  });
}

/**
 * Copies a built extension into a folder so that it may read from these hosts (`*`: all): the browser's question can't be
 * answered by a program. The caller deletes the folder.
 */
export async function copyAllowing(
  extensionDirectory: string,
  folder: string,
  hosts: readonly string[],
): Promise<void> {
  await cp(extensionDirectory, folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  const host_permissions = hosts.map((host) => `*://${host}/*`);
  await writeFile(path, JSON.stringify({ ...manifest, host_permissions }));
}
