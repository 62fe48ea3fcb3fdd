import { affordableAfter, decideTurn, pausesOf } from './scheduler-policy.ts';
import type { LaneState, MachineState } from './scheduler-policy.ts';
import type { BadgeSettings } from '../../utils/domain/badge-settings.ts';
import type { AutomaticPause } from '../../utils/domain/automatic.ts';

/** One automatic scan's place in the lane. */
export type LanePlace = {
  /** Resolves when this scan may take its next frame. @throws AbortError */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** What the last frame has cost. */
  readonly spent: (work: { readonly coreMilliseconds: number; readonly busyMilliseconds: number }) => void;
  /** Gives way to others, or takes its old place again. */
  readonly hold: (isHeld: boolean) => void;
  readonly leave: () => void;
};

/** All automatic scans of all tabs, in one row. The rules are in lane-policy.ts. */
export type AutomaticLane = {
  readonly enter: () => LanePlace;
  /** A check by hand begins to wait or to run. @returns when called, it has ended */
  readonly byHand: () => () => void;
  /** A scan has failed for want of memory, or the GPU went away: nothing goes on for some minutes. */
  readonly rest: () => void;
  readonly setSettings: (settings: BadgeSettings) => void;
  readonly setMachine: (change: Partial<MachineState>) => void;
  readonly state: () => {
    readonly waitingScans: number;
    readonly pauses: readonly AutomaticPause[];
    readonly usedShare: number;
  };
};

/** The share that is shown is of this time. */
const USAGE_WINDOW_MILLISECONDS = 60_000;
/** Memory that one program took is given back in its own time. */
const REST_MILLISECONDS = 2 * 60 * 1000;
/** setTimeout's longest delay is 2³¹ − 1 ms; what waits longer looks again in between. */
const MAX_TIMER_MILLISECONDS = 60 * 60 * 1000;

type Entry = { readonly id: number; isHeld: boolean; ask: (() => void) | null };

/** @param onBusy called when the first scan enters and when the last one leaves */
export function createAutomaticLane(
  settings: BadgeSettings,
  onBusy: (isBusy: boolean) => void = () => undefined,
): AutomaticLane {
  const entries: Entry[] = [];
  const spendings: { readonly at: number; readonly coreMilliseconds: number }[] = [];
  let nextId = 0;
  let checksByHand = 0;
  let affordableAt = 0;
  let current = settings;
  let machine: MachineState = {
    isOnBattery: null,
    isBatteryAwaited: false,
    isMetered: null,
    isStrained: false,
    isShortOfMemory: false,
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let restTimer: ReturnType<typeof setTimeout> | undefined;

  const state = (): LaneState => ({
    entries: entries.map(({ id, isHeld, ask }) => ({ id, isHeld, isAsking: ask !== null })),
    checksByHand,
    settings: current,
    machine,
    affordableAt,
  });

  const decide = (): void => {
    clearTimeout(timer);
    const decision = decideTurn(state(), Date.now());
    if (decision.kind === 'go') {
      const entry = entries.find(({ id }) => id === decision.id);
      const go = entry?.ask;
      if (entry) entry.ask = null;
      go?.();
    } else if (decision.milliseconds !== null) {
      timer = setTimeout(decide, Math.min(decision.milliseconds, MAX_TIMER_MILLISECONDS));
    }
  };

  const setMachine = (change: Partial<MachineState>): void => {
    machine = { ...machine, ...change };
    decide();
  };

  return {
    enter: () => {
      const entry: Entry = { id: nextId++, isHeld: false, ask: null };
      entries.push(entry);
      if (entries.length === 1) onBusy(true);
      return {
        turn: (signal) =>
          new Promise((resolve, reject) => {
            signal.throwIfAborted();
            const onAbort = (): void => {
              entry.ask = null;
              reject(signal.reason as Error);
              decide();
            };
            signal.addEventListener('abort', onAbort, { once: true });
            entry.ask = () => {
              signal.removeEventListener('abort', onAbort);
              resolve();
            };
            decide();
          }),
        spent: (work) => {
          const now = Date.now();
          affordableAt = Math.max(affordableAt, affordableAfter(work, current.budget, now));
          spendings.push({ at: now, coreMilliseconds: work.coreMilliseconds });
          while (spendings[0] !== undefined && spendings[0].at < now - USAGE_WINDOW_MILLISECONDS) {
            spendings.shift();
          }
        },
        hold: (isHeld) => {
          entry.isHeld = isHeld;
          decide();
        },
        leave: () => {
          const place = entries.indexOf(entry);
          if (place === -1) return;
          entries.splice(place, 1);
          if (entries.length === 0) onBusy(false);
          decide();
        },
      };
    },
    byHand: () => {
      checksByHand++;
      let hasEnded = false;
      return () => {
        if (hasEnded) return;
        hasEnded = true;
        checksByHand--;
        decide();
      };
    },
    setSettings: (changed) => {
      // What was put off under a smaller budget is not put off any longer.
      if (changed.budget !== current.budget) affordableAt = Math.min(affordableAt, Date.now());
      current = changed;
      decide();
    },
    rest: () => {
      setMachine({ isShortOfMemory: true });
      clearTimeout(restTimer);
      restTimer = setTimeout(() => setMachine({ isShortOfMemory: false }), REST_MILLISECONDS);
    },
    setMachine,
    state: () => {
      const now = Date.now();
      const recent = spendings.filter(({ at }) => at >= now - USAGE_WINDOW_MILLISECONDS);
      const spent = recent.reduce((sum, { coreMilliseconds }) => sum + coreMilliseconds, 0);
      return {
        waitingScans: entries.length,
        pauses: pausesOf(state(), now),
        usedShare: spent / USAGE_WINDOW_MILLISECONDS,
      };
    },
  };
}
