import type { AutomaticCheck, AutomaticChecks, AutomaticOutcome } from '../../utils/browser/frame-world.ts';
import { decideOnVideo, HOLD_MILLISECONDS } from './video-policy.ts';
import type { VideoPhase, VideoSight } from './video-policy.ts';
import { PAUSE_MILLISECONDS } from '../../utils/domain/badge-settings.ts';

/** Every twentieth of a video's area: of one that is much larger than the viewport each counts. */
const THRESHOLDS = Array.from({ length: 21 }, (_, index) => index / 20);
/** A video is worth another try this often, where its check did not come to an end. */
const MAX_TRIES = 3;
/** After the first failure, twice as long after the second: the host that was lost has to start anew. */
const RETRY_MILLISECONDS = 5000;

type Watched = {
  readonly video: HTMLVideoElement;
  readonly life: AbortController;
  phase: VideoPhase;
  seen: Pick<VideoSight, 'visibleShare' | 'widthPixels' | 'heightPixels'>;
  timer: ReturnType<typeof setTimeout> | undefined;
  goneTimer: ReturnType<typeof setTimeout> | undefined;
  check: AutomaticCheck | null;
  /** Counts the videos that the element has had: what was begun for one must not end up on the next. */
  turn: number;
  tries: number;
};

export type VideoWatch = {
  readonly add: (video: HTMLVideoElement) => void;
  /** What kept videos from being checked may be over. */
  readonly lookAgain: () => void;
};

/**
 * Watches the videos that have played, and has them checked as video-policy.ts says. A video that is out of sight, paused
 * or checked costs nothing: its observers and listeners wait.
 */
export function createVideoWatch(
  deps: {
    /** The content script's; it is put there with the first video. null where the page has none. */
    readonly checks: () => Promise<AutomaticChecks | null>;
    readonly isAlive: () => boolean;
    /** What is left of the user's pause; null where there is none, or none with an end. */
    readonly pauseLeft: () => Promise<number | null>;
    readonly onExtensionGone: () => void;
  },
  signal: AbortSignal,
): VideoWatch {
  const watched = new Map<HTMLVideoElement, Watched>();

  const intersections = new IntersectionObserver(
    (entries) => {
      for (const { target, intersectionRect, boundingClientRect } of entries) {
        const known = watched.get(target as HTMLVideoElement);
        if (known === undefined) continue;
        const { width, height } = boundingClientRect;
        const couldBeSeen = Math.min(width * height, innerWidth * innerHeight);
        known.seen = {
          visibleShare:
            couldBeSeen === 0 ? 0 : (intersectionRect.width * intersectionRect.height) / couldBeSeen,
          widthPixels: width,
          heightPixels: height,
        };
        if (known.video.isConnected) decide(known);
        else noticeRemoval(known);
      }
    },
    { threshold: THRESHOLDS },
  );
  // A video that grows in full sight crosses no edge; observed anew, it is told of with its size (Intersection Observer,
  // "observe"). And one that is removed far out of sight crosses none either, but loses its size.
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      intersections.unobserve(target);
      intersections.observe(target);
    }
  });

  const decide = (known: Watched): void => {
    if (signal.aborted) return;
    if (!deps.isAlive()) {
      deps.onExtensionGone();
      return;
    }
    clearTimeout(known.timer);
    const { phase, action, againInMilliseconds } = decideOnVideo(
      known.phase,
      sightOf(known),
      performance.now(),
    );
    known.phase = phase;
    if (againInMilliseconds !== null) known.timer = setTimeout(() => decide(known), againInMilliseconds);
    switch (action) {
      case 'start':
        void start(known);
        return;
      case 'hold':
        known.check?.hold(true);
        return;
      case 'resume':
        known.check?.hold(false);
        return;
      case 'end':
        known.check?.end();
        known.check = null;
        return;
      case 'none':
    }
  };

  const start = async (known: Watched): Promise<void> => {
    const { turn } = known;
    // A video that plays on in sight gives no other occasion to try again than a timer.
    const onEnd = (outcome: AutomaticOutcome): void => {
      if (known.turn !== turn) return;
      known.check = null;
      clearTimeout(known.timer);
      if (outcome === 'failed') known.tries++;
      known.phase = { kind: outcome === 'done' || known.tries >= MAX_TRIES ? 'done' : 'idle' };
      if (outcome === 'later') void tryAfterPause(known);
      if (outcome === 'failed' && known.phase.kind === 'idle') {
        known.timer = setTimeout(() => decide(known), RETRY_MILLISECONDS * known.tries);
      }
    };
    let checks: AutomaticChecks | null;
    try {
      checks = await deps.checks();
    } catch {
      // The background does not answer: it is being updated, and this script with it, or the page is closed to it.
      onEnd('failed');
      return;
    }
    // Meanwhile it may have gone out of sight, or have got another video.
    if (signal.aborted || known.turn !== turn) return;
    if (known.phase.kind !== 'checking') {
      known.phase = { kind: 'idle' };
      return;
    }
    known.check = checks?.start(known.video, onEnd) ?? null;
    // A check that could end at once, in `start` itself, has said so already.
    if (known.check === null) onEnd('done');
  };

  const tryAfterPause = async (known: Watched): Promise<void> => {
    const { turn } = known;
    const milliseconds = await deps.pauseLeft().catch(() => null);
    if (milliseconds === null || signal.aborted || known.turn !== turn || known.phase.kind !== 'idle') return;
    clearTimeout(known.timer);
    known.timer = setTimeout(() => decide(known), Math.min(milliseconds, PAUSE_MILLISECONDS));
  };

  /** Another video takes its place in the element: all that was known was of the last one. */
  const forgetVideo = (known: Watched): void => {
    known.check?.end();
    known.check = null;
    clearTimeout(known.timer);
    known.phase = { kind: 'idle' };
    known.turn++;
    known.tries = 0;
  };

  const noticeRemoval = (known: Watched): void => {
    // Players are taken out and put back elsewhere; until it is back in sight it is held, and in the end it is ended.
    known.seen = { ...known.seen, visibleShare: 0 };
    decide(known);
    // What is known here would keep its whole tree in memory. Should it come back later, it comes as another.
    clearTimeout(known.goneTimer);
    known.goneTimer = setTimeout(() => {
      if (!known.video.isConnected) drop(known);
    }, HOLD_MILLISECONDS);
  };

  const drop = (known: Watched): void => {
    forgetVideo(known);
    clearTimeout(known.goneTimer);
    known.life.abort();
    sizes.unobserve(known.video);
    intersections.unobserve(known.video);
    watched.delete(known.video);
  };

  /** Feeds throw elements away without a word where these are out of sight. */
  const dropRemoved = (): void => {
    for (const known of watched.values()) {
      if (!known.video.isConnected && known.check === null) drop(known);
    }
  };

  const lookAgain = (): void => {
    for (const known of watched.values()) decide(known);
  };

  document.addEventListener('visibilitychange', lookAgain, { signal });
  signal.addEventListener('abort', () => {
    intersections.disconnect();
    sizes.disconnect();
    for (const known of watched.values()) drop(known);
  });

  return {
    lookAgain,
    add: (video) => {
      const known = watched.get(video);
      if (known !== undefined) {
        decide(known);
        return;
      }
      dropRemoved();
      const life = new AbortController();
      const added: Watched = {
        video,
        life,
        phase: { kind: 'idle' },
        seen: { visibleShare: 0, widthPixels: 0, heightPixels: 0 },
        timer: undefined,
        goneTimer: undefined,
        check: null,
        turn: 0,
        tries: 0,
      };
      watched.set(video, added);
      const options = { passive: true, signal: life.signal } as const;
      for (const type of ['pause', 'ended']) video.addEventListener(type, () => decide(added), options);
      // HTML's media element load algorithm.
      video.addEventListener('emptied', () => forgetVideo(added), options);
      intersections.observe(video);
      sizes.observe(video);
    },
  };
}

function sightOf({ video, seen }: Watched): VideoSight {
  return {
    ...seen,
    isPlaying:
      document.visibilityState === 'visible' &&
      !video.paused &&
      !video.ended &&
      video.readyState >= video.HAVE_CURRENT_DATA,
  };
}
