import { BUDGET_SHARES, isPausedByUser } from '../../utils/domain/badge-settings.ts';
import type { BadgeSettings } from '../../utils/domain/badge-settings.ts';
import type { AutomaticPause } from '../../utils/domain/automatic.ts';

/** One automatic scan in the order in which they came. */
export type LaneEntry = {
  readonly id: number;
  /** Its video is out of sight or stands still: it gives way. */
  readonly isHeld: boolean;
  /** It waits for its next frame; else it is at work on one, or its video is. */
  readonly isAsking: boolean;
};

/** What is known of the machine. null where the browser does not tell. */
export type MachineState = {
  readonly isOnBattery: boolean | null;
  /** The browser was asked for it and has not answered yet: what is known is of a former time, or nothing. */
  readonly isBatteryAwaited: boolean;
  readonly isMetered: boolean | null;
  /** The machine can't keep up as it is. */
  readonly isStrained: boolean;
  /** A scan has failed for want of memory a short while ago. */
  readonly isShortOfMemory: boolean;
};

export type LaneState = {
  /** The oldest first. */
  readonly entries: readonly LaneEntry[];
  /** Checks by hand that run or wait. */
  readonly checksByHand: number;
  readonly settings: BadgeSettings;
  readonly machine: MachineState;
  /** Before this the budget is used up; milliseconds since the epoch. */
  readonly affordableAt: number;
};

export type LaneDecision =
  | { readonly kind: 'go'; readonly id: number }
  /** `milliseconds`: look again then, though nothing else happens; null where only a change of state can help. */
  | { readonly kind: 'wait'; readonly milliseconds: number | null };

/** What keeps automatic scans from going on, but for their budget and the checks by hand. */
export function pausesOf({ settings, machine }: Pick<LaneState, 'settings' | 'machine'>, now: number) {
  const pauses: AutomaticPause[] = [];
  if (isPausedByUser(settings, now)) pauses.push('by-user');
  if (settings.onlyPluggedIn && machine.isOnBattery === true) pauses.push('on-battery');
  if (settings.notOnMetered && machine.isMetered === true) pauses.push('metered-network');
  if (machine.isStrained) pauses.push('machine-busy');
  if (machine.isShortOfMemory) pauses.push('memory');
  return pauses;
}

/**
 * Which automatic scan may take its next frame now. One at a time over all tabs: the oldest whose video is in sight,
 * from its first frame to its end, so that a verdict is not put off by others that came later. Any check by hand goes
 * first, in the middle of an automatic one too.
 */
export function decideTurn(state: LaneState, now: number): LaneDecision {
  const current = state.entries.find(({ isHeld }) => !isHeld);
  if (current?.isAsking !== true || state.checksByHand > 0) return { kind: 'wait', milliseconds: null };
  if (state.settings.onlyPluggedIn && state.machine.isBatteryAwaited) {
    return { kind: 'wait', milliseconds: null };
  }
  const pauses = pausesOf(state, now);
  if (pauses.length > 0) {
    const { pausedUntil } = state.settings;
    const endsByItself = pauses.length === 1 && pauses[0] === 'by-user' && pausedUntil !== null;
    return { kind: 'wait', milliseconds: endsByItself ? Math.max(0, pausedUntil - now) : null };
  }
  if (now < state.affordableAt) return { kind: 'wait', milliseconds: state.affordableAt - now };
  return { kind: 'go', id: current.id };
}

/**
 * When the next frame is within the budget, after one whose work has just ended.
 * @param coreMilliseconds of one core or of the GPU
 * @param busyMilliseconds that it took
 */
export function affordableAfter(
  work: { readonly coreMilliseconds: number; readonly busyMilliseconds: number },
  budget: BadgeSettings['budget'],
  now: number,
): number {
  return now - work.busyMilliseconds + work.coreMilliseconds / BUDGET_SHARES[budget];
}
