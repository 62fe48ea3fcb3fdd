import type { Browser } from 'wxt/browser';
import type { Analysis } from '../../models/scan/analysis.ts';
import { modelMissing, runScan, VIDEO_GONE } from '../../models/scan/run-scan.ts';
import type { ScanResult } from '../../models/scan/run-scan.ts';
import { isDetectorError } from '../../utils/errors.ts';
import type { ContentToHost } from '../../utils/frames-port.ts';
import { isFinal } from '../../utils/scan.ts';
import type { EvidenceFace, Scan, ScanFailureCode, ScanState } from '../../utils/scan.ts';
import type { DetailsStore } from './details-store.ts';
import { createScanChannel } from './scan-channel.ts';
import type { ScanQueue } from './scan-queue.ts';
import { createStateReporter } from './state-reporter.ts';

/** A content script says what it wants as soon as it has connected. */
const START_TIMEOUT_MILLISECONDS = 10_000;

export type ScanServerDeps = {
  readonly analysis: Analysis;
  readonly queue: ScanQueue;
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
  const channel = createScanChannel(port);
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

  const scanIn = (state: ScanState): Scan => ({ ...first, state });
  const toBackground = createStateReporter((state) => {
    if (!isFinal(state)) deps.report(scanIn(state), null);
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

  if (deps.queue.isBusy()) onState(first.state);
  else deps.onState(first);
  const { state, evidence, crops } = await deps.queue
    .run(() => scanNow(start, { ...deps, channel, onState }, signal), signal)
    .catch((error: unknown): ScanEnd => ({ state: endedBy(error), evidence: [], crops: [] }));
  const scan = scanIn(state);
  // Before the end is announced: whoever hears of it may ask for the details at once.
  if (crops.length > 0) deps.details.keep(scan, crops);
  channel.post({ type: 'state', state, evidence });
  deps.onState(scan);
  toBackground(state);
  deps.report(scan, evidence[0] ?? null);
}

/** As {@link ScanResult}, but for how a scan can end from outside. */
type ScanEnd = Omit<ScanResult, 'state'> & { readonly state: ScanState };

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
  { scanId, video }: StartMessage,
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
