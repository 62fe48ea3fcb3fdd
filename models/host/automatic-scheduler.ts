import type { BadgeSettings } from '../../utils/domain/automatic.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import {
  decideTurn,
  initialSchedulerState,
  pausesOf,
  reduceScheduler,
  usedShare,
} from './scheduler-policy.ts';
import type { FrameWork, MachineState, SchedulerEvent } from './scheduler-policy.ts';

export type AutomaticScheduler = ReturnType<typeof createAutomaticScheduler>;
/** One automatic scan in the scheduler. */
export type ScheduledScan = ReturnType<AutomaticScheduler['enter']>;

/** How long other programs need to free memory. */
const MEMORY_PAUSE_MILLISECONDS = 2 * 60 * 1000;
/** setTimeout's longest delay is 2³¹ − 1 ms. A longer wait is divided, with a decision in between. */
const MAX_TIMER_MILLISECONDS = 60 * 60 * 1000;

/**
 * Gives turns to the automatic scans of all tabs, by the rules of scheduler-policy.ts.
 * @param onBusy called when the first scan enters and when the last one leaves
 */
export function createAutomaticScheduler(
  settings: BadgeSettings,
  onBusy: (isBusy: boolean) => void = () => undefined,
) {
  let state = initialSchedulerState(settings);
  /** Lets a scan that waits for its turn go on, by the scan's id. */
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
        /** Resolves when this scan may take its next frame. @throws AbortError */
        turn: (signal: AbortSignal) => turn(id, signal),
        /** Takes the cost of the last frame. */
        spent: (work: FrameWork) => dispatch({ kind: 'spent', work }),
        /** Lets other scans go first (true), or gives the scan its former place again (false). */
        hold: (isHeld: boolean) => take({ kind: 'held', id, isHeld }),
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
    /** A check by hand begins to wait or to run. @returns to be called when it has ended */
    byHand: () => {
      dispatch({ kind: 'by-hand-began' });
      let hasEnded = false;
      return () => {
        if (hasEnded) return;
        hasEnded = true;
        take({ kind: 'by-hand-ended' });
      };
    },
    setSettings: (changed: BadgeSettings) => take({ kind: 'settings-changed', settings: changed }),
    /** Pauses all automatic scans for some minutes, after a lack of memory or the loss of the GPU. */
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
