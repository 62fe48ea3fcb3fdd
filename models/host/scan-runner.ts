import { isDetectorError } from '../../utils/domain/errors.ts';
import type { DetectorErrorCode } from '../../utils/domain/errors.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { isFinal, isQuiet } from '../../utils/domain/scan.ts';
import type { EvidenceFace, Scan, ScanFailureCode, ScanState } from '../../utils/domain/scan.ts';
import type { OpenedSource } from '../frames/open-sources.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import { gateByPage } from '../scan/quality-gate.ts';
import { modelMissing, VIDEO_GONE } from '../scan/run-scan.ts';
import type { ScanEvent, ScanPolicy, ScanResult } from '../scan/run-scan.ts';
import type { AutomaticScheduler, ScheduledScan } from './automatic-scheduler.ts';
import { browserName, describeOrigin } from './describe-scan.ts';
import type { VideoGiven } from './describe-scan.ts';
import type { EngineClient } from './engine-client.ts';
import type { ScanJob } from './engine-protocol.ts';
import type { DetailsStore } from './kept-crops.ts';
import { createStateReporter } from './report-scan.ts';

export type ScanRunnerDeps = {
  readonly engine: EngineClient;
  readonly scheduler: AutomaticScheduler;
  /** How many cores, or what share of the GPU, a scan keeps busy while it works. */
  readonly coresBusy: () => number;
  readonly details: DetailsStore;
  /** Bands of the detector that is offered where no model is installed. */
  readonly offeredBands: ScoreBands;
  /** The extension's version, for the reports. */
  readonly appVersion: string;
  /** Ids of the models that judge, and the bands by which they do; null where none is installed. */
  readonly chooseModels: () => Promise<Pick<ScanJob, 'modelIds' | 'bands'> | null>;
  /** Reports to the background. With a final state comes the face with the clearest score. */
  readonly report: (scan: Scan, face: EvidenceFace | null) => void;
  /** Called with every state of every scan, in order. */
  readonly onState: (scan: Scan) => void;
};

/** One scan that a content script or a page of ours asks for. */
export type RequestedScan = {
  /** The scan in its first state. */
  readonly scan: Scan;
  readonly framesAsked: number | null;
  readonly given: VideoGiven;
  /** `evaluation` for one of many videos; left out for a single check. */
  readonly policy?: 'evaluation';
  readonly openSources: (signal: AbortSignal) => Promise<OpenedSource>;
  /** Whether the page has said that the video is gone: the scan then ends so, even where the port closes first. */
  readonly sawVideoGone: () => boolean;
  /** Called with every state, up to the final one, for the page that asked. */
  readonly onState: (state: ScanState, evidence: readonly EvidenceFace[]) => void;
  /** Called with an automatic scan's place among the others. */
  readonly onScheduled: (scheduled: ScheduledScan) => void;
};

export type ScanRunner = ReturnType<typeof createScanRunner>;

/** A {@link ScanResult} whose state may be any final one. */
type ScanEnd = Omit<ScanResult, 'state'> & { readonly state: ScanState };

export function createScanRunner(deps: ScanRunnerDeps) {
  const { engine, scheduler, details } = deps;
  /** Runs checks by hand one after the other. Self-tests and the release of networks wait in the same queue. */
  const queue = createSerialQueue();

  /** Runs a scan to its end. @param signal aborts when the other end has gone or cancels */
  async function run(requested: RequestedScan, signal: AbortSignal): Promise<void> {
    const { scan: first, sawVideoGone } = requested;
    const isAutomatic = first.isAutomatic === true;
    const scanIn = (state: ScanState): Scan => ({ ...first, state });
    const toBackground = createStateReporter((state) => {
      // No page shows the progress of an automatic scan.
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
      state: signal.aborted ? (sawVideoGone() ? VIDEO_GONE : { kind: 'cancelled' }) : failed(error),
      evidence: [],
      crops: [],
    }));
    const scan = scanIn(state);
    // The crops are kept before the end is announced, since the page may ask for the details at once. Few scans' crops
    // are kept, and a feed's many quiet scans must not replace those that the user has asked for.
    if (crops.length > 0 && !isQuiet(scan)) details.keep(scan, crops);
    requested.onState(state, evidence);
    deps.onState(scan);
    toBackground(state);
    // A user who scrolls on cancels many automatic scans, so the background hears only of the finished ones.
    if (!isAutomatic || state.kind === 'finished') deps.report(scan, evidence[0] ?? null);
  }

  const commonPolicy = ({ framesAsked, scan }: RequestedScan) => ({
    framesAsked,
    durationSeconds: scan.video.durationSeconds,
  });

  /** Checks by hand run one after the other, and before any automatic scan. */
  async function runByHand(
    requested: RequestedScan,
    onEvent: (event: ScanEvent) => void,
    signal: AbortSignal,
  ): Promise<ScanEnd> {
    const ended = scheduler.byHand();
    const policy: ScanPolicy = {
      ...commonPolicy(requested),
      kind: requested.policy ?? 'by-hand',
      mayStop: 'never',
      // A user who checks a paused video gets an answer from its one frame.
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
      kind: 'automatic',
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
    { scan, framesAsked, given, openSources }: RequestedScan,
    how: Pick<Parameters<EngineClient['scan']>[0], 'policy' | 'onEvent' | 'onCancel'>,
    signal: AbortSignal,
  ): Promise<ScanEnd> {
    const chosen = await deps.chooseModels();
    if (chosen === null) {
      return { state: modelMissing(framesAsked, deps.offeredBands), evidence: [], crops: [] };
    }
    const { source, describe } = await openSources(signal);
    const over = new AbortController();
    const origin = describeOrigin(scan.video, given, AbortSignal.any([signal, over.signal]));
    // It is awaited at the end; the scan may fail before.
    origin.catch(() => undefined);
    try {
      const result = await engine.scan({ ...how, ...chosen, source }, signal);
      const { state, judgedArea = null } = result;
      if (state.kind !== 'finished') return result;
      const { report, ...described } = await describe(state, judgedArea, signal);
      const used = { ...report.used, appVersion: deps.appVersion, browser: browserName(navigator) };
      const verdict = gateByPage(report.verdict);
      const { calibration: _ofScore, ...withoutIt } = report;
      // The counted videos were judged by their scores. They say nothing about a verdict with another reason.
      const kept = verdict === report.verdict ? report : withoutIt;
      return {
        ...result,
        state: { ...described, report: { ...kept, verdict, used, origin: await origin } },
      };
    } finally {
      over.abort();
      source.close();
    }
  }

  return { run, queue };
}

/** The codes of failures that the page has words for; every other failure is `internal`. */
const FAILURE_CODES: Partial<Record<DetectorErrorCode, ScanFailureCode>> = {
  'model-invalid': 'model-invalid',
  'runtime-failed': 'runtime-failed',
  'engine-ended': 'host-lost',
  // The page stopped answering in the middle of a frame.
  unreachable: 'video-gone',
};

function failed(error: unknown): ScanState {
  const code = (isDetectorError(error) ? FAILURE_CODES[error.code] : undefined) ?? 'internal';
  return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
}
