import { useEffect, useRef, useState } from 'preact/hooks';
import EvaluateSetWorker from '../../models/host/evaluate-set.worker.ts?worker';
import type { SetEvaluation, SetRequest } from '../../models/evaluation/evaluate-set.ts';

/** While videos are judged the figures follow them at this distance: the engines need the processor. */
const FOLLOWING_MILLISECONDS = 5000;

export type Figures =
  | { readonly kind: 'computing' }
  | { readonly kind: 'ready'; readonly set: SetEvaluation }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * The figures of a set, from a Worker. The former ones stay until new ones are there.
 * @param request null for none; another object asks again. @param isRunning more videos are on their way
 */
export function useFigures(request: SetRequest | null, isRunning: boolean): Figures {
  const [figures, setFigures] = useState<Figures>({ kind: 'computing' });
  const lastStart = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (request === null) return;
    let worker: Worker | null = null;
    const wait = isRunning ? lastStart.current + FOLLOWING_MILLISECONDS - performance.now() : 0;
    const timer = setTimeout(
      () => {
        lastStart.current = performance.now();
        worker = new EvaluateSetWorker();
        worker.onmessage = ({ data }: MessageEvent<SetEvaluation>) => {
          setFigures({ kind: 'ready', set: data });
          worker?.terminate();
        };
        worker.onerror = ({ message }) => {
          setFigures({ kind: 'failed', message });
          worker?.terminate();
        };
        worker.postMessage(request);
      },
      Math.max(0, wait),
    );
    return () => {
      clearTimeout(timer);
      worker?.terminate();
    };
  }, [request, isRunning]);
  return figures;
}
