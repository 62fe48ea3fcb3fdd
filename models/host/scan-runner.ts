import { isDetectorError } from '../../utils/domain/errors.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { EvidenceFace, Scan, ScanFailureCode, ScanState } from '../../utils/domain/scan.ts';
import type { OpenedSource } from '../frames/open-sources.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import type { SerialQueue } from '../../utils/domain/serial-queue.ts';
import { modelMissing, VIDEO_GONE } from '../scan/run-scan.ts';
import type { ScanEvent, ScanPolicy, ScanResult } from '../scan/run-scan.ts';
import type { AutomaticScheduler, ScheduledScan } from './automatic-scheduler.ts';
import type { EngineClient } from './engine-client.ts';
import type { DetailsStore } from './kept-crops.ts';
import { createStateReporter } from './state-reporter.ts';

export type ScanRunnerDeps = {
  readonly engine: EngineClient;
  readonly scheduler: AutomaticScheduler;
  /** How many cores, or what share of the GPU, a scan keeps busy while it works. */
  readonly coresBusy: () => number;
  readonly details: DetailsStore;
  /** Ids of the models that judge. */
  readonly chooseModels: () => Promise<readonly string[]>;
  /** Tells the background; `face` is the most telling one, with final states. */
  readonly report: (scan: Scan, face: EvidenceFace | null) => void;
  /** For the host's own state: every state of every scan, in order. */
  readonly onState: (scan: Scan) => void;
};

/** One scan that a content script or a page of ours asks for. */
export type RequestedScan = {
  /** As it begins. */
  readonly scan: Scan;
  readonly framesAsked: number | null;
  readonly openSources: () => Promise<OpenedSource>;
  /** Whether the video was said to be gone, by which the scan ends also where its port closes first. */
  readonly sawVideoGone: () => boolean;
  /** Every change, up to the final state, for the end that asked. */
  readonly onState: (state: ScanState, evidence: readonly EvidenceFace[]) => void;
  /** Of an automatic scan: its place among the others, while it has one. */
  readonly onScheduled: (scheduled: ScheduledScan) => void;
};

export type ScanRunner = {
  /** Runs a scan to its end. @param signal the other end has gone, or cancels */
  readonly run: (requested: RequestedScan, signal: AbortSignal) => Promise<void>;
  /** Runs checks by hand one after the other. Self-tests and the release of networks wait in it as well. */
  readonly queue: SerialQueue;
};

/** As {@link ScanResult}, but for the other ends of a scan. */
type ScanEnd = Omit<ScanResult, 'state'> & { readonly state: ScanState };

export function createScanRunner(deps: ScanRunnerDeps): ScanRunner {
  const { engine, scheduler, details } = deps;
  const queue = createSerialQueue();

  async function run(requested: RequestedScan, signal: AbortSignal): Promise<void> {
    const { scan: first, sawVideoGone } = requested;
    const isAutomatic = first.isAutomatic === true;
    const scanIn = (state: ScanState): Scan => ({ ...first, state });
    const toBackground = createStateReporter((state) => {
      // Progress of an automatic check is shown nowhere.
      if (!isFinal(state) && !isAutomatic) deps.report(scanIn(state), null);
    });
    const onState = (state: ScanState): void => {
      requested.onState(state, []);
      deps.onState(scanIn(state));
      toBackground(state);
    };

    if (isAutomatic || queue.isBusy()) onState(first.state);
    else deps.onState(first);
    const running = isAutomatic
      ? runScheduled(requested, onState, signal)
      : runByHand(requested, onState, signal);
    const { state, evidence, crops } = await running.catch((error: unknown): ScanEnd => ({
      state: signal.aborted
        ? sawVideoGone()
          ? VIDEO_GONE
          : { kind: 'cancelled' }
        : { kind: 'failed', code: failureCodeOf(error), message: messageOf(error) },
      evidence: [],
      crops: [],
    }));
    const scan = scanIn(state);
    // Before the end is announced: the details may be asked for at once.
    if (crops.length > 0 && isWorthKeeping(scan)) details.keep(scan, crops);
    requested.onState(state, evidence);
    deps.onState(scan);
    toBackground(state);
    // A user who scrolls on cancels one automatic check after the other, which is of no interest to anybody.
    if (!isAutomatic || state.kind === 'finished') deps.report(scan, evidence[0] ?? null);
  }

  /** One after the other, and before any automatic scan. */
  async function runByHand(
    requested: RequestedScan,
    onEvent: (event: ScanEvent) => void,
    signal: AbortSignal,
  ): Promise<ScanEnd> {
    const ended = scheduler.byHand();
    const policy: ScanPolicy = {
      ...commonPolicy(requested),
      mayStop: 'never',
      // One frame is an answer to a user who has asked about a paused video.
      judgesStill: true,
      beforeFrame: () => Promise.resolve(),
      spent: () => undefined,
    };
    try {
      return await queue.run(() => runNow(requested, { policy, onEvent, onCancel: 'drain' }, signal), signal);
    } finally {
      ended();
    }
  }

  async function runScheduled(
    requested: RequestedScan,
    onEvent: (event: ScanEvent) => void,
    signal: AbortSignal,
  ): Promise<ScanEnd> {
    const scheduled = scheduler.enter();
    requested.onScheduled(scheduled);
    const policy: ScanPolicy = {
      ...commonPolicy(requested),
      mayStop: 'early',
      judgesStill: false,
      beforeFrame: scheduled.turn,
      spent: (busyMilliseconds) =>
        scheduled.spent({ busyMilliseconds, coreMilliseconds: busyMilliseconds * deps.coresBusy() }),
    };
    try {
      await scheduled.turn(signal);
      return await runNow(requested, { policy, onEvent, onCancel: 'let-finish' }, signal);
    } catch (error) {
      if (isDetectorError(error, 'runtime-failed')) scheduler.pauseForMemory();
      throw error;
    } finally {
      scheduled.leave();
    }
  }

  async function runNow(
    { framesAsked, openSources }: RequestedScan,
    how: Pick<Parameters<EngineClient['scan']>[0], 'policy' | 'onEvent' | 'onCancel'>,
    signal: AbortSignal,
  ): Promise<ScanEnd> {
    const modelIds = await deps.chooseModels();
    if (modelIds.length === 0) return { state: modelMissing(framesAsked), evidence: [], crops: [] };
    const { source, describe } = await openSources();
    try {
      const result = await engine.scan({ ...how, source, modelIds }, signal);
      const { state } = result;
      return state.kind === 'finished' ? { ...result, state: describe(state) } : result;
    } finally {
      source.close();
    }
  }

  return { run, queue };
}

function commonPolicy({
  framesAsked,
  scan,
}: RequestedScan): Pick<ScanPolicy, 'framesAsked' | 'durationSeconds'> {
  return { framesAsked, durationSeconds: scan.video.durationSeconds };
}

/** Few scans' crops are kept: a feed's many quiet ones must not push out those that the user has asked for. */
function isWorthKeeping({ isAutomatic, state }: Scan): boolean {
  const isLoud = state.kind === 'finished' && state.report.verdict.kind === 'likely-manipulated';
  return isAutomatic !== true || isLoud;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failureCodeOf(error: unknown): ScanFailureCode {
  if (isDetectorError(error, 'model-invalid')) return 'model-invalid';
  if (isDetectorError(error, 'runtime-failed')) return 'runtime-failed';
  if (isDetectorError(error, 'engine-ended')) return 'host-lost';
  // The page stopped answering in the middle of a frame.
  if (isDetectorError(error, 'unreachable')) return 'video-gone';
  return 'internal';
}
