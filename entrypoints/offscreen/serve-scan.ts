import type { Browser } from 'wxt/browser';
import type { Analysis } from '../../models/scan/analysis.ts';
import { modelMissing, runScan, VIDEO_GONE } from '../../models/scan/run-scan.ts';
import type { ScanPace, ScanResult } from '../../models/scan/run-scan.ts';
import { isDetectorError } from '../../utils/errors.ts';
import type { ContentToHost } from '../../utils/frames-port.ts';
import { isFinal } from '../../utils/scan.ts';
import type { EvidenceFace, Scan, ScanFailureCode, ScanState } from '../../utils/scan.ts';
import type { AutomaticLane, LanePlace } from './automatic-lane.ts';
import type { DetailsStore } from './details-store.ts';
import { createPatientAnalysis } from './patient-analysis.ts';
import { createScanChannel } from './scan-channel.ts';
import type { ScanQueue } from './scan-queue.ts';
import { createStateReporter } from './state-reporter.ts';

/** A content script says what it wants as soon as it has connected. */
const START_TIMEOUT_MILLISECONDS = 10_000;

export type ScanServerDeps = {
  readonly analysis: Analysis;
  /** Of checks by hand. */
  readonly queue: ScanQueue;
  readonly lane: AutomaticLane;
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

/** Serves one content script, from its port's opening to the end of its scan. The port's closing is how it cancels. */
export async function serveScan(port: Browser.runtime.Port, deps: ScanServerDeps): Promise<void> {
  const held = { isHeld: false, place: null as LanePlace | null };
  const channel = createScanChannel(port, (isHeld) => {
    held.isHeld = isHeld;
    held.place?.hold(isHeld);
  });
  const closed = new AbortController();
  port.onDisconnect.addListener(() => closed.abort());
  const { signal } = closed;
  // A port that closes before that has started nothing.
  const start = await channel.next(START_TIMEOUT_MILLISECONDS, signal).catch(() => null);
  const first = start?.type === 'start' ? describeScan(start, port.sender) : null;
  if (start?.type !== 'start' || first === null) {
    port.disconnect();
    return;
  }

  const isAutomatic = start.isAutomatic === true;
  const scanIn = (state: ScanState): Scan => ({ ...first, state });
  const toBackground = createStateReporter((state) => {
    // Nobody waits for an automatic check, so nobody is told how it is getting on.
    if (!isFinal(state) && !isAutomatic) deps.report(scanIn(state), null);
  });
  const endedBy = (error: unknown): ScanState => {
    if (!signal.aborted) return failedBy(error);
    return channel.sawVideoGone() ? VIDEO_GONE : { kind: 'cancelled' };
  };
  const onState = (state: ScanState): void => {
    channel.post({ type: 'state', state, evidence: [] });
    deps.onState(scanIn(state));
    toBackground(state);
  };

  if (isAutomatic || deps.queue.isBusy()) onState(first.state);
  else deps.onState(first);
  const scanDeps = { ...deps, channel, onState };
  const scanning = isAutomatic
    ? scanInLane(start, scanDeps, held, signal)
    : scanByHand(start, scanDeps, signal);
  const { state, evidence, crops } = await scanning.catch((error: unknown): ScanEnd => ({
    state: endedBy(error),
    evidence: [],
    crops: [],
  }));
  const scan = scanIn(state);
  // Before the end is announced: whoever hears of it may ask for the details at once.
  if (crops.length > 0 && isWorthKeeping(scan)) deps.details.keep(scan, crops);
  channel.post({ type: 'state', state, evidence });
  deps.onState(scan);
  toBackground(state);
  // A reader who scrolls on cancels one automatic check after the other, which nobody needs to hear of.
  if (!isAutomatic || state.kind === 'finished') deps.report(scan, evidence[0] ?? null);
}

/** As {@link ScanResult}, but for how a scan can end from outside. */
type ScanEnd = Omit<ScanResult, 'state'> & { readonly state: ScanState };

/** Few scans' crops are kept: a feed's many quiet ones must not push out what somebody has asked for. */
function isWorthKeeping({ isAutomatic, state }: Scan): boolean {
  const isLoud = state.kind === 'finished' && state.verdict.kind === 'likely-manipulated';
  return isAutomatic !== true || isLoud;
}

type ScanDeps = Parameters<typeof runScan>[1] &
  Pick<ScanServerDeps, 'chooseModels' | 'queue' | 'lane' | 'coresBusy'>;

/** One after the other, and before any automatic scan. */
async function scanByHand(start: StartMessage, deps: ScanDeps, signal: AbortSignal): Promise<ScanEnd> {
  const ended = deps.lane.byHand();
  try {
    return await deps.queue.run(() => scanNow(start, deps, signal), signal);
  } finally {
    ended();
  }
}

async function scanInLane(
  start: StartMessage,
  deps: ScanDeps,
  held: { readonly isHeld: boolean; place: LanePlace | null },
  signal: AbortSignal,
): Promise<ScanEnd> {
  const place = deps.lane.enter();
  held.place = place;
  place.hold(held.isHeld);
  const pace: ScanPace = {
    nextFrame: (busyMilliseconds, frameSignal) => {
      place.spent({ busyMilliseconds, coreMilliseconds: busyMilliseconds * deps.coresBusy() });
      return place.turn(frameSignal);
    },
  };
  try {
    await place.turn(signal);
    return await scanNow(start, { ...deps, pace, analysis: createPatientAnalysis(deps.analysis) }, signal);
  } catch (error) {
    if (isDetectorError(error, 'runtime-failed')) deps.lane.rest();
    throw error;
  } finally {
    place.leave();
  }
}

async function scanNow(
  { framesAsked, video: { durationSeconds } }: StartMessage,
  deps: Parameters<typeof runScan>[1] & Pick<ScanServerDeps, 'chooseModels'>,
  signal: AbortSignal,
): Promise<ScanEnd> {
  const modelIds = await deps.chooseModels();
  if (modelIds.length === 0) return { state: modelMissing(framesAsked), evidence: [], crops: [] };
  return await runScan({ framesAsked, durationSeconds, modelIds }, deps, signal);
}

type StartMessage = Extract<ContentToHost, { readonly type: 'start' }>;

/** What the browser itself says of the sender stands; the rest is what the content script says. null without a tab. */
function describeScan(
  { scanId, video, isAutomatic = false }: StartMessage,
  sender: Browser.runtime.MessageSender | undefined,
): Scan | null {
  const tab = sender?.tab;
  if (tab?.id === undefined) return null;
  return {
    scanId,
    tabId: tab.id,
    frameId: sender?.frameId ?? 0,
    isPrivate: tab.incognito,
    video,
    startedAt: Date.now(),
    state: { kind: 'waiting' },
    ...(isAutomatic && { isAutomatic }),
  };
}

function failedBy(error: unknown): ScanState {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', code: failureCodeOf(error), message };
}

function failureCodeOf(error: unknown): ScanFailureCode {
  if (isDetectorError(error, 'model-invalid')) return 'model-invalid';
  if (isDetectorError(error, 'runtime-failed')) return 'runtime-failed';
  // The page stopped answering in the middle of a frame.
  if (isDetectorError(error, 'unreachable')) return 'video-gone';
  return 'internal';
}
