import { isFinal } from '../../utils/domain/scan.ts';
import type { ScanState } from '../../utils/domain/scan.ts';

/** The popup's progress bar needs no more; every report wakes the service worker and writes to the session's storage. */
const INTERVAL_MILLISECONDS = 250;

/**
 * Passes a scan's states on, those of progress at most four a second; the latest always arrives. After a final state
 * nothing does.
 */
export function createStateReporter(report: (state: ScanState) => void): (state: ScanState) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasEnded = false;
  let latestKind: ScanState['kind'] | undefined;

  const pass = (state: ScanState): void => {
    reportedAt = performance.now();
    report(state);
  };

  return (state) => {
    if (hasEnded) return;
    hasEnded = isFinal(state);
    clearTimeout(timer);
    const wait = reportedAt + INTERVAL_MILLISECONDS - performance.now();
    const isProgress = state.kind === 'running' && latestKind === 'running';
    latestKind = state.kind;
    if (isProgress && wait > 0) timer = setTimeout(() => pass(state), wait);
    else pass(state);
  };
}
