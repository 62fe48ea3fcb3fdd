import type { MachineState } from './scheduler-policy.ts';
import { createLagMeter } from './lag-meter.ts';
import type { AutomaticState } from '../../utils/domain/automatic.ts';

/** Watches the machine while automatic scans wait or run, and not otherwise. */
export type MachineWatch = {
  readonly setBusy: (isBusy: boolean) => void;
  /** What the browser does not tell. */
  readonly unknown: () => AutomaticState['unknown'];
};

/** How often the host's timer rings to see how late it does. */
const RING_MILLISECONDS = 1000;
/** A reader notices a tenth of a second; twice that is no accident. */
const LAG_MILLISECONDS = 200;
/** Compute Pressure Level 1: from here on a machine can hardly take more. */
const HIGH_PRESSURES: readonly unknown[] = ['serious', 'critical'];
const PRESSURE_MILLISECONDS = 2000;

/** Of what TypeScript's library does not know yet; absent in browsers without it. */
type Battery = EventTarget & { readonly charging: boolean };
type NetworkInformation = EventTarget & { readonly saveData?: boolean; readonly type?: string };
type PressureObserverLike = {
  readonly observe: (source: 'cpu', options: { sampleInterval: number }) => Promise<void>;
  readonly disconnect: () => void;
};
type Platform = {
  readonly navigator: {
    readonly getBattery?: () => Promise<Battery>;
    readonly connection?: NetworkInformation;
  };
  readonly PressureObserver?: new (
    callback: (records: readonly { readonly state: unknown }[]) => void,
  ) => PressureObserverLike;
};

/** @param onChange is told what was found out */
export function createMachineWatch(onChange: (change: Partial<MachineState>) => void): MachineWatch {
  const { navigator: device, PressureObserver } = globalThis as unknown as Platform;
  let over: AbortController | null = null;
  let isPressureKnown = false;
  let isUnderPressure = false;

  const watchLag = (signal: AbortSignal): void => {
    const meter = createLagMeter(LAG_MILLISECONDS);
    let timer: ReturnType<typeof setTimeout>;
    // Each one anew: an interval keeps to its schedule, and a machine that is late all the time would ring evenly.
    const setRing = (): void => {
      const dueAt = performance.now() + RING_MILLISECONDS;
      timer = setTimeout(() => {
        const now = performance.now();
        const isLate = meter.add(now - dueAt, now);
        setRing();
        onChange({ isLagging: isLate || isUnderPressure });
      }, RING_MILLISECONDS);
    };
    setRing();
    signal.addEventListener('abort', () => clearTimeout(timer));
  };

  const watchPressure = async (signal: AbortSignal): Promise<void> => {
    if (PressureObserver === undefined) return;
    const observer = new PressureObserver((records) => {
      isPressureKnown = true;
      isUnderPressure = HIGH_PRESSURES.includes(records.at(-1)?.state);
    });
    signal.addEventListener('abort', () => observer.disconnect());
    try {
      await observer.observe('cpu', { sampleInterval: PRESSURE_MILLISECONDS });
    } catch {
      // Not on this system, or not for a document without a window: the timer's lateness has to do.
      isPressureKnown = false;
    }
  };

  const watchBattery = async (signal: AbortSignal): Promise<void> => {
    if (device.getBattery === undefined) return;
    // The first scan may ask for its first frame before the answer.
    onChange({ isBatteryAwaited: true });
    // Refused, it is as with a browser that does not tell.
    const battery = await device.getBattery().catch(() => null);
    if (signal.aborted) return;
    if (battery === null) {
      onChange({ isOnBattery: null, isBatteryAwaited: false });
      return;
    }
    const tell = (): void => onChange({ isOnBattery: !battery.charging, isBatteryAwaited: false });
    battery.addEventListener('chargingchange', tell, { signal });
    tell();
  };

  const watchNetwork = (signal: AbortSignal): void => {
    const { connection } = device;
    if (connection === undefined) return;
    const tell = (): void =>
      onChange({ isMetered: connection.saveData === true || connection.type === 'cellular' });
    connection.addEventListener('change', tell, { signal });
    tell();
  };

  return {
    setBusy: (isBusy) => {
      over?.abort();
      over = null;
      isUnderPressure = false;
      onChange({ isLagging: false });
      if (!isBusy) return;
      over = new AbortController();
      const { signal } = over;
      watchLag(signal);
      watchNetwork(signal);
      void watchPressure(signal);
      void watchBattery(signal);
    },
    unknown: () => [
      ...(device.getBattery === undefined ? (['battery'] as const) : []),
      // Desktop browsers say whether the user wants to save data, and not by what they are connected.
      ...(device.connection?.type === undefined ? (['network'] as const) : []),
      ...(isPressureKnown ? [] : (['pressure'] as const)),
    ],
  };
}
