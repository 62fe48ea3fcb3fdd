import type { ScanState } from '../utils/domain/scan.ts';

/** Whether a check is under way and can be cancelled. */
export function isWorking(state: ScanState | null): boolean {
  switch (state?.kind) {
    case 'waiting':
    case 'loading-model':
    case 'running':
      return true;
    case 'finished':
    case 'cancelled':
    case 'failed':
    case undefined:
      return false;
  }
}
