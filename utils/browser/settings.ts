import { DEFAULT_SETTINGS, MAX_FRAMES, MIN_FRAMES } from '../domain/settings.ts';
import type { Settings } from '../domain/settings.ts';
import { browser } from 'wxt/browser';

const STORAGE_KEY = 'settings';

/** The user's settings, with the defaults for what was never chosen. */
export async function readSettings(): Promise<Settings> {
  const stored = await browser.storage.local.get(STORAGE_KEY);
  const settings = { ...DEFAULT_SETTINGS, ...(stored[STORAGE_KEY] as Partial<Settings> | undefined) };
  return { ...settings, framesAsked: validFrames(settings.framesAsked) };
}

/** Storage outlives versions: a number that no page of this one would write must not end every check. */
function validFrames(framesAsked: unknown): number | null {
  if (framesAsked === null) return null;
  if (typeof framesAsked !== 'number' || !Number.isInteger(framesAsked)) return DEFAULT_SETTINGS.framesAsked;
  return Math.min(MAX_FRAMES, Math.max(MIN_FRAMES, framesAsked));
}

/** Changes some settings; the others stay. */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  await browser.storage.local.set({ [STORAGE_KEY]: { ...(await readSettings()), ...change } });
}

/** Calls back with the settings whenever any context changes them. @returns stops watching */
export function watchSettings(onChange: (settings: Settings) => void): () => void {
  const listener = (changes: Record<string, unknown>, area: string): void => {
    if (area === 'local' && STORAGE_KEY in changes) void readSettings().then(onChange);
  };
  browser.storage.onChanged.addListener(listener);
  return () => {
    browser.storage.onChanged.removeListener(listener);
  };
}
