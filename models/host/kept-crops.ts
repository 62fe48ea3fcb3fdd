import type { KeptCrop } from '../scan/scan-record.ts';
import type { Scan, ScanDetails } from '../../utils/domain/scan.ts';

/** Each with at most 60 crops of 224²: 48 MB in all. */
const MAX_KEPT_SCANS = 4;

export type DetailsStore = ReturnType<typeof createDetailsStore>;

/** The details of the last scans, in memory only: pictures of faces are not written anywhere. */
export function createDetailsStore() {
  const kept = new Map<string, ScanDetails>();
  return {
    keep: (scan: Scan, crops: readonly KeptCrop[]) => {
      kept.delete(scan.scanId);
      kept.set(scan.scanId, { scan, crops });
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT_SCANS && oldest !== undefined) kept.delete(oldest);
    },
    get: (scanId: string) => kept.get(scanId) ?? null,
    /** Drops the scans of a private window's tab; the details page still shows other tabs' scans. */
    forgetPrivate: (tabId: number) => {
      for (const [scanId, { scan }] of kept) {
        if (scan.isPrivate && scan.tabId === tabId) kept.delete(scanId);
      }
    },
  };
}
