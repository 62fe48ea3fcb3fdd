import { existsSync } from 'node:fs';

/**
 * A folder of reference numbers beside the repository (`../shared/…`), or undefined, with the reason printed,
 * where the repository stands alone: its tests then skip what only those numbers can show.
 */
export function sharedFolder(path: string, subject: string): URL | undefined {
  const folder = new URL(`../../../../../../shared/${path}/`, import.meta.url);
  if (existsSync(folder)) return folder;
  console.warn(`skipped: ${subject}, because ../shared/${path} is not there`);
  return undefined;
}
