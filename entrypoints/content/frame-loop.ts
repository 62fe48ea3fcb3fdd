import { trusted } from '../../utils/browser/dom.ts';
import { durationOf } from './describe-video.ts';
import {
  decideOnFrame,
  decideOnTick,
  initialSampling,
  millisecondsUntilDue,
  reduceSampling,
} from './sampling-policy.ts';
import type { SampledVideo, SamplingEvent } from './sampling-policy.ts';

export type FrameLoopDeps = {
  readonly video: HTMLVideoElement;
  /** From 1; null for as many as the video has to give. */
  readonly framesAsked: number | null;
  /** Takes the frame that the video shows. `not-ready`: try the next frame. `stop`: take no more. */
  readonly take: (mediaTimeSeconds: number) => Promise<'taken' | 'not-ready' | 'stop'>;
  /** No more frames come. `isStill`: there was one picture only, which was taken. */
  readonly onEnd: (framesTaken: number, isStill: boolean) => void;
  /** The element has left the page, or now plays another video. */
  readonly onVideoGone: () => void;
};

export type FrameLoop = {
  /** Starts taking frames. */
  readonly begin: () => void;
  /** The host has finished with the frame, so the next one may be taken. */
  readonly frameDone: () => void;
};

/** The time of one frame at 25 a second: a shorter wait needs no timer. */
const MIN_DELAY_MILLISECONDS = 40;
/** Stalls, pauses and removals are noticed within this time. */
const TICK_MILLISECONDS = 250;

/**
 * Takes frames of a video as the sampling policy decides, one at a time. While one is in flight none is taken. It ends with the
 * scan's signal.
 */
export function createFrameLoop(deps: FrameLoopDeps, signal: AbortSignal): FrameLoop {
  const { video, framesAsked } = deps;
  let state = initialSampling(sampled(video), framesAsked);
  let callback: number | null = null;
  let dueTimer: ReturnType<typeof setTimeout> | undefined;
  const loop = new AbortController();
  const stopped = AbortSignal.any([signal, loop.signal]);

  const dispatch = (event: SamplingEvent): void => {
    state = reduceSampling(state, event, framesAsked);
  };
  const framesTaken = (): number => state.progress.takenMediaTimesSeconds.length;

  const end = (): void => {
    // A picture that never changes (a loop of one frame) causes no callback, but can be taken.
    if (framesTaken() === 0 && !state.isStill && hasPicture(video)) {
      dispatch({ kind: 'found-still', video: sampled(video) });
      takeFrame(video.currentTime, close);
      return;
    }
    close();
  };

  const close = (): void => {
    if (stopped.aborted) return;
    loop.abort();
    deps.onEnd(framesTaken(), state.isStill);
  };

  /**
   * Takes the present frame.
   * @param onNotReady called if the video had no frame to take
   */
  const takeFrame = (mediaTimeSeconds: number, onNotReady: () => void): void => {
    dispatch({ kind: 'taking' });
    deps.take(mediaTimeSeconds).then(
      (outcome) => {
        if (stopped.aborted) return;
        switch (outcome) {
          case 'taken':
            dispatch({ kind: 'taken', mediaTimeSeconds, nowMilliseconds: performance.now() });
            return;
          case 'not-ready':
            dispatch({ kind: 'not-ready' });
            onNotReady();
            return;
          case 'stop':
            loop.abort();
            return;
        }
      },
      (error: unknown) => {
        // The browser reports the error; the scan ends with the frames that it has.
        close();
        throw error;
      },
    );
  };

  // Waits for the next presented frame: right after `loadeddata` there is nothing to draw. Until a frame is due no
  // callback is requested, since a callback for each presented frame is most of the cost of waiting.
  const awaitFrame = (): void => {
    if (stopped.aborted || state.isInFlight || callback !== null) return;
    clearTimeout(dueTimer);
    const delay = millisecondsUntilDue(state.plan, state.progress, performance.now());
    if (delay >= MIN_DELAY_MILLISECONDS) {
      dueTimer = setTimeout(awaitFrame, delay);
      return;
    }
    callback = video.requestVideoFrameCallback((_, { mediaTime }) => {
      callback = null;
      // The frame of the paused video was taken meanwhile, and the video plays again.
      if (stopped.aborted || state.isInFlight) return;
      const decision = decideOnFrame(state.plan, state.progress, performance.now(), mediaTime);
      if (decision.kind === 'end') end();
      else if (decision.kind === 'take') takeFrame(mediaTime, awaitFrame);
      awaitFrame();
    });
  };

  const tick = (): void => {
    dispatch({ kind: 'tick', isConnected: video.isConnected });
    if (state.ticksDetached > 1) {
      loop.abort();
      deps.onVideoGone();
      return;
    }
    if (state.isInFlight) return;
    // A broken file gives no further frames.
    if (video.error !== null) {
      end();
      return;
    }
    const now = performance.now();
    const { plan, progress, isStill } = state;
    // A video whose picture does not change causes no callback, so its one frame is taken here.
    const isWithinPatience = now - progress.readySinceMilliseconds <= plan.patienceMilliseconds;
    if (isStill && framesTaken() === 0 && isWithinPatience) {
      takeFrame(video.currentTime, () => undefined);
      return;
    }
    if (decideOnTick(plan, progress, now, video.ended).kind === 'end') end();
  };

  // The page puts another video into the element (HTML, "media element load algorithm"). This counts even while only
  // the host is still at work: its verdict must not be shown on the next video.
  video.addEventListener('emptied', trusted(deps.onVideoGone), { signal });
  // The loop watches for this from its creation on: the video may be taken away while the host reads its file or the
  // screen, or works on other scans.
  const timer = setInterval(tick, TICK_MILLISECONDS);
  stopped.addEventListener('abort', () => {
    clearInterval(timer);
    clearTimeout(dueTimer);
    if (callback !== null) video.cancelVideoFrameCallback(callback);
  });

  return {
    begin: () => {
      dispatch({ kind: 'begun', video: sampled(video), nowMilliseconds: performance.now() });
      if (state.isStill) tick();
      else awaitFrame();
    },
    frameDone: () => {
      const now = performance.now();
      dispatch({ kind: 'frame-done', video: sampled(video), nowMilliseconds: now });
      const isOver =
        !stopped.aborted && decideOnTick(state.plan, state.progress, now, video.ended).kind === 'end';
      if (isOver) end();
      else awaitFrame();
    },
  };
}

/** Whether a frame can come without an action of the user. If not, the scan need not wait. */
export function canShowPicture(video: HTMLVideoElement): boolean {
  if (video.error !== null) return false;
  // Sound alone, in a video element.
  if (video.readyState >= video.HAVE_METADATA && video.videoWidth === 0) return false;
  // Nothing is loaded and nothing is loading: only the user's play button can change that.
  return hasPicture(video) || !video.paused || video.networkState === video.NETWORK_LOADING;
}

function hasPicture(video: HTMLVideoElement): boolean {
  return video.readyState >= video.HAVE_CURRENT_DATA;
}

function sampled(video: HTMLVideoElement): SampledVideo {
  return {
    durationSeconds: durationOf(video),
    mediaTimeSeconds: video.currentTime,
    playbackRate: video.playbackRate,
    isLooping: video.loop,
    isStill: hasPicture(video) && (video.paused || video.ended),
  };
}
