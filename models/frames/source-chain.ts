import type { ScanChannel } from '../scan/channel.ts';
import type { UnreadableReason } from '../../utils/domain/frames-port.ts';
import type { Way } from './local-frames.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';

/** A way that may be taken: opened when its turn comes. */
export type PossibleWay = { readonly way: FrameSourceKind; readonly open: () => Way };

export type FrameWays = ScanChannel & {
  /** By which the frames came; null where none came. */
  readonly wayUsed: () => FrameSourceKind | null;
  /** Whether a picture was there that only another origin's rules keep from being read. */
  readonly wasForeign: () => boolean;
  /** As of {@link Way}. */
  readonly rest: () => void;
  readonly release: () => void;
};

/** Which refusal says most about why nothing could be read. */
const TELLING: Readonly<Record<UnreadableReason, number>> = {
  unreadable: 0,
  'canvas-noise': 1,
  protected: 2,
};

/**
 * One channel over the ways to get a video's frames: where one can't give a single frame the next is taken. A scan's
 * frames all come one way, so that no verdict mixes two.
 * @param ways at least one, most wanted first
 */
export function createFrameWays(ways: readonly PossibleWay[]): FrameWays {
  let at = 0;
  let current = ways[0]!.open();
  let hasFrame = false;
  let isForeign = false;
  let reason: UnreadableReason = 'unreadable';

  return {
    post: (message) => current.post(message),
    next: async (timeoutMilliseconds, signal) => {
      for (;;) {
        const message = await current.next(timeoutMilliseconds, signal);
        if (message?.type === 'frame') hasFrame = true;
        if (message?.type !== 'refuse') return message;
        isForeign ||= message.isForeign === true;
        if (TELLING[message.reason] > TELLING[reason]) reason = message.reason;
        const following = ways[at + 1];
        // What is copy-protected is so whichever way one looks.
        if (hasFrame || following === undefined || message.reason === 'protected') {
          return { ...message, reason };
        }
        current.release();
        at++;
        current = following.open();
      }
    },
    wayUsed: () => (hasFrame ? ways[at]!.way : null),
    wasForeign: () => isForeign,
    rest: () => current.rest(),
    release: () => current.release(),
  };
}
