/**
 * Whether the machine lags, from how late the host's own timer rings. Whatever keeps every core busy, this extension or
 * another program, makes it ring late.
 */
export type StrainMeter = {
  /** @param lateMilliseconds how long after its time the timer rang. @returns whether the machine is strained now */
  readonly add: (lateMilliseconds: number, now: number) => boolean;
};

/** One late ring is a garbage collection or a page that was just opened; three of five are a busy machine. */
const SAMPLES = 5;
const LATE_SAMPLES = 3;
/** After a strain the machine is left alone at least this long. */
const REST_MILLISECONDS = 10_000;

/** @param lagMilliseconds from which on a ring counts as late */
export function createStrainMeter(lagMilliseconds: number): StrainMeter {
  const recent: boolean[] = [];
  let restUntil = Number.NEGATIVE_INFINITY;
  return {
    add: (lateMilliseconds, now) => {
      recent.push(lateMilliseconds >= lagMilliseconds);
      if (recent.length > SAMPLES) recent.shift();
      if (recent.filter(Boolean).length >= LATE_SAMPLES) restUntil = now + REST_MILLISECONDS;
      return now < restUntil;
    },
  };
}
