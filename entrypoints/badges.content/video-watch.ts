import { listen, trusted, visibilityStateOf } from '../../utils/browser/dom.ts';
import type { AutomaticCheck, AutomaticChecks, AutomaticOutcome } from '../../utils/browser/frame-world.ts';
import { decideOnVideo, HOLD_MILLISECONDS } from './video-policy.ts';
import type { VideoPhase, VideoSight } from './video-policy.ts';
import { PAUSE_MILLISECONDS } from '../../utils/domain/automatic.ts';

/** Each twentieth of a video's area. A video much larger than the viewport needs them all. */
const THRESHOLDS = Array.from({ length: 21 }, (_, index) => index / 20);
/** How often a check that fails is made in all. */
const MAX_TRIES = 3;
/** After the first failure, and twice as long after the second: a lost host needs this time to start again. */
const RETRY_MILLISECONDS = 5000;

type Watched = {
  readonly video: HTMLVideoElement;
  readonly life: AbortController;
  phase: VideoPhase;
  seen: Pick<VideoSight, 'visibleShare' | 'widthPixels' | 'heightPixels'>;
  timer: ReturnType<typeof setTimeout> | undefined;
  goneTimer: ReturnType<typeof setTimeout> | undefined;
  check: AutomaticCheck | null;
  /** Numbers the videos of one element: the answer for one video must not be used for the next. */
  turn: number;
  tries: number;
};

export type VideoWatch = {
  readonly add: (video: HTMLVideoElement) => void;
  /** Decides on all videos anew, for example after the user's pause of badges. */
  readonly decideOnAll: () => void;
};

/**
 * Watches the videos that have played, and has them checked as video-policy.ts decides. A video that is out of sight, paused
 * or checked costs nothing, since its observers and listeners only wait.
 */
export function createVideoWatch(
  deps: {
    /**
     * The automatic checks of the content script, which the background injects for the first video; null if the frame
     * has none.
     */
    readonly checks: () => Promise<AutomaticChecks | null>;
    readonly isAlive: () => boolean;
    /** How long the user's pause lasts, in milliseconds; null without a pause, or for one without an end. */
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
  // A video that grows in full sight crosses no edge. Neither does one that the page removes far out of sight. Both
  // change their size, and an element that is observed anew is reported (Intersection Observer, "observe").
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
    // A video that plays on in sight causes no event, so that a timer has to try again.
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
      // The background does not answer: the extension is being updated, or the browser does not let it into the page.
      onEnd('failed');
      return;
    }
    // Meanwhile the video may have gone out of sight, or the element may have got another one.
    if (signal.aborted || known.turn !== turn) return;
    if (known.phase.kind !== 'checking') {
      known.phase = { kind: 'idle' };
      return;
    }
    known.check = checks?.start(known.video, onEnd) ?? null;
    // A video that was checked by hand needs no check.
    if (known.check === null) onEnd('done');
  };

  const tryAfterPause = async (known: Watched): Promise<void> => {
    const { turn } = known;
    const milliseconds = await deps.pauseLeft().catch(() => null);
    if (milliseconds === null || signal.aborted || known.turn !== turn || known.phase.kind !== 'idle') return;
    clearTimeout(known.timer);
    known.timer = setTimeout(() => decide(known), Math.min(milliseconds, PAUSE_MILLISECONDS));
  };

  /** The element has another video, so that the state of the last one no longer holds. */
  const forgetVideo = (known: Watched): void => {
    known.check?.end();
    known.check = null;
    clearTimeout(known.timer);
    known.phase = { kind: 'idle' };
    known.turn++;
    known.tries = 0;
  };

  const noticeRemoval = (known: Watched): void => {
    // Pages take players out and put them back elsewhere. The check is held for a while, and then ended.
    known.seen = { ...known.seen, visibleShare: 0 };
    decide(known);
    // The reference would keep the removed tree in memory. A video that comes back later counts as a new one.
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

  /** Feeds remove elements that are out of sight, which causes no event. */
  const dropRemoved = (): void => {
    for (const known of watched.values()) {
      if (!known.video.isConnected && known.check === null) drop(known);
    }
  };

  const decideOnAll = (): void => {
    for (const known of watched.values()) decide(known);
  };

  listen(document, 'visibilitychange', decideOnAll, { signal });
  signal.addEventListener('abort', () => {
    intersections.disconnect();
    sizes.disconnect();
    for (const known of watched.values()) drop(known);
  });

  return {
    decideOnAll,
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
      for (const type of ['pause', 'ended']) {
        video.addEventListener(
          type,
          trusted(() => decide(added)),
          options,
        );
      }
      // The browser empties an element before it loads another video (HTML, "media element load algorithm").
      video.addEventListener(
        'emptied',
        trusted(() => forgetVideo(added)),
        options,
      );
      intersections.observe(video);
      sizes.observe(video);
    },
  };
}

function sightOf({ video, seen }: Watched): VideoSight {
  return {
    ...seen,
    isPlaying:
      visibilityStateOf(document) === 'visible' &&
      !video.paused &&
      !video.ended &&
      video.readyState >= video.HAVE_CURRENT_DATA,
  };
}
