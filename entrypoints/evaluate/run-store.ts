import { browser } from 'wxt/browser';
import DecodeWorker from '../../models/host/decode.worker.ts?worker';
import EngineWorker from '../../models/host/engine.worker.ts?worker';
import { createEvaluation } from '../../models/evaluation/evaluate-videos.ts';
import type { EvaluationOptions, GivenVideo, NextVideo } from '../../models/evaluation/evaluate-videos.ts';
import { nextPending, NO_RUN, reduceRun, stateOf } from '../../models/evaluation/evaluation-run.ts';
import type { RunAction, RunState } from '../../models/evaluation/evaluation-run.ts';
import type { RunResults } from '../../models/evaluation/result-files.ts';
import { isHostAllowed } from '../../utils/browser/host-permission.ts';
import type { EvaluatedVideo, FailedVideo, PlannedVideo } from '../../utils/domain/evaluation.ts';

/** How long this sitting has run, for the time left. */
export type Sitting = { readonly ended: number; readonly seconds: number };

export type RunStore = ReturnType<typeof createRunStore>;

export type PlannedRun = {
  readonly videos: readonly PlannedVideo[];
  /** Results of these videos from before. */
  readonly known: readonly EvaluatedVideo[];
  readonly options: EvaluationOptions;
  readonly open: (video: PlannedVideo) => Promise<GivenVideo>;
  readonly keep: (evaluated: EvaluatedVideo) => Promise<void>;
};

/** What an evaluation needs of the extension. */
export const BROWSER_DEPS = {
  startEngineWorker: () => new EngineWorker(),
  startDecodeWorker: () => new DecodeWorker(),
  appVersion: browser.runtime.getManifest().version,
  isHostAllowed: (url: string) => isHostAllowed(new URL(url).host),
};

/** The document's one run: its state, and the engines that work on it. The page and the command line both drive it. */
export function createRunStore() {
  let run: RunState = NO_RUN;
  let planned: PlannedRun | null = null;
  let abort = new AbortController();
  /** Settles when the engines are idle. */
  let working: Promise<void> | null = null;
  let sitting = { startedAt: 0, ended: 0 };
  const listeners = new Set<(run: RunState, action: RunAction) => void>();

  function dispatch(action: RunAction): void {
    run = reduceRun(run, action);
    if (action.type === 'done' || action.type === 'failed') sitting.ended += 1;
    for (const listener of listeners) listener(run, action);
  }

  /** The next video of a run that was neither paused nor cancelled. It is running from now on. */
  function takeNext(settings: EvaluationOptions, signal: AbortSignal): NextVideo | null {
    const video = run.status === 'running' && !signal.aborted ? nextPending(run) : null;
    if (video === null) return null;
    const framesAsked = settings.framesAsked ?? 0;
    dispatch({ type: 'progress', path: video.path, framesScanned: 0, framesAsked });
    return { video, settings, signal };
  }

  async function work({ options, open, keep }: PlannedRun): Promise<void> {
    const { signal } = abort;
    const next = () => takeNext(options, signal);
    const evaluation = createEvaluation({ ...BROWSER_DEPS, open, keep, next, dispatch }, options);
    try {
      await evaluation.run();
    } finally {
      evaluation.close();
    }
  }

  return {
    get: () => run,
    listen: (listener: (run: RunState, action: RunAction) => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sitting: (): Sitting => ({
      ended: sitting.ended,
      seconds: (performance.now() - sitting.startedAt) / 1000,
    }),
    plan: (next: PlannedRun): void => {
      planned = next;
      dispatch({ type: 'plan', videos: next.videos, known: next.known });
    },
    /** Works until the end, a pause or the cancellation. A run that is working already goes on. */
    start: async (): Promise<void> => {
      if (planned === null) return;
      dispatch({ type: 'start' });
      // A run that was paused or cancelled may still be ending its last videos: their engines are waited for.
      do {
        if (working === null) {
          abort = new AbortController();
          sitting = { startedAt: performance.now(), ended: 0 };
          working = work(planned).finally(() => {
            working = null;
          });
        }
        await working;
      } while (run.status === 'running' && nextPending(run) !== null);
    },
    pause: () => dispatch({ type: 'pause' }),
    cancel: () => {
      dispatch({ type: 'cancel' });
      abort.abort();
    },
    again: (which: 'failed' | 'all') => dispatch({ type: 'again', which }),
  };
}

/** What a run has come to, in the order of its videos. */
export function resultsOf(run: RunState, leftOut: readonly PlannedVideo[]): RunResults {
  const evaluated: EvaluatedVideo[] = [];
  const failed: FailedVideo[] = leftOut.map((video) => ({ video, code: 'label-unknown', message: '' }));
  for (const { path } of run.videos) {
    const state = stateOf(run, path);
    if (state.kind === 'done') evaluated.push(state.evaluated);
    if (state.kind === 'failed') failed.push(state.failed);
  }
  return { evaluated, failed };
}
