import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMachineWatch } from '../../../../entrypoints/offscreen/machine-watch.ts';
import type { MachineState } from '../../../../entrypoints/offscreen/lane-policy.ts';

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

test('what the battery was like at an earlier time counts for nothing until the browser answers anew', async () => {
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
