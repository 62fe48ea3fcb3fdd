import { isFinal } from '../../utils/domain/scan.ts';
import type { ScanState } from '../../utils/domain/scan.ts';

/** Often enough for the popup's progress bar; every report wakes the service worker and writes to session storage. */
const INTERVAL_MILLISECONDS = 250;

/**
 * Passes a scan's states on, states of progress at most four times a second. The latest state always arrives, and no state
 * follows a final one.
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
