import type { KeptCrop } from '../scan/scan-record.ts';
import type { Scan, ScanDetails } from '../../utils/domain/scan.ts';

/** How many scans are kept. Each has at most 60 crops of 224²: 48 MB in all. */
const MAX_KEPT_SCANS = 4;

export type DetailsStore = ReturnType<typeof createDetailsStore>;

/** The details of the last scans, in memory only: pictures of faces are not written anywhere. */
export function createDetailsStore() {
  const kept = new Map<string, ScanDetails>();
  return {
    keep: (scan: Scan, crops: readonly KeptCrop[]) => {
      kept.delete(scan.scanId);
      kept.set(scan.scanId, { scan, crops });
      if (kept.size <= MAX_KEPT_SCANS) return;
      // Automatic scans are dropped first: a page with badges must not replace the scans that the user has asked for.
      const oldest =
        [...kept.values()].find((each) => each.scan.isAutomatic === true) ?? [...kept.values()][0];
      kept.delete(oldest!.scan.scanId);
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
