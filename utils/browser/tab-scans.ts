import { browser } from 'wxt/browser';
import { isQuiet } from '../domain/scan.ts';
import type { Scan } from '../domain/scan.ts';

/** What the popup can show of one tab; older scans of the same tab are in the history. */
const MAX_SCANS_A_TAB = 20;

const KEY_PREFIX = 'scans:';

/**
 * A tab's scans lie in the browser's session storage: in memory only, gone with the browser, and still there when
 * the service worker was stopped. Only the background writes them.
 */
export function tabScansKey(tabId: number): string {
  return KEY_PREFIX + String(tabId);
}

/** The tab's scans, latest first. */
export async function readTabScans(tabId: number): Promise<readonly Scan[]> {
  const key = tabScansKey(tabId);
  const stored = await browser.storage.session.get(key);
  return (stored[key] as readonly Scan[] | undefined) ?? [];
}

/** A scan of any tab that is still open. */
export async function findTabScan(scanId: string): Promise<Scan | null> {
  const stored = await browser.storage.session.get(null);
  for (const [key, scans] of Object.entries(stored)) {
    if (!key.startsWith(KEY_PREFIX)) continue;
    const scan = (scans as readonly Scan[]).find((other) => other.scanId === scanId);
    if (scan !== undefined) return scan;
  }
  return null;
}

/** Keeps a tab's scans; an empty list takes their place in the storage away. */
export async function writeTabScans(tabId: number, scans: readonly Scan[]): Promise<void> {
  const key = tabScansKey(tabId);
  if (scans.length === 0) await browser.storage.session.remove(key);
  else await browser.storage.session.set({ [key]: scans });
}

/** Calls back with the tab's scans whenever they change. @returns stops watching */
export function watchTabScans(tabId: number, onChange: (scans: readonly Scan[]) => void): () => void {
  const key = tabScansKey(tabId);
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string): void => {
    const change = changes[key];
    if (area === 'session' && change !== undefined) {
      onChange((change.newValue as readonly Scan[] | undefined) ?? []);
    }
  };
  browser.storage.onChanged.addListener(listener);
  return () => {
    browser.storage.onChanged.removeListener(listener);
  };
}

/**
 * The list with `scan` in its newest state: in its old place, or in front where it is new. Where there are too many, the
 * oldest that is quiet makes room: a feed must not push out what was asked for by hand.
 */
export function withScan(scans: readonly Scan[], scan: Scan): readonly Scan[] {
  const isKnown = scans.some(({ scanId }) => scanId === scan.scanId);
  if (isKnown) return scans.map((other) => (other.scanId === scan.scanId ? scan : other));
  const all = [scan, ...scans];
  if (all.length <= MAX_SCANS_A_TAB) return all;
  const surplus = all.findLast(isQuiet) ?? all.at(-1);
  return all.filter((other) => other !== surplus);
}
