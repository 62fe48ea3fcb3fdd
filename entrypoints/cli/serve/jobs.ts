import { randomUUID } from 'node:crypto';
import type { JobState, JobStore } from './job-stores.ts';
import type { PredictAnswer } from './predict-request.ts';
import { ServeError } from './serve-error.ts';

/** Work that a client has asked to hear of later (`Prefer: respond-async`, RFC 7240). */
export function createJobs(store: JobStore) {
  const running = new Map<string, AbortController>();

  /** What the store can't keep is lost for the client, which asks again; the work itself goes on. */
  function keep(id: string, state: JobState): void {
    store.set(id, state).catch((error: unknown) => {
      process.stderr.write(`a job's state is lost: ${String(error)}\n`);
    });
  }

  return {
    /**
     * Starts work that outlives its request. @returns its id
     * @param work is told how to report frames; its signal aborts when the client cancels
     */
    start: (
      work: (onFrame: (framesScanned: number) => void, signal: AbortSignal) => Promise<PredictAnswer>,
    ): string => {
      const id = randomUUID();
      const cancel = new AbortController();
      running.set(id, cancel);
      keep(id, { status: 'waiting' });
      const onFrame = (framesScanned: number): void =>
        keep(id, { status: 'running', frames_scanned: framesScanned });
      work(onFrame, cancel.signal)
        .then(
          (result) => keep(id, { status: 'done', result }),
          (error: unknown) => {
            if (cancel.signal.aborted) keep(id, { status: 'cancelled' });
            else keep(id, { status: 'failed', error: describeError(error) });
          },
        )
        .finally(() => running.delete(id));
      return id;
    },
    get: (id: string): Promise<JobState | null> => store.get(id),
    /** @returns false where this server runs no such job */
    cancel: (id: string): boolean => {
      const job = running.get(id);
      job?.abort();
      return job !== undefined;
    },
  };
}

/** What a client is told of a failure. */
export function describeError(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof ServeError) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'the server has failed' };
}
