import type { MachineState } from './scheduler-policy.ts';
import type { AutomaticState } from '../../utils/domain/automatic.ts';

/** A garbage collection or an opening page makes one timer late; a busy machine makes three of five late. */
const LAG_SAMPLES = 5;
const LATE_SAMPLES = 3;
/** Automatic scans pause at least this long after a lag. */
const LAG_PAUSE_MILLISECONDS = 10_000;
/** Interval of the host's timer, whose lateness is measured. */
const RING_MILLISECONDS = 1000;
/** A user notices a tenth of a second; twice that is a lag. */
const LAG_MILLISECONDS = 200;
/** Compute Pressure Level 1: from `serious` on the machine has hardly any time left. */
const HIGH_PRESSURES: readonly unknown[] = ['serious', 'critical'];
const PRESSURE_MILLISECONDS = 2000;

/** The type is missing in TypeScript's library, and some browsers lack the API. */
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

/**
 * Tells whether the machine lags, by how late the host's own timer rings. It rings late while all cores are busy, with
 * this extension or with another program.
 * @param lagMilliseconds from this lateness on, a ring counts as late
 * @returns a function that takes a ring's lateness and the time, both in milliseconds, and says whether the machine
 *   lags now
 */
export function createLagMeter(lagMilliseconds: number): (lateMilliseconds: number, now: number) => boolean {
  const recent: boolean[] = [];
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return (lateMilliseconds, now) => {
    recent.push(lateMilliseconds >= lagMilliseconds);
    if (recent.length > LAG_SAMPLES) recent.shift();
    if (recent.filter(Boolean).length >= LATE_SAMPLES) pausedUntil = now + LAG_PAUSE_MILLISECONDS;
    return now < pausedUntil;
  };
}

/**
 * Watches the machine while automatic scans wait or run.
 * @param onChange called with each change of the machine's state
 */
export function createMachineWatch(onChange: (change: Partial<MachineState>) => void) {
  const { navigator: device, PressureObserver } = globalThis as unknown as Platform;
  let over: AbortController | null = null;
  let isPressureKnown = false;
  let isUnderPressure = false;

  const watchLag = (signal: AbortSignal): void => {
    const isLagging = createLagMeter(LAG_MILLISECONDS);
    let timer: ReturnType<typeof setTimeout>;
    // Not setInterval: it keeps its schedule, so on a machine that is always late it would ring at even intervals.
    const setRing = (): void => {
      const dueAt = performance.now() + RING_MILLISECONDS;
      timer = setTimeout(() => {
        const now = performance.now();
        const isLate = isLagging(now - dueAt, now);
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
      // The system has no pressure sensor, or none for a document without a window. Then only the timer's lateness is
      // known.
      isPressureKnown = false;
    }
  };

  const watchBattery = async (signal: AbortSignal): Promise<void> => {
    if (device.getBattery === undefined) return;
    // The first scan may ask for its first frame before the browser answers.
    onChange({ isBatteryAwaited: true });
    // A refusal has the effect of a browser without this API.
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
    setBusy: (isBusy: boolean) => {
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
    /** The parts of the state that the browser does not tell. */
    unknown: (): AutomaticState['unknown'] => [
      ...(device.getBattery === undefined ? (['battery'] as const) : []),
      // Desktop browsers say whether the user wants to save data, and not by what they are connected.
      ...(device.connection?.type === undefined ? (['network'] as const) : []),
      ...(isPressureKnown ? [] : (['pressure'] as const)),
    ],
  };
}
