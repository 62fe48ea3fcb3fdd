import { storage } from 'wxt/utils/storage';
import { upgradeReport } from '../domain/report.ts';
import { isQuiet, scanSchema } from '../domain/scan.ts';
import type { Scan } from '../domain/scan.ts';
import { withFramesScanned } from '../domain/verdict.ts';
import { createStoredItem, validElements } from './stored-item.ts';
import type { StoredItem } from './stored-item.ts';

/** As many scans as the popup can show of one tab; older scans of the same tab are in the history. */
const MAX_SCANS_A_TAB = 20;

const KEY_PREFIX = 'scans:';

const validElementsOf = validElements<Scan>(scanSchema);

/** The scans in a stored list that are valid. A report or a state of an earlier version gets this version's form. */
function validScans(stored: unknown): readonly Scan[] {
  return validElementsOf(Array.isArray(stored) ? stored.map(upgradeScan) : stored);
}

function upgradeScan(stored: unknown): unknown {
  const scan = Object(stored) as { readonly state?: { readonly report?: unknown } | null };
  const { state } = scan;
  if (state?.report === undefined) return { ...scan, state: withFramesScanned(state) };
  return { ...scan, state: { ...state, report: upgradeReport(state.report) } };
}

/**
 * A tab's scans are in the browser's session storage: in memory only, deleted with the browser's end, and kept when the
 * service worker is stopped. Only the background writes them.
 */
function scansOfTab(tabId: number): StoredItem<readonly Scan[]> {
  return createStoredItem({ key: `session:${KEY_PREFIX}${String(tabId)}`, valid: validScans });
}

/** The tab's scans, latest first. */
export function readTabScans(tabId: number): Promise<readonly Scan[]> {
  return scansOfTab(tabId).read();
}

/** A scan of any tab that is still open. */
export async function findTabScan(scanId: string): Promise<Scan | null> {
  for (const [key, stored] of Object.entries(await storage.snapshot('session'))) {
    if (!key.startsWith(KEY_PREFIX)) continue;
    const scan = validScans(stored).find((other) => other.scanId === scanId);
    if (scan !== undefined) return scan;
  }
  return null;
}

/** Stores a tab's scans; an empty list removes the tab from the storage. */
export async function writeTabScans(tabId: number, changed: readonly Scan[]): Promise<void> {
  if (changed.length === 0) await scansOfTab(tabId).remove();
  else await scansOfTab(tabId).write(changed);
}

/**
 * Calls back with the tab's scans when they change.
 * @returns stops watching
 */
export function watchTabScans(tabId: number, onChange: (changed: readonly Scan[]) => void): () => void {
  return scansOfTab(tabId).watch(onChange);
}

/**
 * The list with `scan` in its newest state: in its old place, or in front if it is new. If there are too many scans,
 * the oldest quiet one is dropped: a feed must not replace the scans that the user has asked for.
 */
export function withScan(scans: readonly Scan[], scan: Scan): readonly Scan[] {
  const isKnown = scans.some(({ scanId }) => scanId === scan.scanId);
  if (isKnown) return scans.map((other) => (other.scanId === scan.scanId ? scan : other));
  const all = [scan, ...scans];
  if (all.length <= MAX_SCANS_A_TAB) return all;
  const surplus = all.findLast(isQuiet) ?? all.at(-1);
  return all.filter((other) => other !== surplus);
}
