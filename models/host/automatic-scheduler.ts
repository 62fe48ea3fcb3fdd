import type { AutomaticPause, BadgeSettings } from '../../utils/domain/automatic.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import {
  decideTurn,
  initialSchedulerState,
  pausesOf,
  reduceScheduler,
  usedShare,
} from './scheduler-policy.ts';
import type { FrameWork, MachineState, SchedulerEvent } from './scheduler-policy.ts';

/** One automatic scan among the others. */
export type ScheduledScan = {
  /** Resolves when this scan may take its next frame. @throws AbortError */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** What the last frame has cost. */
  readonly spent: (work: FrameWork) => void;
  /** Gives way to others, or takes its old place again. */
  readonly hold: (isHeld: boolean) => void;
  readonly leave: () => void;
};

/** All automatic scans of all tabs. The rules are in scheduler-policy.ts. */
export type AutomaticScheduler = {
  readonly enter: () => ScheduledScan;
  /** A check by hand begins to wait or to run. @returns to be called when it has ended */
  readonly byHand: () => () => void;
  /** A scan has failed for want of memory, or the GPU went away: nothing goes on for some minutes. */
  readonly pauseForMemory: () => void;
  readonly setSettings: (settings: BadgeSettings) => void;
  readonly setMachine: (change: Partial<MachineState>) => void;
  readonly state: () => {
    readonly waitingScans: number;
    readonly pauses: readonly AutomaticPause[];
    readonly usedShare: number;
  };
};

/** Memory that one program took is given back in its own time. */
const MEMORY_PAUSE_MILLISECONDS = 2 * 60 * 1000;
/** setTimeout's longest delay is 2³¹ − 1 ms; a longer wait is decided again in between. */
const MAX_TIMER_MILLISECONDS = 60 * 60 * 1000;

/** @param onBusy called when the first scan enters and when the last one leaves */
export function createAutomaticScheduler(
  settings: BadgeSettings,
  onBusy: (isBusy: boolean) => void = () => undefined,
): AutomaticScheduler {
  let state = initialSchedulerState(settings);
  /** What lets each scan go on that asks for a turn. */
  const turns = new Map<number, () => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let memoryTimer: ReturnType<typeof setTimeout> | undefined;

  function dispatch(event: SchedulerEvent): void {
    state = reduceScheduler(state, event, Date.now());
  }

  function decide(): void {
    clearTimeout(timer);
    const decision = decideTurn(state, Date.now());
    if (decision.kind === 'go') {
      dispatch({ kind: 'stopped-asking', id: decision.id });
      turns.get(decision.id)?.();
    } else if (decision.milliseconds !== null) {
      timer = setTimeout(decide, Math.min(decision.milliseconds, MAX_TIMER_MILLISECONDS));
    }
  }

  function take(event: SchedulerEvent): void {
    dispatch(event);
    decide();
  }

  async function turn(id: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise: mayGo, resolve } = Promise.withResolvers<undefined>();
    turns.set(id, () => resolve(undefined));
    take({ kind: 'asked', id });
    try {
      await untilAborted(mayGo, signal);
    } catch (error) {
      take({ kind: 'stopped-asking', id });
      throw error;
    }
  }

  const setMachine = (change: Partial<MachineState>): void => take({ kind: 'machine-changed', change });

  return {
    enter: () => {
      const id = state.nextId;
      dispatch({ kind: 'entered' });
      if (state.entries.length === 1) onBusy(true);
      return {
        turn: (signal) => turn(id, signal),
        spent: (work) => dispatch({ kind: 'spent', work }),
        hold: (isHeld) => take({ kind: 'held', id, isHeld }),
        leave: () => {
          turns.delete(id);
          const before = state.entries.length;
          dispatch({ kind: 'left', id });
          if (state.entries.length === before) return;
          if (state.entries.length === 0) onBusy(false);
          decide();
        },
      };
    },
    byHand: () => {
      dispatch({ kind: 'by-hand-began' });
      let hasEnded = false;
      return () => {
        if (hasEnded) return;
        hasEnded = true;
        take({ kind: 'by-hand-ended' });
      };
    },
    setSettings: (changed) => take({ kind: 'settings-changed', settings: changed }),
    pauseForMemory: () => {
      setMachine({ isShortOfMemory: true });
      clearTimeout(memoryTimer);
      memoryTimer = setTimeout(() => setMachine({ isShortOfMemory: false }), MEMORY_PAUSE_MILLISECONDS);
    },
    setMachine,
    state: () => {
      const now = Date.now();
      return {
        waitingScans: state.entries.length,
        pauses: pausesOf(state, now),
        usedShare: usedShare(state, now),
      };
    },
  };
}
