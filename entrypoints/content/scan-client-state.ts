import type { HostToContent } from '../../utils/domain/frames-port.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { EvidenceFace, ScanState } from '../../utils/domain/scan.ts';

/** The state of one scan's client. */
export type ScanClientState = {
  readonly scan: ScanState;
  /** Comes with a finished state: up to six faces, most telling first. */
  readonly evidence: readonly EvidenceFace[];
  /** Where the host takes the frames from. */
  readonly source: FrameSourceKind;
  /** The host has begun this scan: it waits for no other one. */
  readonly isTurn: boolean;
  readonly hasBegunFrames: boolean;
  readonly framesSent: number;
  /** Only for an automatic check: the video is out of sight or paused. */
  readonly isHeld: boolean;
  /** Nothing is sent and nothing is shown any more. */
  readonly isOver: boolean;
};

export type ScanClientEvent =
  | { readonly kind: 'host-says'; readonly message: HostToContent }
  | { readonly kind: 'frames-begun' | 'frame-sent' | 'abandoned' }
  | { readonly kind: 'held'; readonly isHeld: boolean }
  /** The client ended the scan: the user cancelled it, or the client has lost the video or the host. */
  | { readonly kind: 'ended'; readonly state: ScanState };

export const INITIAL_SCAN_CLIENT: ScanClientState = {
  scan: { kind: 'loading-model' },
  evidence: [],
  source: 'element',
  isTurn: false,
  hasBegunFrames: false,
  framesSent: 0,
  isHeld: false,
  isOver: false,
};

/** After the end nothing changes. */
export function reduceScanClient(state: ScanClientState, event: ScanClientEvent): ScanClientState {
  if (state.isOver) return state;
  switch (event.kind) {
    case 'host-says':
      return afterMessage(state, event.message);
    case 'frames-begun':
      return { ...state, hasBegunFrames: true };
    case 'frame-sent':
      return { ...state, framesSent: state.framesSent + 1 };
    case 'abandoned':
      return { ...state, isOver: true };
    case 'held':
      return { ...state, isHeld: event.isHeld };
    case 'ended':
      return { ...state, scan: event.state, evidence: [], isOver: true };
    default:
      return event satisfies never;
  }
}

function afterMessage(state: ScanClientState, message: HostToContent): ScanClientState {
  switch (message.type) {
    case 'state':
      return {
        ...state,
        scan: message.state,
        evidence: message.evidence,
        isTurn: state.isTurn || message.state.kind !== 'waiting',
        isOver: isFinal(message.state),
      };
    case 'source':
      return { ...state, source: message.source };
    case 'find-place':
    case 'look':
    case 'cut':
    case 'frame-done':
      return state;
    default:
      return message satisfies never;
  }
}

/** While the video waits for others, nothing is sent: the frames would be old by the scan's turn. */
export function mayBeginFrames(state: ScanClientState): boolean {
  return state.isTurn && state.source === 'element' && !state.hasBegunFrames && !state.isOver;
}
