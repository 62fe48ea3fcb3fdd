/** One scan after the other, in the order in which they were asked for. */
export type ScanQueue = {
  /**
   * Runs `work` when everything before it has settled, however it ended. One that is aborted while it waits leaves at
   * once and never runs.
   * @throws AbortError; whatever `work` throws
   */
  readonly run: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Whether a scan that came now would have to wait. */
  readonly isBusy: () => boolean;
};

export function createScanQueue(): ScanQueue {
  let last: Promise<unknown> = Promise.resolve();
  let runningCount = 0;

  return {
    run: async (work, signal) => {
      const turn = last;
      const { promise: done, resolve: leave } = Promise.withResolvers<null>();
      last = Promise.all([turn, done]);
      runningCount++;
      try {
        await untilAborted(turn, signal);
        return await work();
      } finally {
        runningCount--;
        leave(null);
      }
    },
    isBusy: () => runningCount > 0,
  };
}

async function untilAborted(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
