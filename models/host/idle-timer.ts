/** Loaded networks hold hundreds of megabytes; after this long without a scan they are given back. */
const DEFAULT_IDLE_MILLISECONDS = 5 * 60 * 1000;

/** Calls back when nothing has been going on for a while. */
export type IdleTimer = {
  /** Counts from now on. */
  readonly restart: () => void;
  readonly stop: () => void;
  /** From the next restart on. */
  readonly setDelay: (milliseconds: number) => void;
};

export function createIdleTimer(onIdle: () => void): IdleTimer {
  let delayMilliseconds = DEFAULT_IDLE_MILLISECONDS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    restart: () => {
      clearTimeout(timer);
      timer = setTimeout(onIdle, delayMilliseconds);
    },
    stop: () => clearTimeout(timer),
    setDelay: (milliseconds) => {
      delayMilliseconds = milliseconds;
    },
  };
}
