import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAutomaticScheduler } from '../../../../models/host/automatic-scheduler.ts';
import type { AutomaticScheduler, ScheduledScan } from '../../../../models/host/automatic-scheduler.ts';
import { BUDGET_SHARES, DEFAULT_BADGE_SETTINGS } from '../../../../utils/domain/automatic.ts';
import type { BadgeSettings, Budget } from '../../../../utils/domain/automatic.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const NEVER = new AbortController().signal;
const settingsWith = (change: Partial<BadgeSettings> = {}): BadgeSettings => ({
  ...DEFAULT_BADGE_SETTINGS,
  ...change,
});

/** Asks for a turn and notes when it comes. */
function ask(place: ScheduledScan, signal = NEVER): { hasTurn: boolean } {
  const asked = { hasTurn: false };
  place.turn(signal).then(
    () => (asked.hasTurn = true),
    () => undefined,
  );
  return asked;
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('the scheduler of automatic scans', () => {
  test('lets the oldest go on to its end before another begins', async () => {
    const scheduler = createAutomaticScheduler(settingsWith());
    const [first, second] = [scheduler.enter(), scheduler.enter()];
    const waiting = ask(second);
    const firstFrame = ask(first);
    await settle();
    expect([firstFrame.hasTurn, waiting.hasTurn]).toEqual([true, false]);
    // Between two of its frames the first one asks for nothing; it is still its turn.
    await vi.advanceTimersByTimeAsync(5000);
    expect(waiting.hasTurn).toBe(false);
    first.leave();
    await settle();
    expect(waiting.hasTurn).toBe(true);
  });

  test('takes no frame before the browser has said whether there is power, where that is asked for', async () => {
    const [careful, other] = [
      createAutomaticScheduler(settingsWith({ onlyPluggedIn: true })),
      createAutomaticScheduler(settingsWith()),
    ];
    const asked = [careful, other].map((scheduler) => {
      scheduler.setMachine({ isBatteryAwaited: true });
      return ask(scheduler.enter());
    });
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.map(({ hasTurn }) => hasTurn)).toEqual([false, true]);
    careful.setMachine({ isOnBattery: true, isBatteryAwaited: false });
    await settle();
    expect(asked[0]?.hasTurn).toBe(false);
    careful.setMachine({ isOnBattery: false });
    await settle();
    expect(asked[0]?.hasTurn).toBe(true);
  });

  test('goes on with the next where a video is out of sight, and comes back to it', async () => {
    const scheduler = createAutomaticScheduler(settingsWith());
    const [first, second] = [scheduler.enter(), scheduler.enter()];
    first.hold(true);
    const [held, other] = [ask(first), ask(second)];
    await settle();
    expect([held.hasTurn, other.hasTurn]).toEqual([false, true]);
    first.hold(false);
    const later = ask(second);
    await settle();
    expect([held.hasTurn, later.hasTurn]).toEqual([true, false]);
  });

  test('stands still while a check by hand runs or waits', async () => {
    const scheduler = createAutomaticScheduler(settingsWith());
    const place = scheduler.enter();
    const [endOne, endOther] = [scheduler.byHand(), scheduler.byHand()];
    const asked = ask(place);
    await vi.advanceTimersByTimeAsync(60_000);
    endOne();
    endOne();
    await settle();
    expect(asked.hasTurn).toBe(false);
    endOther();
    await settle();
    expect(asked.hasTurn).toBe(true);
  });

  test.each([
    ['paused everywhere', settingsWith({ isPausedEverywhere: true }), {}, ['by-user']],
    ['on battery', settingsWith({ onlyPluggedIn: true }), { isOnBattery: true }, ['on-battery']],
    ['on a metered network', settingsWith({ notOnMetered: true }), { isMetered: true }, ['metered-network']],
    ['lagging', settingsWith(), { isLagging: true }, ['machine-busy']],
    ['short of memory', settingsWith(), { isShortOfMemory: true }, ['memory']],
  ] as const)(
    'stands still while %s, says so, and goes on afterwards',
    async (_name, settings, machine, said) => {
      const scheduler = createAutomaticScheduler(settings);
      scheduler.setMachine(machine);
      const asked = ask(scheduler.enter());
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(asked.hasTurn).toBe(false);
      expect(scheduler.state().pauses).toEqual(said);
      scheduler.setSettings(settingsWith());
      scheduler.setMachine({ isLagging: false, isShortOfMemory: false });
      await settle();
      expect(asked.hasTurn).toBe(true);
    },
  );

  test('a browser that does not tell about battery and network is no reason to pause', async () => {
    const scheduler = createAutomaticScheduler(settingsWith({ onlyPluggedIn: true, notOnMetered: true }));
    const asked = ask(scheduler.enter());
    await settle();
    expect(asked.hasTurn).toBe(true);
  });

  test('a pause of an hour ends by itself', async () => {
    const scheduler = createAutomaticScheduler(settingsWith({ pausedUntil: Date.now() + 3_600_000 }));
    const asked = ask(scheduler.enter());
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(asked.hasTurn).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked.hasTurn).toBe(true);
  });

  test('pauses for two minutes after a scan that failed for want of memory', async () => {
    const scheduler = createAutomaticScheduler(settingsWith());
    scheduler.pauseForMemory();
    const asked = ask(scheduler.enter());
    await vi.advanceTimersByTimeAsync(119_000);
    expect(asked.hasTurn).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked.hasTurn).toBe(true);
  });

  test('a scan that is cancelled while it waits gives its place up', async () => {
    const scheduler = createAutomaticScheduler(settingsWith({ isPausedEverywhere: true }));
    const place = scheduler.enter();
    const cancelled = new AbortController();
    const turn = place.turn(cancelled.signal);
    cancelled.abort();
    await expect(turn).rejects.toThrow(/abort/i);
    place.leave();
    expect(scheduler.state().waitingScans).toBe(0);
  });

  test('tells when there is something to watch over, and when not any more', () => {
    const busy: boolean[] = [];
    const scheduler = createAutomaticScheduler(settingsWith(), (isBusy) => busy.push(isBusy));
    const places = [scheduler.enter(), scheduler.enter()];
    for (const place of places) place.leave();
    places[0]!.leave();
    expect(busy).toEqual([true, false]);
  });

  test('a larger budget holds at once', async () => {
    const scheduler = createAutomaticScheduler(settingsWith({ budget: 'low' }));
    const place = scheduler.enter();
    place.spent({ coreMilliseconds: 10_000, busyMilliseconds: 10_000 });
    const asked = ask(place);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.hasTurn).toBe(false);
    scheduler.setSettings(settingsWith({ budget: 'high' }));
    await settle();
    expect(asked.hasTurn).toBe(true);
  });
});

type Event =
  | { readonly kind: 'enter' }
  | { readonly kind: 'ask' | 'leave'; readonly which: number }
  | { readonly kind: 'hold'; readonly which: number; readonly isHeld: boolean }
  | { readonly kind: 'work'; readonly milliseconds: number; readonly cores: number }
  | { readonly kind: 'by-hand' | 'by-hand-ends' | 'lag' | 'relief' }
  | { readonly kind: 'time'; readonly milliseconds: number };

const which = fc.nat(5);
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    fc.constant<Event>({ kind: 'enter' }),
    // The other events would mostly find no scan that asks.
    ...Array.from({ length: 3 }, () => fc.record({ kind: fc.constant('ask' as const), which })),
    fc.record({ kind: fc.constant('ask' as const), which }),
    fc.record({ kind: fc.constant('leave' as const), which }),
    fc.record({ kind: fc.constant('hold' as const), which, isHeld: fc.boolean() }),
    fc.record({
      kind: fc.constant('work' as const),
      milliseconds: fc.integer({ min: 1, max: 4000 }),
      cores: fc.constantFrom(1, 2, 3),
    }),
    fc.constantFrom<Event>(
      { kind: 'by-hand' },
      { kind: 'by-hand-ends' },
      { kind: 'lag' },
      { kind: 'relief' },
    ),
    fc.record({ kind: fc.constant('time' as const), milliseconds: fc.integer({ min: 1, max: 20_000 }) }),
  ),
  { minLength: 20, maxLength: 80, size: 'max' },
);

test('after any sequence of events: one at a time, the oldest in sight, never over the budget', async () => {
  let turnCount = 0;
  await fc.assert(
    fc.asyncProperty(events, fc.constantFrom<Budget>('low', 'medium', 'high'), async (sequence, budget) => {
      const share = BUDGET_SHARES[budget];
      const scheduler: AutomaticScheduler = createAutomaticScheduler(settingsWith({ budget }));
      const places: { place: ScheduledScan; isHeld: boolean; isAsking: boolean; hasLeft: boolean }[] = [];
      const ends: (() => void)[] = [];
      const wrong: string[] = [];
      let isLagging = false;
      const now: { atWork: number | null } = { atWork: null };
      let spentAt = Date.now();
      let owed = 0;
      const askFor = (index: number): void => {
        const own = places[index]!;
        own.isAsking = true;
        own.place.turn(NEVER).then(
          () => {
            own.isAsking = false;
            turnCount++;
            const oldest = places.findIndex(({ isHeld, hasLeft }) => !isHeld && !hasLeft);
            if (index !== oldest) wrong.push(`${index} went before ${oldest}`);
            if (ends.length > 0) wrong.push('went on beside a check by hand');
            if (isLagging) wrong.push('went on while the machine lags');
            // Each cost is paid off by the time since then, at the budget's rate.
            if ((Date.now() - spentAt) * share < owed - 1) wrong.push('went over the budget');
            now.atWork = index;
          },
          () => undefined,
        );
      };
      for (const event of sequence) {
        const own = 'which' in event ? places[event.which] : undefined;
        switch (event.kind) {
          case 'enter':
            if (places.length < 6) {
              places.push({ place: scheduler.enter(), isHeld: false, isAsking: false, hasLeft: false });
            }
            break;
          case 'ask':
            if (own && !own.isAsking && !own.hasLeft) askFor(event.which);
            break;
          case 'leave':
            if (own && !own.isAsking) {
              own.hasLeft = true;
              own.place.leave();
              if (now.atWork === event.which) now.atWork = null;
            }
            break;
          case 'hold':
            if (own && !own.hasLeft) {
              own.isHeld = event.isHeld;
              own.place.hold(event.isHeld);
            }
            break;
          case 'work':
            if (now.atWork !== null) {
              const worker = places[now.atWork]!;
              now.atWork = null;
              const begunAt = Date.now();
              await vi.advanceTimersByTimeAsync(event.milliseconds);
              const coreMilliseconds = event.milliseconds * event.cores;
              worker.place.spent({ coreMilliseconds, busyMilliseconds: event.milliseconds });
              spentAt = begunAt;
              owed = coreMilliseconds;
            }
            break;
          case 'by-hand':
            ends.push(scheduler.byHand());
            break;
          case 'by-hand-ends':
            ends.shift()?.();
            break;
          case 'lag':
          case 'relief':
            isLagging = event.kind === 'lag';
            scheduler.setMachine({ isLagging });
            break;
          case 'time':
            await vi.advanceTimersByTimeAsync(event.milliseconds);
        }
        await settle();
      }
      // Once nothing prevents it, the oldest scan that asks gets its turn in the end.
      while (ends.length > 0) ends.shift()?.();
      isLagging = false;
      scheduler.setMachine({ isLagging });
      await vi.advanceTimersByTimeAsync(120_000);
      expect(wrong).toEqual([]);
      const oldest = places.find(({ isHeld, hasLeft }) => !isHeld && !hasLeft);
      expect(oldest?.isAsking ?? false).toBe(false);
    }),
    { seed: 23, numRuns: 1500 },
  );
  expect(turnCount).toBeGreaterThan(1000);
});
