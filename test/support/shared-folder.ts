import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Clips and reference numbers beside the repository on some machines; no part of the project. */
const SHARED = resolve(import.meta.dirname, '../../../shared');

/**
 * Finds a folder of the reference data beside the repository.
 *
 * @param path below `../shared`, such as `golden/faces`
 * @param subject what the tests compare with it, for the printed reason
 * @returns its address, with a slash at its end; undefined, with the reason printed, where it is missing: the tests
 *   that need it are skipped then
 */
export function sharedFolder(path: string, subject: string): URL | undefined {
  const folder = resolve(SHARED, path);
  if (existsSync(folder)) return pathToFileURL(`${folder}/`);
  console.warn(`skipped: ${subject}, because ../shared/${path} is not there`);
  return undefined;
}

/** The same as {@link sharedFolder} as an absolute path without a slash at its end, for servers and command lines. */
export function sharedPath(path: string, subject: string): string | undefined {
  return sharedFolder(path, subject) && resolve(SHARED, path);
}
