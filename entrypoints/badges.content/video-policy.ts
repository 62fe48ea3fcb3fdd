/**
 * Decides when a playing video is worth an automatic check. Pure: the visible part of the video and the time come in, a
 * decision goes out.
 */

/** The state of one video now. */
export type VideoSight = {
  readonly isPlaying: boolean;
  /** The visible part of the element, or of the viewport if the element is larger; 0 to 1. */
  readonly visibleShare: number;
  /** The element's size in CSS pixels. */
  readonly widthPixels: number;
  readonly heightPixels: number;
};

export type VideoPhase =
  /** The video is not worth a check now. */
  | { readonly kind: 'idle' }
  /** The video has been worth a check since then, by `performance.now()`. */
  | { readonly kind: 'settling'; readonly sinceMilliseconds: number }
  | { readonly kind: 'checking' }
  /** The video is out of sight or paused during its check. */
  | { readonly kind: 'held'; readonly sinceMilliseconds: number }
  /** The check is over until another video is in the element. */
  | { readonly kind: 'done' };

export type VideoDecision = {
  readonly phase: VideoPhase;
  readonly action: 'none' | 'start' | 'hold' | 'resume' | 'end';
  /** When to decide again if nothing changes; null if only a change can matter. */
  readonly againInMilliseconds: number | null;
};

/** A user who scrolls past has left the video behind after less time than this. */
export const SETTLE_MILLISECONDS = 1000;
/** A video that stays out of sight longer loses its check, and other videos get its place in the queue. */
export const HOLD_MILLISECONDS = 15_000;
/** "Mostly visible". */
const MIN_VISIBLE_SHARE = 0.6;
/** Thumbnails and previews in lists are 120 to 180 pixels high or less; players in feeds are larger. */
const MIN_SHORT_SIDE_PIXELS = 160;
const MIN_LONG_SIDE_PIXELS = 240;

export function isWorthChecking({ isPlaying, visibleShare, widthPixels, heightPixels }: VideoSight): boolean {
  return (
    isPlaying &&
    visibleShare >= MIN_VISIBLE_SHARE &&
    Math.min(widthPixels, heightPixels) >= MIN_SHORT_SIDE_PIXELS &&
    Math.max(widthPixels, heightPixels) >= MIN_LONG_SIDE_PIXELS
  );
}

/** @param now `performance.now()` */
export function decideOnVideo(phase: VideoPhase, sight: VideoSight, now: number): VideoDecision {
  const isWorth = isWorthChecking(sight);
  switch (phase.kind) {
    case 'idle':
      return isWorth
        ? waiting({ kind: 'settling', sinceMilliseconds: now }, SETTLE_MILLISECONDS)
        : staying(phase);
    case 'settling': {
      if (!isWorth) return staying({ kind: 'idle' });
      const left = phase.sinceMilliseconds + SETTLE_MILLISECONDS - now;
      return left > 0 ? waiting(phase, left) : acting({ kind: 'checking' }, 'start');
    }
    case 'checking':
      return isWorth
        ? staying(phase)
        : { ...waiting({ kind: 'held', sinceMilliseconds: now }, HOLD_MILLISECONDS), action: 'hold' };
    case 'held': {
      if (isWorth) return acting({ kind: 'checking' }, 'resume');
      const left = phase.sinceMilliseconds + HOLD_MILLISECONDS - now;
      return left > 0 ? waiting(phase, left) : acting({ kind: 'idle' }, 'end');
    }
    case 'done':
      return staying(phase);
  }
}

function staying(phase: VideoPhase): VideoDecision {
  return { phase, action: 'none', againInMilliseconds: null };
}

function waiting(phase: VideoPhase, againInMilliseconds: number): VideoDecision {
  return { phase, action: 'none', againInMilliseconds };
}

function acting(phase: VideoPhase, action: VideoDecision['action']): VideoDecision {
  return { phase, action, againInMilliseconds: null };
}
