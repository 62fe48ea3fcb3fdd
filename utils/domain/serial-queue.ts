/** Starts the work when all that was given earlier has settled. @returns the work's own result or error */
export type SerialQueue = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** One piece of work after the other; one that fails does not stop the next. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    // The caller gets the rejection through `result`; the queue itself only waits.
    last = result.catch(() => undefined);
    return result;
  };
}
