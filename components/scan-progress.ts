import { isFinal } from '../utils/domain/scan.ts';
import type { ScanState } from '../utils/domain/scan.ts';

/** Whether a check goes on: there is something to cancel, and nothing to check again. null where there was none. */
export function isWorking(state: ScanState | null): boolean {
  return state !== null && !isFinal(state);
}

/** Whether a stand-in network judged: every view is marked then. */
export function isDemoState(state: ScanState | null): boolean {
  return state?.kind === 'finished' && state.report.used.model?.isDemo === true;
}

/** The ring's share, 0 to 1, by real counts of frames; null where nothing goes on. */
export function progressOf(state: ScanState): number | null {
  if (!isWorking(state)) return null;
  if (state.kind !== 'running' || state.framesAsked <= 0 || !Number.isFinite(state.framesAsked)) return 0;
  return Math.min(1, state.framesScanned / state.framesAsked);
}
