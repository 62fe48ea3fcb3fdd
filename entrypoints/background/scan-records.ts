import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { getHistoryEntry, keepCrops, putHistoryEntries } from '../../utils/browser/history-db.ts';
import { askOpenHost } from '../../utils/browser/messages.ts';
import type { MessageSender } from '../../utils/browser/from-content.ts';
import type { RequestOf } from '../../utils/browser/protocol.ts';
import { createRateLimit } from '../../utils/domain/rate-limit.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import { isFinal, isQuiet } from '../../utils/domain/scan.ts';
import type { Scan, ScanState, HistoryEntry } from '../../utils/domain/scan.ts';
import { MAX_TITLE_LENGTH, plainText, shortened, withoutCredentials } from '../../utils/domain/addresses.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { findTabScan, readTabScans, withScan, writeTabScans } from '../../utils/browser/tab-scans.ts';
import { rememberScan } from './automatic.ts';
import { isFrameAlive } from './check-in-tab.ts';
import { expireNowAndThen } from './expiry.ts';
import { showScan } from './toolbar.ts';
import { addressToReopen } from '../../utils/domain/post-sites.ts';
import type { Settings } from '../../utils/domain/settings.ts';

/** Runs one change after the other, since each reads the tab's list, changes it and writes it back. */
const { run: inOrder } = createSerialQueue();

/**
 * Records a scan's new state for the popup and the toolbar, and a final state in the history as well. All data come
 * with the message or from storage, so a service worker that was stopped meanwhile loses nothing.
 */
export function recordScan(scan: Scan, facePicture: Blob | null): Promise<void> {
  return inOrder(async () => {
    const tab = await findTab(scan.tabId);
    const isPrivate = scan.isPrivate || tab?.incognito === true;
    const known = tab === null ? [] : await readTabScans(scan.tabId);
    // A late progress message must not reopen a scan that has ended.
    if (known.some(({ scanId, state }) => scanId === scan.scanId && isFinal(state))) return;
    // The history comes first: once the tab's list has the final state, a repeated message is ignored.
    await keepInHistory({ ...scan, isPrivate }, facePicture);
    await rememberScan({ ...scan, isPrivate });
    if (tab !== null) {
      await writeTabScans(scan.tabId, withScan(known, scan));
      // The button shows scans by hand. Of automatic scans it shows only *likely manipulated*.
      if (!isQuiet(scan)) await showScan(scan.tabId, scan);
    }
  });
}

/**
 * Ends a scan whose content script has lost the host. An attacker may control a page's process, so a script can end only
 * scans of the tab and frame that the browser names.
 */
export async function recordLostScan(
  { video, ...lost }: RequestOf<'scanLost'>,
  { tabId, frameId, isPrivate, pageUrl, pageTitle, url }: MessageSender,
): Promise<void> {
  if (tabId === null || frameId === null) return;
  const state: ScanState = { kind: 'failed', code: 'host-lost', message: 'the host went away' };
  const page = {
    pageUrl: shortened(pageUrl ?? url ?? ''),
    title: plainText(pageTitle ?? '').slice(0, MAX_TITLE_LENGTH),
    fileUrl: video.fileUrl === null ? null : withoutCredentials(video.fileUrl),
  };
  await recordScan({ ...lost, video: { ...video, ...page }, tabId, frameId, isPrivate, state }, null);
}

/**
 * Limits the automatic entries of one site. A feed has fewer manipulated faces than this. A page with more wants to
 * push the user's own checks out of the history.
 */
const mayKeepAutomatic = createRateLimit({ times: 60, perMilliseconds: 60 * 60 * 1000 });

function siteOf({ documentUrl, video }: Scan): string {
  const url = documentUrl ?? video.pageUrl;
  return URL.canParse(url) ? new URL(url).origin : '';
}

async function keepInHistory(scan: Scan, facePicture: Blob | null): Promise<void> {
  const settings = await readSettings();
  const entry = historyEntryOf(scan, Date.now(), facePicture, settings);
  // Where the message is repeated, the entry keeps the time of the first one.
  if (entry === null || (await getHistoryEntry(entry.scanId)) !== null) return;
  if (scan.isAutomatic === true && !mayKeepAutomatic(siteOf(scan))) return;
  await putHistoryEntries([entry]);
  if (settings.keepCrops) {
    // The host keeps the crops of the last few scans in memory.
    const crops = (await askOpenHost('getScanDetails', { scanId: entry.scanId }))?.crops ?? [];
    if (crops.length > 0) await keepCrops(entry.scanId, crops);
  }
  await expireNowAndThen();
}

/** Whether the report page can show a scan: it is in an open tab's list or in the history. */
export async function hasDetails(scanId: string): Promise<boolean> {
  return (await findTabScan(scanId)) !== null || (await getHistoryEntry(scanId)) !== null;
}

/**
 * Forgets the scans of documents that are gone after a navigation. The content script of a document answers as long as the
 * document is there: a change of address within a page (single-page sites) causes the same event as a navigation.
 */
export async function forgetGoneDocuments(tabId: number): Promise<void> {
  const frameIds = [...new Set((await readTabScans(tabId)).map(({ frameId }) => frameId))];
  // Outside the queue: a page that hangs must not delay the records of other tabs' scans.
  const alive = await Promise.all(frameIds.map((frameId) => isFrameAlive({ tabId, frameId })));
  const gone = new Set(frameIds.filter((_, index) => alive[index] !== true));
  if (gone.size === 0) return;
  await inOrder(async () => {
    const remaining = (await readTabScans(tabId)).filter(({ frameId }) => !gone.has(frameId));
    await writeTabScans(tabId, remaining);
    await showScan(tabId, remaining.find((scan) => !isQuiet(scan)) ?? null);
  });
}

/** Forgets everything about a tab that was closed. */
export function forgetTab(tabId: number): Promise<void> {
  return inOrder(async () => {
    await writeTabScans(tabId, []);
    await askOpenHost('forgetPrivateScans', { tabId });
  });
}

async function findTab(tabId: number): Promise<Browser.tabs.Tab | null> {
  try {
    return await browser.tabs.get(tabId);
  } catch {
    // The browser says in this way that the tab does not exist (any more).
    return null;
  }
}

/**
 * The history's entry of a scan; null for a scan that the history does not keep: one in a private window, one that was
 * cancelled or failed, an automatic one without *likely manipulated*, and one that found no model and so examined
 * nothing.
 * @param finishedAt milliseconds since the epoch
 * @param facePicture kept only if the settings say so
 */
export function historyEntryOf(
  scan: Scan,
  finishedAt: number,
  facePicture: Blob | null,
  { keepFacePictures }: Pick<Settings, 'keepFacePictures'>,
): HistoryEntry | null {
  const { state, video } = scan;
  if (scan.isPrivate || state.kind !== 'finished') return null;
  const { verdict } = state.report;
  // Quiet scans of a feed would fill the history; the user did not ask for them.
  if (isQuiet(scan)) return null;
  if (verdict.kind === 'refused' && verdict.reason === 'model-missing') return null;
  return {
    scanId: scan.scanId,
    pageUrl: addressToReopen(video),
    title: video.title,
    fileUrl: video.fileUrl,
    finishedAt,
    report: state.report,
    ownLabel: null,
    note: '',
    facePicture: keepFacePictures ? facePicture : null,
  };
}
