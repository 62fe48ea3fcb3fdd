import type { Analysis } from '../scan/analysis.ts';

/**
 * For automatic scans, which end all the time as the reader scrolls on: the scan is over at once, but the one call that is
 * under way goes on to its end in the Worker. Ending the Worker for it, as for a check by hand, would cost the loaded
 * networks each time.
 * @param onLate what a call has cost after its scan was over, in milliseconds: the budget is the machine's, not the scan's
 */
export function createPatientAnalysis(
  analysis: Analysis,
  onLate: (milliseconds: number) => void,
  now: () => number = () => performance.now(),
): Analysis {
  async function untilAborted<T>(call: (never: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const under = call(new AbortController().signal);
    const onAbort = (): void => {
      const abortedAt = now();
      const report = (): void => onLate(now() - abortedAt);
      under.then(report, report);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([under, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    loadModel: (modelIds, signal) => untilAborted((never) => analysis.loadModel(modelIds, never), signal),
    findFaces: (thumbnail, frame, signal) =>
      untilAborted((never) => analysis.findFaces(thumbnail, frame, never), signal),
    findFacesInSquares: (squares, signal) =>
      untilAborted((never) => analysis.findFacesInSquares(squares, never), signal),
    judgeFaces: (crops, firstIndex, signal) =>
      untilAborted((never) => analysis.judgeFaces(crops, firstIndex, never), signal),
  };
}
