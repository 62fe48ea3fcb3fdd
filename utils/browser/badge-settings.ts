import { validBadgeSettings } from '../domain/automatic.ts';
import type { BadgeSettings } from '../domain/automatic.ts';
import { createStoredItem } from './stored-item.ts';

const item = createStoredItem({ key: 'local:badge-settings', valid: validBadgeSettings });

/** What the user has chosen about badges, with the defaults for what was never chosen or is not valid. */
export const readBadgeSettings = item.read;
/** Calls back whenever any context changes them. @returns stops watching */
export const watchBadgeSettings = item.watch;

/** Changes some of them; the others stay. */
export async function changeBadgeSettings(change: Partial<BadgeSettings>): Promise<void> {
  await item.write({ ...(await item.read()), ...change });
}
