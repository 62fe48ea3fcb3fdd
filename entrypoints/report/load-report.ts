import { isDetectorError } from '../../utils/domain/errors.ts';
import { getHistoryEntry } from '../../utils/browser/history-db.ts';
import { ask } from '../../utils/browser/messages.ts';
import { addressToReopen } from '../../utils/domain/post-sites.ts';
import type {
  FrameScore,
  FrameWay,
  HistoryEntry,
  Scan,
  ScanTimings,
  UsedModel,
} from '../../utils/domain/scan.ts';
import { findTabScan } from '../../utils/browser/tab-scans.ts';
import type { Verdict } from '../../utils/domain/verdict.ts';
import type { ScanDetails } from '../../utils/domain/scan.ts';

export type Crop = ScanDetails['crops'][number];

/** Everything that is known of one finished check, from wherever it is still kept. */
export type Report = {
  readonly scanId: string;
  readonly title: string;
  readonly pageUrl: string;
  /** Milliseconds since the epoch: of the start, or of the end where only the history knows the check. */
  readonly at: number;
  readonly verdict: Verdict;
  readonly model: UsedModel | null;
  readonly frameScores: readonly FrameScore[];
  /** null in the history, which keeps none. */
  readonly timings: ScanTimings | null;
  /** null where it was not recorded, or nothing could be read. */
  readonly way: FrameWay | null;
  readonly screenScale: number | null;
  /** null once the host has forgotten them: they are kept in memory only, of the last few checks. */
  readonly crops: readonly Crop[] | null;
};

/** A finished check, one that has not finished (or never will), or nothing known of it. */
export type LoadedReport =
  | { readonly kind: 'finished'; readonly report: Report }
  | { readonly kind: 'unfinished'; readonly scan: Scan }
  | { readonly kind: 'unknown' };

/** Asks the host's memory, then this session's tabs, then the history. */
export async function loadReport(scanId: string): Promise<LoadedReport> {
  const details = await askHost(scanId);
  const scan = details?.scan ?? (await findTabScan(scanId));
  if (scan !== null) {
    const report = reportOfScan(scan, details?.crops ?? null);
    return report === null ? { kind: 'unfinished', scan } : { kind: 'finished', report };
  }
  const entry = await getHistoryEntry(scanId);
  return entry === null ? { kind: 'unknown' } : { kind: 'finished', report: reportOfEntry(entry) };
}

async function askHost(scanId: string): Promise<ScanDetails | null> {
  try {
    return await ask('host', 'getScanDetails', { scanId });
  } catch (error) {
    // Closed for want of work: what it remembered is gone.
    if (isDetectorError(error, 'unreachable')) return null;
    throw error;
  }
}

function reportOfScan(
  { scanId, video, startedAt, state }: Scan,
  crops: readonly Crop[] | null,
): Report | null {
  if (state.kind !== 'finished') return null;
  const { verdict, model, frameScores, timings, way, screenScale } = state;
  return {
    scanId,
    title: video.title,
    // The same as the history has, whichever still knows the check.
    pageUrl: addressToReopen(video),
    at: startedAt,
    verdict,
    model,
    frameScores,
    timings,
    way: way ?? null,
    screenScale: screenScale ?? null,
    crops,
  };
}

function reportOfEntry({
  scanId,
  title,
  pageUrl,
  finishedAt,
  verdict,
  model,
  frameScores,
  way,
  screenScale,
}: HistoryEntry): Report {
  return {
    scanId,
    title,
    pageUrl,
    at: finishedAt,
    verdict,
    model,
    frameScores,
    timings: null,
    way: way ?? null,
    screenScale: screenScale ?? null,
    crops: null,
  };
}
