import { browser } from 'wxt/browser';
import { validBadgeSettings } from '../domain/automatic.ts';
import { validBadgeSites } from '../domain/sites.ts';

/**
 * What scripts in pages read of the badges' settings and sites. They read the same values as badge-settings.ts and
 * badge-sites.ts, but neither write nor migrate them, and so do without WXT's storage and valibot: 5 kB gzipped in every page.
 */
function createPageItem<Value>(key: string, valid: (stored: unknown) => Value) {
  const { local } = browser.storage;
  return {
    read: async (): Promise<Value> => valid((await local.get(key))[key]),
    /** Calls back whenever any context changes the value. @returns stops watching */
    watch: (onChange: (value: Value) => void): (() => void) => {
      const listener = (changes: Record<string, { readonly newValue?: unknown }>): void => {
        if (key in changes) onChange(valid(changes[key]!.newValue));
      };
      local.onChanged.addListener(listener);
      return () => local.onChanged.removeListener(listener);
    },
  };
}

/** Made at the script's start, not when a module is loaded: pages without the extension's storage load it in tests. */
export const badgeSettingsInPage = () => createPageItem('badge-settings', validBadgeSettings);
export const badgeSitesInPage = () => createPageItem('badge-sites', validBadgeSites);
