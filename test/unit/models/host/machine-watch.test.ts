import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMachineWatch } from '../../../../models/host/machine-watch.ts';
import type { MachineState } from '../../../../models/host/scheduler-policy.ts';

let known: Partial<MachineState> = {};
const watchMachine = () => createMachineWatch((change) => (known = { ...known, ...change }));

beforeEach(() => {
  vi.useFakeTimers();
  known = {};
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('an earlier state of the battery does not count until the browser answers again', async () => {
  const battery = Object.assign(new EventTarget(), { charging: true });
  let answer = Promise.withResolvers<typeof battery>();
  vi.stubGlobal('navigator', { getBattery: () => answer.promise });
  const watch = watchMachine();
  watch.setBusy(true);
  expect(known.isBatteryAwaited).toBe(true);
  answer.resolve(battery);
  await vi.advanceTimersByTimeAsync(0);
  expect(known).toMatchObject({ isOnBattery: false, isBatteryAwaited: false });
  watch.setBusy(false);

  battery.charging = false;
  answer = Promise.withResolvers();
  watch.setBusy(true);
  expect(known.isBatteryAwaited).toBe(true);
  answer.resolve(battery);
  await vi.advanceTimersByTimeAsync(0);
  expect(known).toMatchObject({ isOnBattery: true, isBatteryAwaited: false });
  battery.charging = true;
  battery.dispatchEvent(new Event('chargingchange'));
  expect(known.isOnBattery).toBe(false);
  watch.setBusy(false);
});

test('a browser that does not tell of its battery, or refuses to, is not waited for', async () => {
  vi.stubGlobal('navigator', {});
  const silent = watchMachine();
  silent.setBusy(true);
  expect(known.isBatteryAwaited ?? false).toBe(false);
  silent.setBusy(false);
  vi.stubGlobal('navigator', { getBattery: () => Promise.reject(new Error('not allowed')) });
  const refusing = watchMachine();
  refusing.setBusy(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(known).toMatchObject({ isOnBattery: null, isBatteryAwaited: false });
  refusing.setBusy(false);
});

/** The host's thread is kept from its timers, each time as long. */
function ringLate(lateMilliseconds: number, times: number): Promise<void> {
  const { setTimeout: set } = globalThis;
  vi.stubGlobal('setTimeout', (ring: () => void, milliseconds: number) =>
    set(ring, milliseconds + lateMilliseconds),
  );
  return vi.advanceTimersByTimeAsync(times * (1000 + lateMilliseconds)).then(() => undefined);
}

test('a machine that is late at every ring lags; one that is late once is not', async () => {
  vi.stubGlobal('navigator', {});
  const watch = watchMachine();
  const { setTimeout: set } = globalThis;
  watch.setBusy(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(known.isLagging).toBe(false);
  await ringLate(400, 1);
  vi.stubGlobal('setTimeout', set);
  await vi.advanceTimersByTimeAsync(5000);
  expect(known.isLagging).toBe(false);
  await ringLate(400, 5);
  expect(known.isLagging).toBe(true);
  watch.setBusy(false);
  expect(known.isLagging).toBe(false);
});

test('a connection that is metered, or whose user saves data, is known, and so is that it changes', () => {
  const connection = Object.assign(new EventTarget(), { type: 'wifi', saveData: false });
  vi.stubGlobal('navigator', { connection });
  const watch = watchMachine();
  watch.setBusy(true);
  expect(known.isMetered).toBe(false);
  for (const [change, isMetered] of [
    [{ type: 'cellular' }, true],
    [{ type: 'wifi' }, false],
    [{ saveData: true }, true],
  ] as const) {
    Object.assign(connection, change);
    connection.dispatchEvent(new Event('change'));
    expect(known.isMetered).toBe(isMetered);
  }
  watch.setBusy(false);
  Object.assign(connection, { saveData: false });
  connection.dispatchEvent(new Event('change'));
  expect(known.isMetered).toBe(true);
});

test('a processor under pressure counts as lag until it is not', async () => {
  vi.stubGlobal('navigator', {});
  const told: { tell?: (records: readonly { state: string }[]) => void; disconnected: number } = {
    disconnected: 0,
  };
  vi.stubGlobal(
    'PressureObserver',
    class {
      constructor(tell: (records: readonly { state: string }[]) => void) {
        told.tell = tell;
      }
      observe = () => Promise.resolve();
      disconnect = () => {
        told.disconnected++;
      };
    },
  );
  const watch = watchMachine();
  watch.setBusy(true);
  expect(watch.unknown()).toContain('pressure');
  for (const [state, isLagging] of [
    ['fair', false],
    ['serious', true],
    ['critical', true],
    ['nominal', false],
  ] as const) {
    told.tell?.([{ state }]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(known.isLagging).toBe(isLagging);
  }
  expect(watch.unknown()).not.toContain('pressure');
  watch.setBusy(false);
  expect(told.disconnected).toBe(1);
});

test('a browser without a pressure that can be observed is judged by its timer alone', async () => {
  vi.stubGlobal('navigator', {});
  vi.stubGlobal(
    'PressureObserver',
    class {
      observe = () => Promise.reject(new Error('not for this document'));
      disconnect = () => undefined;
    },
  );
  const watch = watchMachine();
  watch.setBusy(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(known.isLagging).toBe(false);
  expect(watch.unknown()).toContain('pressure');
  watch.setBusy(false);
});
