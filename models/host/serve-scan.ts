import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import type { Analysis } from '../scan/analysis.ts';
import { modelMissing, runScan, VIDEO_GONE } from '../scan/run-scan.ts';
import type { ScanPace, ScanResult } from '../scan/run-scan.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { EvidenceFace, Scan, ScanFailureCode, ScanState } from '../../utils/domain/scan.ts';
import type { AutomaticLane, LanePlace } from './automatic-scheduler.ts';
import type { DetailsStore } from './kept-crops.ts';
import { createPatientAnalysis } from './patient-analysis.ts';
import { createRestingPace } from './resting-pace.ts';
import { createScanChannel } from './scan-channel.ts';
import type { PortChannel } from './scan-channel.ts';
import type { ScanQueue } from './scan-queue.ts';
import { createStateReporter } from './state-reporter.ts';
import { openWays } from '../frames/open-sources.ts';
import type { Asker, StartMessage, WaysDeps } from '../frames/open-sources.ts';

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
  readonly ways: WaysDeps;
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
  const asker = describeAsker(first, port.sender);
  const scanning = isAutomatic
    ? scanInLane(start, asker, scanDeps, held, signal)
    : scanByHand(start, asker, scanDeps, signal);
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
  const isLoud = state.kind === 'finished' && state.report.verdict.kind === 'likely-manipulated';
  return isAutomatic !== true || isLoud;
}

type ScanDeps = Omit<Parameters<typeof runScan>[1], 'channel'> &
  Pick<ScanServerDeps, 'chooseModels' | 'queue' | 'lane' | 'coresBusy' | 'ways'> & {
    readonly channel: PortChannel;
  };

/** One after the other, and before any automatic scan. */
async function scanByHand(
  start: StartMessage,
  asker: Asker,
  deps: ScanDeps,
  signal: AbortSignal,
): Promise<ScanEnd> {
  const ended = deps.lane.byHand();
  try {
    return await deps.queue.run(() => scanNow(start, asker, deps, signal), signal);
  } finally {
    ended();
  }
}

async function scanInLane(
  start: StartMessage,
  asker: Asker,
  deps: ScanDeps,
  held: { readonly isHeld: boolean; place: LanePlace | null },
  signal: AbortSignal,
): Promise<ScanEnd> {
  const place = deps.lane.enter();
  held.place = place;
  place.hold(held.isHeld);
  const spent = (busyMilliseconds: number): void =>
    place.spent({ busyMilliseconds, coreMilliseconds: busyMilliseconds * deps.coresBusy() });
  const pace: ScanPace = { spent, nextFrame: place.turn };
  try {
    await place.turn(signal);
    const paced = { ...deps, pace, analysis: createPatientAnalysis(deps.analysis, spent) };
    return await scanNow(start, asker, paced, signal);
  } catch (error) {
    if (isDetectorError(error, 'runtime-failed')) deps.lane.rest();
    throw error;
  } finally {
    place.leave();
  }
}

async function scanNow(
  start: StartMessage,
  asker: Asker,
  deps: Omit<ScanDeps, 'queue' | 'lane' | 'coresBusy'>,
  signal: AbortSignal,
): Promise<ScanEnd> {
  const modelIds = await deps.chooseModels();
  if (modelIds.length === 0) return { state: modelMissing(start.framesAsked), evidence: [], crops: [] };
  const { channel, describe } = await openWays(start, asker, deps.channel, deps.ways);
  const pace = deps.pace ? createRestingPace(deps.pace, channel.rest) : null;
  try {
    const { framesAsked, video } = start;
    const scanDeps = { ...deps, channel, pace };
    const result = await runScan(
      { framesAsked, durationSeconds: video.durationSeconds, modelIds },
      scanDeps,
      signal,
    );
    return result.state.kind === 'finished' ? { ...result, state: describe(result.state) } : result;
  } finally {
    channel.release();
  }
}

function describeAsker(
  { tabId, frameId, isPrivate }: Scan,
  sender: Browser.runtime.MessageSender | undefined,
): Asker {
  const origin = originOf(sender?.url);
  return {
    tabId,
    isPrivate,
    origin,
    isOwnPage: origin !== null && origin === originOf(browser.runtime.getURL('/')),
    // What lies in a frame of another origin can't tell where in the tab it is.
    isPlaceKnown: frameId === 0 || (origin !== null && origin === originOf(sender?.tab?.url)),
  };
}

function originOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

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
    ...(sender?.url !== undefined && { documentUrl: sender.url }),
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
