import type { KeptCrop } from '../scan/scan-record.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import type { ScanDetails } from '../../utils/domain/scan.ts';

/** Each with at most 60 crops of 224²: 48 MB in all. */
const MAX_KEPT_SCANS = 4;

/** What the host still remembers of the last scans. In memory only: pictures of faces are not written anywhere. */
export type DetailsStore = {
  readonly keep: (scan: Scan, crops: readonly KeptCrop[]) => void;
  readonly get: (scanId: string) => ScanDetails | null;
  /** Drops what a private window's tab has left; other tabs' scans stay, for the details page. */
  readonly forgetPrivate: (tabId: number) => void;
};

export function createDetailsStore(): DetailsStore {
  const kept = new Map<string, ScanDetails>();
  return {
    keep: (scan, crops) => {
      kept.delete(scan.scanId);
      kept.set(scan.scanId, { scan, crops });
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT_SCANS && oldest !== undefined) kept.delete(oldest);
    },
    get: (scanId) => kept.get(scanId) ?? null,
    forgetPrivate: (tabId) => {
      for (const [scanId, { scan }] of kept) {
        if (scan.isPrivate && scan.tabId === tabId) kept.delete(scanId);
      }
    },
  };
}
