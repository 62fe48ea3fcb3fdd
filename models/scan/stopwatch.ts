export type Stopwatch = ReturnType<typeof createStopwatch>;

/**
 * Measures for how long at least one of several overlapping pieces of work was going on.
 * @param now monotonic, in milliseconds
 */
export function createStopwatch(now: () => number = () => performance.now()) {
  let running = 0;
  let startedAt = 0;
  let total = 0;
  return {
    /** Times `work` from its start until it settles. */
    during: async <T>(work: () => Promise<T>): Promise<T> => {
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
