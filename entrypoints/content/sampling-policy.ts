/**
 * Decides when frames of a playing video are taken. Pure: the clock and the video's position come in, a decision goes
 * out. It never seeks: the frames are those that the user's playback shows. They spread over the coming seconds of
 * playback, dense at first for an early answer and wider apart later.
 */

/** The facts of the video when its scan begins. */
export type SampledVideo = {
  /** null for a live stream. */
  readonly durationSeconds: number | null;
  readonly mediaTimeSeconds: number;
  readonly playbackRate: number;
  readonly isLooping: boolean;
  /** Paused or at its end, with a picture to show. */
  readonly isStill: boolean;
};

export type SamplingPlan = {
  /** How many frames are wanted; null for as many as the video has to give. */
  readonly framesAsked: number | null;
  /** Each frame's earliest time after the scan's start; frames past the list's end are due at once. */
  readonly dueMilliseconds: readonly number[];
  /** How long to wait for the next frame before the scan ends with the frames that it has. */
  readonly patienceMilliseconds: number;
  /** Whether the scan ends when the video starts over. */
  readonly endsAtLoop: boolean;
};

/** The frames of the scan so far. Times are of the page's clock (`performance.now()`). */
export type SamplingProgress = {
  readonly startedAtMilliseconds: number;
  /** When the host had finished with the last frame; before the first frame, the scan's start. */
  readonly readySinceMilliseconds: number;
  /** When the last frame was taken; null before the first. */
  readonly lastTakenAtMilliseconds: number | null;
  /** In the order in which they were taken. */
  readonly takenMediaTimesSeconds: readonly number[];
};

/** One video's sampling, from the scan's beginning to its last frame. */
export type SamplingState = {
  readonly plan: SamplingPlan;
  readonly progress: SamplingProgress;
  /** The video is paused or at its end, with a picture to show: one frame is all that there is. */
  readonly isStill: boolean;
  /** A frame is being taken, or the host has not finished with it. Also true before `begun`: nothing is taken then. */
  readonly isInFlight: boolean;
  /** Ticks in a row at which the element was not in the page. */
  readonly ticksDetached: number;
};

/** Times are of the page's clock; `video` is as it is at the event. */
export type SamplingEvent =
  | { readonly kind: 'begun'; readonly video: SampledVideo; readonly nowMilliseconds: number }
  /** Copying a frame takes some time, in which no other frame may be taken. */
  | { readonly kind: 'taking' | 'not-ready' }
  | { readonly kind: 'taken'; readonly mediaTimeSeconds: number; readonly nowMilliseconds: number }
  /** The host has finished with the frame. */
  | { readonly kind: 'frame-done'; readonly video: SampledVideo; readonly nowMilliseconds: number }
  /** A playing video shows one picture only: its one frame is taken as that of a paused video. */
  | { readonly kind: 'found-still'; readonly video: SampledVideo }
  | { readonly kind: 'tick'; readonly isConnected: boolean };

/** @param framesAsked from 1; null for as many as the video has to give */
export function initialSampling(video: SampledVideo, framesAsked: number | null): SamplingState {
  return {
    plan: planSampling(video, framesAsked),
    progress: {
      startedAtMilliseconds: 0,
      readySinceMilliseconds: 0,
      lastTakenAtMilliseconds: null,
      takenMediaTimesSeconds: [],
    },
    isStill: video.isStill,
    isInFlight: true,
    ticksDetached: 0,
  };
}

/** @param framesAsked see {@link initialSampling} */
export function reduceSampling(
  state: SamplingState,
  event: SamplingEvent,
  framesAsked: number | null,
): SamplingState {
  const { progress } = state;
  switch (event.kind) {
    case 'begun':
      return {
        ...startedAt(state, event.nowMilliseconds),
        // The video may have been paused, or have ended, while the scan waited for others.
        isStill: event.video.isStill,
        plan: planSampling(event.video, framesAsked),
        isInFlight: false,
      };
    case 'taking':
      return { ...state, isInFlight: true };
    case 'not-ready':
      return { ...state, isInFlight: false };
    case 'taken':
      return {
        ...state,
        progress: {
          ...progress,
          lastTakenAtMilliseconds: event.nowMilliseconds,
          takenMediaTimesSeconds: [...progress.takenMediaTimesSeconds, event.mediaTimeSeconds],
        },
      };
    case 'frame-done': {
      const { nowMilliseconds } = event;
      if (progress.takenMediaTimesSeconds.length === 1 && !state.isStill) {
        // The first frame also waited for the network to be loaded. The plan for the others begins now.
        const plan = planSampling({ ...event.video, isStill: false }, framesAsked);
        return { ...startedAt(state, nowMilliseconds), plan, isInFlight: false };
      }
      return {
        ...state,
        progress: { ...progress, readySinceMilliseconds: nowMilliseconds },
        isInFlight: false,
      };
    }
    case 'found-still':
      return {
        ...state,
        isStill: true,
        plan: planSampling({ ...event.video, isStill: true }, framesAsked),
      };
    case 'tick':
      // A page that moves its player takes it out of the document and puts it back within one task.
      return { ...state, ticksDetached: event.isConnected ? 0 : state.ticksDetached + 1 };
    default:
      return event satisfies never;
  }
}

function startedAt(state: SamplingState, nowMilliseconds: number): SamplingState {
  return {
    ...state,
    progress: {
      ...state.progress,
      startedAtMilliseconds: nowMilliseconds,
      readySinceMilliseconds: nowMilliseconds,
    },
  };
}

export type SamplingDecision =
  | { readonly kind: 'take' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'end'; readonly reason: 'complete' | 'video-ended' | 'out-of-patience' };

/** A second of playback for each frame: 15 frames take 15 seconds, and neighbours differ enough to add something. */
const WINDOW_MILLISECONDS_PER_FRAME = 1000;
/** Due times grow with this power: of 15 frames the first four, which are enough for a verdict, come within 1.5 s. */
const SPREAD_POWER = 1.5;
/** Frames of a face that are closer in time are nearly the same picture. */
const MIN_GAP_MILLISECONDS = 100;
/**
 * The length of one frame at 50 per second. A frame that is closer to a taken one is the same frame again: in the
 * second turn of a loop, or after a step back.
 */
const MIN_MEDIA_GAP_SECONDS = 0.02;
/** How long a user waits for a stalled, paused or hidden video before the scan judges the frames that it has. */
const PATIENCE_MILLISECONDS = 20_000;
/**
 * A loop that brings no new frame in one whole turn has none left. This is the additional time for its decoder's start.
 */
const LOOP_GRACE_MILLISECONDS = 2000;
/** A scan of "as many as the video has to give" must end on a film, too. At ten frames a second this is a minute. */
export const MAX_FRAMES_OF_ALL = 600;
/** The lowest rate that browsers play. A rate of 0 or below would make the window infinite or negative. */
const MIN_PLAYBACK_RATE = 0.0625;

/** @param framesAsked from 1; null for as many as the video has to give */
export function planSampling(video: SampledVideo, framesAsked: number | null): SamplingPlan {
  if (video.isStill) {
    return {
      framesAsked: 1,
      dueMilliseconds: [0],
      patienceMilliseconds: PATIENCE_MILLISECONDS,
      endsAtLoop: false,
    };
  }
  const rate = Math.max(video.playbackRate, MIN_PLAYBACK_RATE);
  const loopMilliseconds =
    video.isLooping && video.durationSeconds !== null ? (1000 * video.durationSeconds) / rate : null;
  const patienceMilliseconds =
    loopMilliseconds === null
      ? PATIENCE_MILLISECONDS
      : Math.min(PATIENCE_MILLISECONDS, loopMilliseconds + LOOP_GRACE_MILLISECONDS);
  if (framesAsked === null) {
    return { framesAsked, dueMilliseconds: [], patienceMilliseconds, endsAtLoop: true };
  }
  const windowMilliseconds = Math.min(
    framesAsked * WINDOW_MILLISECONDS_PER_FRAME,
    loopMilliseconds ?? remainingMilliseconds(video, rate),
  );
  const dueMilliseconds = Array.from({ length: framesAsked }, (_, index) =>
    index === 0 ? 0 : windowMilliseconds * (index / framesAsked) ** SPREAD_POWER,
  );
  return { framesAsked, dueMilliseconds, patienceMilliseconds, endsAtLoop: false };
}

/** Decides about a frame that the browser has just presented, while no other is in flight. */
export function decideOnFrame(
  plan: SamplingPlan,
  progress: SamplingProgress,
  nowMilliseconds: number,
  mediaTimeSeconds: number,
): SamplingDecision {
  const taken = progress.takenMediaTimesSeconds;
  if (taken.length >= (plan.framesAsked ?? MAX_FRAMES_OF_ALL)) return { kind: 'end', reason: 'complete' };
  if (plan.endsAtLoop && hasStartedOver(taken, mediaTimeSeconds)) {
    return { kind: 'end', reason: 'video-ended' };
  }
  if (nowMilliseconds - progress.readySinceMilliseconds > plan.patienceMilliseconds) {
    return { kind: 'end', reason: 'out-of-patience' };
  }
  if (nowMilliseconds - progress.startedAtMilliseconds < (plan.dueMilliseconds[taken.length] ?? 0)) {
    return { kind: 'wait' };
  }
  if (plan.framesAsked !== null && isTooSoon(progress, nowMilliseconds)) return { kind: 'wait' };
  const isTaken = taken.some((time) => Math.abs(time - mediaTimeSeconds) < MIN_MEDIA_GAP_SECONDS);
  return isTaken ? { kind: 'wait' } : { kind: 'take' };
}

/**
 * How long no presented frame will be taken, in milliseconds from 0. The caller need not look at frames before then.
 */
export function millisecondsUntilDue(
  plan: SamplingPlan,
  progress: SamplingProgress,
  nowMilliseconds: number,
): number {
  // Where all frames are asked for, each one counts, and so does the first one of the loop's next turn.
  if (plan.framesAsked === null) return 0;
  const { takenMediaTimesSeconds: taken, startedAtMilliseconds, lastTakenAtMilliseconds: last } = progress;
  const due = startedAtMilliseconds + (plan.dueMilliseconds[taken.length] ?? 0);
  const afterGap = last === null ? 0 : last + MIN_GAP_MILLISECONDS;
  return Math.max(0, due - nowMilliseconds, afterGap - nowMilliseconds);
}

/** Decides without a frame, since time goes on while the video stalls, is paused, is hidden or has ended. */
export function decideOnTick(
  plan: SamplingPlan,
  progress: SamplingProgress,
  nowMilliseconds: number,
  isEnded: boolean,
): SamplingDecision {
  if (progress.takenMediaTimesSeconds.length >= (plan.framesAsked ?? MAX_FRAMES_OF_ALL)) {
    return { kind: 'end', reason: 'complete' };
  }
  if (isEnded) return { kind: 'end', reason: 'video-ended' };
  const isWithinPatience = nowMilliseconds - progress.readySinceMilliseconds <= plan.patienceMilliseconds;
  return isWithinPatience ? { kind: 'wait' } : { kind: 'end', reason: 'out-of-patience' };
}

function remainingMilliseconds(video: SampledVideo, rate: number): number {
  if (video.durationSeconds === null) return Number.POSITIVE_INFINITY;
  return (1000 * Math.max(0, video.durationSeconds - video.mediaTimeSeconds)) / rate;
}

function isTooSoon({ lastTakenAtMilliseconds }: SamplingProgress, nowMilliseconds: number): boolean {
  return lastTakenAtMilliseconds !== null && nowMilliseconds - lastTakenAtMilliseconds < MIN_GAP_MILLISECONDS;
}

/**
 * Whether a loop has played once: the position is past the first frame again, after it fell back. A scan that began in
 * the middle of a loop goes on through the part before its first frame.
 */
function hasStartedOver(taken: readonly number[], mediaTimeSeconds: number): boolean {
  const first = taken[0];
  const last = taken.at(-1);
  if (first === undefined || last === undefined) return false;
  const hasFallenBehind = taken.some((time, index) => index > 0 && time < taken[index - 1]!);
  return mediaTimeSeconds >= first - MIN_MEDIA_GAP_SECONDS && (hasFallenBehind || mediaTimeSeconds < last);
}
