import { BUDGET_SHARES, isPausedByUser } from '../../utils/domain/automatic.ts';
import type { BadgeSettings, AutomaticPause } from '../../utils/domain/automatic.ts';

/** One automatic scan. The scans are in the order in which they came. */
export type ScheduledEntry = {
  readonly id: number;
  /** Its video is out of sight or paused: other scans go first. */
  readonly isHeld: boolean;
  /** true: the scan waits for its turn. false: it works on a frame, or its video has not shown the next one. */
  readonly isAsking: boolean;
};

/** The state of the machine. null where the browser does not report it. */
export type MachineState = {
  readonly isOnBattery: boolean | null;
  /** The browser has not answered yet: `isOnBattery` is null, or an earlier value. */
  readonly isBatteryAwaited: boolean;
  readonly isMetered: boolean | null;
  /** Other programs keep the machine busy. */
  readonly isLagging: boolean;
  /** A scan has failed a short while ago because memory was short. */
  readonly isShortOfMemory: boolean;
};

export type SchedulerState = {
  /** The oldest first. */
  readonly entries: readonly ScheduledEntry[];
  readonly nextId: number;
  /** Checks by hand that run or wait. */
  readonly checksByHand: number;
  readonly settings: BadgeSettings;
  readonly machine: MachineState;
  /** The time from which the budget allows the next frame, in milliseconds since the epoch. */
  readonly affordableAt: number;
  /** The frames' costs in the last {@link USAGE_WINDOW_MILLISECONDS}, the oldest first. */
  readonly spendings: readonly { readonly at: number; readonly coreMilliseconds: number }[];
};

/** The cost of one frame. */
export type FrameWork = {
  /** Time of one core or of the GPU; several busy cores count several times. */
  readonly coreMilliseconds: number;
  /** Time from the beginning of the work to its end. */
  readonly busyMilliseconds: number;
};

export type SchedulerEvent =
  | { readonly kind: 'entered' | 'by-hand-began' | 'by-hand-ended' }
  | { readonly kind: 'asked' | 'stopped-asking' | 'left'; readonly id: number }
  | { readonly kind: 'held'; readonly id: number; readonly isHeld: boolean }
  | { readonly kind: 'spent'; readonly work: FrameWork }
  | { readonly kind: 'settings-changed'; readonly settings: BadgeSettings }
  | { readonly kind: 'machine-changed'; readonly change: Partial<MachineState> };

export type SchedulerDecision =
  | { readonly kind: 'go'; readonly id: number }
  /** `milliseconds`: time until the next decision; null where only a change of the state can help. */
  | { readonly kind: 'wait'; readonly milliseconds: number | null };

/** The used share of the processor is measured over this time. */
const USAGE_WINDOW_MILLISECONDS = 60_000;

export function initialSchedulerState(settings: BadgeSettings): SchedulerState {
  return {
    entries: [],
    nextId: 0,
    checksByHand: 0,
    settings,
    machine: {
      isOnBattery: null,
      isBatteryAwaited: false,
      isMetered: null,
      isLagging: false,
      isShortOfMemory: false,
    },
    affordableAt: 0,
    spendings: [],
  };
}

/** @param now milliseconds since the epoch */
export function reduceScheduler(state: SchedulerState, event: SchedulerEvent, now: number): SchedulerState {
  const change = (id: number, entry: Partial<ScheduledEntry>): SchedulerState => ({
    ...state,
    entries: state.entries.map((each) => (each.id === id ? { ...each, ...entry } : each)),
  });
  switch (event.kind) {
    case 'entered':
      return {
        ...state,
        entries: [...state.entries, { id: state.nextId, isHeld: false, isAsking: false }],
        nextId: state.nextId + 1,
      };
    case 'left':
      return { ...state, entries: state.entries.filter(({ id }) => id !== event.id) };
    case 'asked':
      return change(event.id, { isAsking: true });
    case 'stopped-asking':
      return change(event.id, { isAsking: false });
    case 'held':
      return change(event.id, { isHeld: event.isHeld });
    case 'by-hand-began':
      return { ...state, checksByHand: state.checksByHand + 1 };
    case 'by-hand-ended':
      return { ...state, checksByHand: state.checksByHand - 1 };
    case 'spent': {
      const { coreMilliseconds, busyMilliseconds } = event.work;
      // The work began this long ago. Its share of the budget lasts from then on.
      const paidAt = now - busyMilliseconds + coreMilliseconds / BUDGET_SHARES[state.settings.budget];
      return {
        ...state,
        affordableAt: Math.max(state.affordableAt, paidAt),
        spendings: [...recentSpendings(state, now), { at: now, coreMilliseconds }],
      };
    }
    case 'settings-changed': {
      const { settings } = event;
      // A change of the budget ends a wait that the former budget had set.
      const isOtherBudget = settings.budget !== state.settings.budget;
      return {
        ...state,
        settings,
        affordableAt: isOtherBudget ? Math.min(state.affordableAt, now) : state.affordableAt,
      };
    }
    case 'machine-changed':
      return { ...state, machine: { ...state.machine, ...event.change } };
    default:
      return event satisfies never;
  }
}

function recentSpendings({ spendings }: SchedulerState, now: number): SchedulerState['spendings'] {
  return spendings.filter(({ at }) => at >= now - USAGE_WINDOW_MILLISECONDS);
}

/** The share of one core that automatic scans have used lately, 0 and up. */
export function usedShare(state: SchedulerState, now: number): number {
  const spent = recentSpendings(state, now).reduce((sum, { coreMilliseconds }) => sum + coreMilliseconds, 0);
  return spent / USAGE_WINDOW_MILLISECONDS;
}

/** Why automatic scans pause, beside their budget and the checks by hand. */
export function pausesOf({ settings, machine }: Pick<SchedulerState, 'settings' | 'machine'>, now: number) {
  const pauses: AutomaticPause[] = [];
  if (isPausedByUser(settings, now)) pauses.push('by-user');
  if (settings.onlyPluggedIn && machine.isOnBattery === true) pauses.push('on-battery');
  if (settings.notOnMetered && machine.isMetered === true) pauses.push('metered-network');
  if (machine.isLagging) pauses.push('machine-busy');
  if (machine.isShortOfMemory) pauses.push('memory');
  return pauses;
}

/**
 * Which automatic scan may take its next frame now. One scan at a time over all tabs has the turn, from its first frame
 * to its end: the oldest whose video is in sight. So later scans do not delay its verdict. Any check by hand goes
 * first, even in the middle of an automatic one.
 */
export function decideTurn(state: SchedulerState, now: number): SchedulerDecision {
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
