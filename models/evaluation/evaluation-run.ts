import type { EvaluatedVideo, FailedVideo, PlannedVideo } from '../../utils/domain/evaluation.ts';

/** One video's place in a run. */
export type VideoState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'running'; readonly framesScanned: number; readonly framesAsked: number }
  | { readonly kind: 'done'; readonly evaluated: EvaluatedVideo }
  | { readonly kind: 'failed'; readonly failed: FailedVideo };

export type RunStatus = 'ready' | 'running' | 'paused' | 'cancelled' | 'finished';

/** A run over some videos. Each video is judged once, even if the run is interrupted. */
export type RunState = {
  readonly status: RunStatus;
  readonly videos: readonly PlannedVideo[];
  /** The states of videos, by path; a video without a state is pending. */
  readonly states: ReadonlyMap<string, VideoState>;
};

export type RunAction =
  /** Adds videos and the results that an earlier run has for them: these are not judged again. */
  | {
      readonly type: 'plan';
      readonly videos: readonly PlannedVideo[];
      readonly known: readonly EvaluatedVideo[];
    }
  | { readonly type: 'start' | 'pause' | 'cancel' }
  | {
      readonly type: 'progress';
      readonly path: string;
      readonly framesScanned: number;
      readonly framesAsked: number;
    }
  | { readonly type: 'done'; readonly evaluated: EvaluatedVideo }
  | { readonly type: 'failed'; readonly failed: FailedVideo }
  /** The scan was stopped before its end: the video is pending again. */
  | { readonly type: 'stopped'; readonly path: string }
  /** The user asks to judge the failed videos, or all videos, once more. */
  | { readonly type: 'again'; readonly which: 'failed' | 'all' };

const PENDING: VideoState = { kind: 'pending' };

export const NO_RUN: RunState = { status: 'ready', videos: [], states: new Map() };

export function reduceRun(run: RunState, action: RunAction): RunState {
  switch (action.type) {
    case 'plan': {
      const paths = new Set(action.videos.map(({ path }) => path));
      const states = action.known
        .filter(({ video }) => paths.has(video.path))
        .map((evaluated) => [evaluated.video.path, { kind: 'done', evaluated }] as const);
      return withStatus({ status: 'ready', videos: action.videos, states: new Map(states) });
    }
    case 'start':
      return withStatus({ ...run, status: 'running' });
    case 'pause':
      return run.status === 'running' ? { ...run, status: 'paused' } : run;
    case 'cancel':
      return run.status === 'finished' ? run : { ...run, status: 'cancelled' };
    case 'progress': {
      const { path, framesScanned, framesAsked } = action;
      return isEnded(stateOf(run, path))
        ? run
        : withState(run, path, { kind: 'running', framesScanned, framesAsked });
    }
    case 'done':
      return withState(run, action.evaluated.video.path, { kind: 'done', evaluated: action.evaluated });
    case 'failed':
      return withState(run, action.failed.video.path, { kind: 'failed', failed: action.failed });
    case 'stopped':
      return isEnded(stateOf(run, action.path)) ? run : withState(run, action.path, PENDING);
    case 'again': {
      const kept =
        action.which === 'all' ? [] : [...run.states].filter(([, state]) => state.kind !== 'failed');
      return { ...run, status: 'ready', states: new Map(kept) };
    }
    default:
      return action satisfies never;
  }
}

export function stateOf(run: RunState, path: string): VideoState {
  return run.states.get(path) ?? PENDING;
}

/** The next video that no engine has begun; null if there is none. */
export function nextPending(run: RunState): PlannedVideo | null {
  return run.videos.find(({ path }) => stateOf(run, path).kind === 'pending') ?? null;
}

export type RunCounts = {
  readonly all: number;
  readonly done: number;
  readonly failed: number;
  readonly running: number;
};

export function countRun(run: RunState): RunCounts {
  const kinds = [...run.states.values()].map(({ kind }) => kind);
  const countOf = (wanted: VideoState['kind']): number => kinds.filter((kind) => kind === wanted).length;
  return {
    all: run.videos.length,
    done: countOf('done'),
    failed: countOf('failed'),
    running: countOf('running'),
  };
}

/**
 * Seconds to the end, at the rate since the run was begun or continued last; null before a video has ended since then.
 * @param ended videos that ended since then
 */
export function secondsLeft(
  { all, done, failed }: RunCounts,
  { ended, seconds }: { readonly ended: number; readonly seconds: number },
): number | null {
  return ended === 0 ? null : ((all - done - failed) * seconds) / ended;
}

function withState(run: RunState, path: string, state: VideoState): RunState {
  return withStatus({ ...run, states: new Map(run.states).set(path, state) });
}

function withStatus(run: RunState): RunState {
  const hasEnded = run.videos.length > 0 && run.videos.every(({ path }) => isEnded(stateOf(run, path)));
  return hasEnded ? { ...run, status: 'finished' } : run;
}

function isEnded({ kind }: VideoState): boolean {
  return kind === 'done' || kind === 'failed';
}
