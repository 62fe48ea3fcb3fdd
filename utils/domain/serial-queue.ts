import { untilAborted } from './until-aborted.ts';

/** Runs one job after the other, in the order in which they were asked for. */
export type SerialQueue = {
  /**
   * Runs `job` when everything before it has ended, well or badly. A job that is aborted while it waits leaves at once
   * and never runs.
   * @throws AbortError; whatever `job` throws
   */
  readonly run: <T>(job: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
  /** Whether a new job would have to wait. */
  readonly isBusy: () => boolean;
};

export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  let jobCount = 0;
  return {
    run: async (job, signal) => {
      const turn = last;
      const { promise: done, resolve: leave } = Promise.withResolvers<null>();
      last = Promise.all([turn, done]);
      jobCount++;
      try {
        await untilAborted(turn, signal);
        return await job();
      } finally {
        jobCount--;
        leave(null);
      }
    },
    isBusy: () => jobCount > 0,
  };
}
