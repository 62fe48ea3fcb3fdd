/**
 * Whether the machine lags, from how late the host's own timer rings. Whatever keeps every core busy, this extension or
 * another program, makes it ring late.
 */
export type LagMeter = {
  /** @param lateMilliseconds how long after its time the timer rang. @returns whether the machine lags now */
  readonly add: (lateMilliseconds: number, now: number) => boolean;
};

/** One late ring is a garbage collection or a page that was just opened; three of five are a busy machine. */
const SAMPLES = 5;
const LATE_SAMPLES = 3;
/** A machine that lags is left alone at least this long. */
const PAUSE_MILLISECONDS = 10_000;

/** @param lagMilliseconds from which on a ring counts as late */
export function createLagMeter(lagMilliseconds: number): LagMeter {
  const recent: boolean[] = [];
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return {
    add: (lateMilliseconds, now) => {
      recent.push(lateMilliseconds >= lagMilliseconds);
      if (recent.length > SAMPLES) recent.shift();
      if (recent.filter(Boolean).length >= LATE_SAMPLES) pausedUntil = now + PAUSE_MILLISECONDS;
      return now < pausedUntil;
    },
  };
}
