import { validBadgeSettings } from '../domain/badge-settings.ts';
import type { BadgeSettings } from '../domain/badge-settings.ts';
import { browser } from 'wxt/browser';

const STORAGE_KEY = 'badge-settings';

/** The defaults stand for whatever was never chosen, or is not what this version writes. */
export async function readBadgeSettings(): Promise<BadgeSettings> {
  const stored = (await browser.storage.local.get(STORAGE_KEY))[STORAGE_KEY];
  return validBadgeSettings(stored);
}

/** Changes some of them; the others stay. */
export async function changeBadgeSettings(change: Partial<BadgeSettings>): Promise<void> {
  await browser.storage.local.set({ [STORAGE_KEY]: { ...(await readBadgeSettings()), ...change } });
}

/** Calls back whenever any context changes them. @returns stops watching */
export function watchBadgeSettings(onChange: (settings: BadgeSettings) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string): void => {
    const change = changes[STORAGE_KEY];
    if (area === 'local' && change !== undefined) onChange(validBadgeSettings(change.newValue));
  };
  browser.storage.onChanged.addListener(listener);
  return () => {
    browser.storage.onChanged.removeListener(listener);
  };
}
