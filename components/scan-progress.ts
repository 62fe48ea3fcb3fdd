import { isDemoReport } from './report/verdict-words.ts';
import { isFinal } from '../utils/domain/scan.ts';
import type { ScanState } from '../utils/domain/scan.ts';

/** Whether a check is under way, so that the user can cancel it. @param state null where there was no check */
export function isWorking(state: ScanState | null): boolean {
  return state !== null && !isFinal(state);
}

/** Whether a stand-in network judged: every view is marked then. */
export function isDemoState(state: ScanState | null): boolean {
  return state?.kind === 'finished' && isDemoReport(state.report);
}

/** The scanned share of the frames, 0 to 1; null where no check is under way. */
export function progressOf(state: ScanState): number | null {
  if (!isWorking(state)) return null;
  if (state.kind !== 'running' || state.framesAsked <= 0 || !Number.isFinite(state.framesAsked)) return 0;
  return Math.min(1, state.framesScanned / state.framesAsked);
}
