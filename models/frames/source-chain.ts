import type { UnreadableReason } from '../../utils/domain/content-messages.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';
import { UNREADABLE } from './frame-source.ts';
import type { FrameSource, FrameSourceEnd, UncutFrame } from './frame-source.ts';

/** A source that may be used. It is opened if the sources before it gave no frame. */
export type PossibleSource = {
  readonly kind: FrameSourceKind;
  readonly open: () => FrameSource<UncutFrame>;
  /** Whether it could give a frame where the source before gave none. Left out where it always may. */
  readonly isWorthTrying?: () => boolean;
};

/** The refusal with the highest number is reported: it explains best why nothing could be read. */
const TELLING: Readonly<Record<UnreadableReason, number>> = {
  unreadable: 0,
  'canvas-noise': 1,
  protected: 2,
};

/**
 * One source out of several: where one gives no frame at all, the next is opened. All frames of a scan come from one source,
 * so that no verdict mixes two.
 * @param sources preferred first; without any the picture is unreadable
 */
export function createSourceChain(sources: readonly PossibleSource[]) {
  let at = 0;
  let current = sources[0]?.open();
  let hasFrame = false;
  let isForeign = false;
  let reason: UnreadableReason = 'unreadable';
  let ending: FrameSourceEnd | null = current === undefined ? UNREADABLE : null;

  return {
    get kind() {
      return current?.kind ?? 'source';
    },
    nextFrame: async (signal: AbortSignal): Promise<UncutFrame | null> => {
      while (ending === null && current !== undefined) {
        const frame = await current.nextFrame(signal);
        if (frame !== null) {
          hasFrame = true;
          return frame;
        }
        const end = current.ending() ?? { kind: 'end' };
        if (end.kind !== 'refused') {
          ending = end;
          break;
        }
        isForeign ||= end.isForeign;
        if (TELLING[end.reason] > TELLING[reason]) reason = end.reason;
        const following = sources[at + 1];
        // If a video is copy-protected, it is so for every source.
        if (
          hasFrame ||
          following === undefined ||
          following.isWorthTrying?.() === false ||
          end.reason === 'protected'
        ) {
          ending = { ...end, reason };
          break;
        }
        current.close();
        at++;
        current = following.open();
      }
      return null;
    },
    // The current source may end while one of its frames is cut.
    ending: (): FrameSourceEnd | null => ending ?? (hasFrame ? (current?.ending() ?? null) : null),
    /** The source that gave the frames; null where there was none. */
    kindUsed: (): FrameSourceKind | null => (hasFrame ? (sources[at]?.kind ?? null) : null),
    /** Whether there was a picture that could not be read because it is of another origin. */
    wasForeign: () => isForeign,
    close: () => current?.close(),
  };
}
