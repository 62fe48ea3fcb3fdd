import type { ServedEvent, ServedVideo } from '../../models/evaluation/commanded-run.ts';
import { createEvaluation } from '../../models/evaluation/evaluate-videos.ts';
import type { EngineOptions, GivenVideo, NextVideo } from '../../models/evaluation/evaluate-videos.ts';
import type { RunAction } from '../../models/evaluation/evaluation-run.ts';
import { BROWSER_DEPS } from './run-store.ts';

type Taken = NextVideo & { readonly given: GivenVideo; readonly stop: AbortController };

/** Engines that keep their networks loaded between videos, which a worker or a server gives them one by one. */
export function createServedEngines(
  options: EngineOptions,
  report: (event: ServedEvent) => Promise<void>,
): {
  readonly judge: (served: ServedVideo, given: GivenVideo) => void;
  readonly stop: (path: string) => void;
} {
  const taken = new Map<string, Taken>();
  const waiting: Taken[] = [];
  const idle: ((next: NextVideo) => void)[] = [];

  function onAction(action: RunAction): void {
    switch (action.type) {
      case 'failed':
        taken.delete(action.failed.video.path);
        void report({ kind: 'failed', failed: action.failed });
        return;
      case 'progress':
        void report({ kind: 'progress', path: action.path, framesScanned: action.framesScanned });
        return;
      case 'stopped':
        taken.delete(action.path);
        void report({ kind: 'stopped', path: action.path });
        return;
      case 'done':
        taken.delete(action.evaluated.video.path);
        return;
      default:
        // The others are of a run that has an end.
        return;
    }
  }

  const evaluation = createEvaluation(
    {
      ...BROWSER_DEPS,
      open: (video) => Promise.resolve(taken.get(video.path)!.given),
      keep: (evaluated) => report({ kind: 'done', evaluated }),
      next: () => waiting.shift() ?? new Promise<NextVideo>((resolve) => idle.push(resolve)),
      dispatch: onAction,
    },
    options,
  );
  void evaluation.run();

  return {
    judge: ({ video, settings }, given) => {
      const stop = new AbortController();
      const next = { video, settings, given, stop, signal: stop.signal };
      taken.set(video.path, next);
      const resolve = idle.shift();
      if (resolve === undefined) waiting.push(next);
      else resolve(next);
    },
    stop: (path) => taken.get(path)?.stop.abort(),
  };
}
