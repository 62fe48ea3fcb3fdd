import { isFinal } from '../../utils/domain/scan.ts';
import type { ScanState } from '../../utils/domain/scan.ts';
import type { AutomaticOutcome } from '../../utils/browser/frame-world.ts';

/**
 * Who began a check: the user, or the badges of a site. The badge of an automatic check is the product's "quiet badge":
 * it appears with its verdict only, makes room for the page's own controls, and is not read out.
 */
export type Manner = 'by-hand' | 'automatic';

/** The facts of one video's check that decisions depend on. */
export type CheckStatus = {
  readonly manner: Manner;
  /** The state that the badge shows; null while the check has no badge. */
  readonly shown: ScanState | null;
};

/** The answer to a request for a check. */
export type RequestDecision =
  | 'start'
  /** Ends the present check, and starts the one that was asked for. */
  | 'replace'
  /** Starts another scan under the same badge. */
  | 'scan-again'
  | 'open-badge'
  | 'refuse';

/**
 * Decides what a request for a check does.
 * @param manner of the check that is asked for
 * @param present the video's check; null if it has none
 */
export function decideOnRequest(manner: Manner, present: CheckStatus | null): RequestDecision {
  if (present === null) return 'start';
  if (present.manner === 'automatic') return 'replace';
  // The user's own check says more than an automatic one.
  if (manner === 'automatic') return 'refuse';
  return hasEnded(present) ? 'scan-again' : 'open-badge';
}

export type CheckEvent =
  /** The page puts another video into the element. */
  | 'video-replaced'
  /** The user leaves the page, which the browser may keep for "back". */
  | 'page-left'
  | 'badge-dismissed'
  /** The element has left the page. */
  | 'video-removed';

export type EventDecision =
  | 'keep'
  /** Stops the scan, and keeps its badge. */
  | 'cancel-scan'
  | 'end'
  /** Ends a check that may be asked for again. */
  | 'end-for-now';

export function decideOnEvent(check: CheckStatus, event: CheckEvent): EventDecision {
  const isByHand = check.manner === 'by-hand';
  switch (event) {
    case 'video-replaced':
      // A running scan by hand notices the change itself, and its badge says so.
      return isByHand && !hasEnded(check) ? 'keep' : 'end';
    case 'page-left':
      // The browser closes the ports of a page that it keeps, which a scan must not take for a failure of the host.
      if (isByHand) return 'cancel-scan';
      return check.shown === null ? 'end-for-now' : 'keep';
    case 'badge-dismissed':
      return 'end';
    case 'video-removed':
      // Lists take elements out and put them back with the same video, which then gets its badge again.
      return isByHand ? 'end' : 'end-for-now';
  }
}

/**
 * What an automatic check does with its final state: it shows a badge, or ends without one. An automatic check shows no
 * failure, since the user has not asked for it; a check that may succeed later is made again.
 */
export function automaticOutcome(state: ScanState): 'shown' | AutomaticOutcome {
  switch (state.kind) {
    case 'finished': {
      const { verdict } = state.report;
      if (verdict.kind !== 'refused') return 'shown';
      switch (verdict.reason) {
        case 'too-few-frames':
          return 'failed';
        case 'model-missing':
          return 'later';
        case 'no-face':
        case 'face-too-small':
        case 'face-turned':
          return 'shown';
        default:
          // The browser does not let the extension read the video. On such a site every video would get the same badge.
          return 'done';
      }
    }
    case 'failed':
      return state.code === 'model-invalid' || state.code === 'internal' ? 'done' : 'failed';
    case 'cancelled':
    case 'waiting':
    case 'loading-model':
    case 'running':
      return 'done';
  }
}

function hasEnded({ shown }: CheckStatus): boolean {
  return shown !== null && isFinal(shown);
}
