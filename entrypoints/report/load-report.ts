import { getHistoryEntry, getKeptCrops } from '../../utils/browser/history-db.ts';
import { askOpenHost } from '../../utils/browser/messages.ts';
import { addressToReopen } from '../../utils/domain/post-sites.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { HistoryEntry, Scan, ScanDetails } from '../../utils/domain/scan.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import { findTabScan, watchTabScans } from '../../utils/browser/tab-scans.ts';
import type { ScanReport } from '../../utils/domain/report.ts';

export type Crop = ScanDetails['crops'][number];

/** The facts of one finished check, from the host, the session's tabs or the history. */
export type LoadedScan = {
  readonly scanId: string;
  readonly title: string;
  readonly pageUrl: string;
  /** Milliseconds since the epoch: of the start, or of the end where only the history knows the check. */
  readonly at: number;
  readonly report: ScanReport;
  /**
   * null once the host has dropped the crops, unless the history keeps them. The host holds those of the last few
   * checks.
   */
  readonly crops: readonly Crop[] | null;
};

/** A finished check, one that has not finished (or never will), or no check where the id is unknown. */
export type LoadedReport =
  | { readonly kind: 'finished'; readonly loaded: LoadedScan }
  | { readonly kind: 'unfinished'; readonly scan: Scan }
  | { readonly kind: 'unknown' };

/**
 * Calls back with the state of a check, and with each change until its end.
 * @returns stops following
 */
export function followReport(scanId: string, onLoaded: (loaded: LoadedReport) => void): () => void {
  const { run: inOrder } = createSerialQueue();
  let stopWatching: (() => void) | null = null;
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
    stopWatching?.();
  };
  const load = async (): Promise<void> => {
    const loaded = await loadReport(scanId);
    if (isStopped) return;
    onLoaded(loaded);
    if (loaded.kind !== 'unfinished' || isFinal(loaded.scan.state)) {
      stop();
    } else if (stopWatching === null) {
      const loadAgain = (): void => void inOrder(load);
      stopWatching = watchTabScans(loaded.scan.tabId, loadAgain);
      // The scan may have changed between loading and watching.
      loadAgain();
    }
  };
  void inOrder(load);
  return stop;
}

/** Asks the host's memory, then this session's tabs, then the history. */
async function loadReport(scanId: string): Promise<LoadedReport> {
  const details = await askOpenHost('getScanDetails', { scanId });
  const scan = details?.scan ?? (await findTabScan(scanId));
  if (scan !== null) {
    const loaded = loadedScan(scan, details?.crops ?? (await getKeptCrops(scanId)));
    return loaded === null ? { kind: 'unfinished', scan } : { kind: 'finished', loaded };
  }
  const entry = await getHistoryEntry(scanId);
  if (entry === null) return { kind: 'unknown' };
  return { kind: 'finished', loaded: { ...loadedEntry(entry), crops: await getKeptCrops(scanId) } };
}

function loadedScan(
  { scanId, video, startedAt, state }: Scan,
  crops: readonly Crop[] | null,
): LoadedScan | null {
  if (state.kind !== 'finished') return null;
  return {
    scanId,
    title: video.title,
    // The history stores the same address.
    pageUrl: addressToReopen(video),
    at: startedAt,
    report: state.report,
    crops,
  };
}

function loadedEntry({
  scanId,
  title,
  pageUrl,
  finishedAt,
  report,
}: HistoryEntry): Omit<LoadedScan, 'crops'> {
  return { scanId, title, pageUrl, at: finishedAt, report };
}
