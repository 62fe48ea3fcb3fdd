/** Measures how long at least one of several overlapping pieces of work was going on. */
export type Stopwatch = {
  /** Times `work` from its start until it settles. */
  readonly during: <T>(work: () => Promise<T>) => Promise<T>;
  readonly milliseconds: () => number;
};

/** @param now monotonic, in milliseconds */
export function createStopwatch(now: () => number = () => performance.now()): Stopwatch {
  let running = 0;
  let startedAt = 0;
  let total = 0;
  return {
    during: async (work) => {
      if (running++ === 0) startedAt = now();
      try {
        return await work();
      } finally {
        if (--running === 0) total += now() - startedAt;
      }
    },
    milliseconds: () => total + (running > 0 ? now() - startedAt : 0),
  };
}
