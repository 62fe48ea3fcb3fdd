import { REPORT_VERSION } from '../../utils/domain/report.ts';
import { VERDICT_BANDS } from '../../utils/domain/verdict.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { EvidenceFace, ScanState } from '../../utils/domain/scan.ts';
import type { RefusalReason, Verdict } from '../../utils/domain/verdict.ts';
import { MIN_JUDGED_FRAMES } from './aggregate-verdict.ts';
import type { Analysis } from './analysis.ts';
import type { ScanChannel } from './channel.ts';
import { createBlackGauge } from './black-pictures.ts';
import { createCompressionGauge } from './compression.ts';
import { createEarlyEnd } from './early-end.ts';
import { createFrameLook } from './frame-look.ts';
import type { Ending } from './frame-look.ts';
import { createJudge } from './judge.ts';
import { createStopwatch } from './stopwatch.ts';
import { createTally } from './tally.ts';
import type { KeptCrop } from './tally.ts';

export type ScanRequest = {
  /** null: as many as the video has to give. */
  readonly framesAsked: number | null;
  /** null for a live stream. */
  readonly durationSeconds: number | null;
  /** The networks that judge, at least one. */
  readonly modelIds: readonly string[];
};

/** What an automatic scan does not decide by itself: when the next frame may cost the machine something. */
export type ScanPace = {
  /** Work since the last call, however it ended; more than once for a frame, and once more when the scan is over. */
  readonly spent: (busyMilliseconds: number) => void;
  /** Resolves when the next frame may be taken. */
  readonly nextFrame: (signal: AbortSignal) => Promise<void>;
};

export type FinishedState = Extract<ScanState, { readonly kind: 'finished' }>;
type FailedState = Extract<ScanState, { readonly kind: 'failed' }>;

export type ScanResult = {
  readonly state: FinishedState | FailedState;
  /** Up to six faces, most telling first. */
  readonly evidence: readonly EvidenceFace[];
  readonly crops: readonly KeptCrop[];
};

/** So long after the last frame a scan ends with what it has: others wait for their turn. */
const FRAME_TIMEOUT_MILLISECONDS = 60_000;
/** Frames of one scan; at the pace of inference, hours. Bounds what a scan's state holds. */
const MAX_FRAMES_LOOKED = 3600;

/** How a scan ends whose video is not there any more. */
export const VIDEO_GONE: FailedState = {
  kind: 'failed',
  code: 'video-gone',
  message: 'The video left the page or another one took its place.',
};

/**
 * Takes one scan from its first frame to its verdict. Detection and inference overlap with the video's playing; the
 * next frame is asked for as soon as the face crops of this one are at hand.
 *
 * @param deps.onState is given every state before the final one
 * @throws AbortError when cancelled; DetectorError as the Worker threw it, `unreachable` when the page stops
 *   answering, `internal` when it answers nonsense
 */
export async function runScan(
  { framesAsked, durationSeconds, modelIds }: ScanRequest,
  deps: {
    readonly analysis: Analysis;
    readonly channel: ScanChannel;
    readonly onState: (state: ScanState) => void;
    /**
     * Makes it an automatic scan: it waits for its turn before each frame, and ends as soon as no further one can change
     * whether this is *likely manipulated*. null for a check by hand, which takes every frame at once.
     */
    readonly pace?: ScanPace | null;
  },
  signal: AbortSignal,
): Promise<ScanResult> {
  const { analysis, channel, onState, pace = null } = deps;
  onState({ kind: 'loading-model' });
  const stopwatch = createStopwatch();
  // By itself: a verdict's timings are of the video's frames, but the machine is kept busy by this as well.
  const loading = createStopwatch();
  let chargedMilliseconds = 0;
  function charge(): void {
    const busyMilliseconds = stopwatch.milliseconds() + loading.milliseconds() - chargedMilliseconds;
    chargedMilliseconds += busyMilliseconds;
    pace?.spent(busyMilliseconds);
  }
  const load = (until: AbortSignal): ReturnType<Analysis['loadModel']> =>
    loading.during(() => analysis.loadModel(modelIds, until));
  const { usedModel, facesPerRun } = await load(signal).catch((error: unknown) => {
    charge();
    throw error;
  });

  // Inference that fails beside the frame loop ends the loop; and with the loop, inference ends.
  const ownAbort = new AbortController();
  const stop = AbortSignal.any([signal, ownAbort.signal]);
  const onFailed = (error: unknown): void => ownAbort.abort(error);
  const tally = createTally();
  const judge = createJudge(
    { analysis, facesPerRun, tally, stopwatch, onJudged: showProgress, onFailed },
    stop,
  );
  const earlyEnd =
    pace === null || framesAsked === null
      ? null
      : createEarlyEnd({ framesAsked, networkCount: usedModel.networks.length }, tally);
  const look = createFrameLook({ analysis, channel, tally, judge, stopwatch, earlyEnd });
  const compression = createCompressionGauge();
  const black = createBlackGauge();
  const times = { first: 0, last: 0 };

  function showProgress(): void {
    const framesLooked = tally.framesLooked() - judge.unfinishedFrames();
    onState({
      kind: 'running',
      framesLooked,
      framesAsked: framesAsked ?? expectedFrames(framesLooked, times, durationSeconds),
    });
  }

  async function isEnoughOrTurn(): Promise<boolean> {
    // Faces must not pile up while frames go on: the next frame may be one that nobody needs.
    await judge.settle();
    if (earlyEnd?.mayStop() === true) return true;
    charge();
    await pace?.nextFrame(stop);
    // What was loaded may have had to make room meanwhile, for a check by hand with other networks.
    if (pace !== null) await load(stop);
    return false;
  }

  async function lookAtFrames(): Promise<Ending | { readonly type: 'enough' }> {
    while (tally.framesLooked() < MAX_FRAMES_LOOKED) {
      const message = await channel.next(FRAME_TIMEOUT_MILLISECONDS, stop);
      switch (message?.type) {
        case 'frame': {
          if (tally.framesLooked() === 0) times.first = message.mediaTimeSeconds;
          times.last = message.mediaTimeSeconds;
          compression.sawFrame(message);
          black.sawFrame(message);
          const ending = await look.at(message, stop);
          showProgress();
          if (ending !== null) return ending;
          if (pace !== null && (await isEnoughOrTurn())) return { type: 'enough' };
          channel.post({ type: 'frame-done', frameIndex: message.frameIndex });
          break;
        }
        case 'end':
        case 'refuse':
        case 'video-gone':
          return message;
        case undefined:
          return { type: 'end' };
        case 'start':
        case 'hold':
        case 'cuts':
        case 'place':
          throw new DetectorError('internal', `unexpected ${message.type} from the content script`);
        default:
          message satisfies never;
      }
    }
    return { type: 'end' };
  }

  function finish(found: Verdict, isStill = false): ScanResult {
    const verdict = withPictures(found, isStill);
    const timings = {
      totalMilliseconds: stopwatch.milliseconds(),
      detectionMilliseconds: look.detectionMilliseconds(),
      inferenceMilliseconds: judge.inferenceMilliseconds(),
    };
    return {
      state: {
        kind: 'finished',
        report: {
          version: REPORT_VERSION,
          verdict,
          bands: VERDICT_BANDS,
          frameScores: tally.frameScores(),
          quality: { bitsPerPixel: compression.bitsPerPixel() },
          used: { source: null, screenScale: null, model: usedModel },
          timings,
        },
      },
      evidence: tally.evidence(verdict),
      crops: tally.crops(),
    };
  }

  /** What the pictures as such add to the verdict on the faces in them. */
  function withPictures(found: Verdict, isStill: boolean): Verdict {
    if (found.kind === 'refused') {
      return found.reason === 'no-face' && looksProtected(isStill)
        ? { ...found, reason: 'protected' }
        : found;
    }
    return compression.isStrong() ? { ...found, doubts: [...found.doubts, 'compressed'] } : found;
  }

  /** One black picture is how most videos begin; that nothing else comes while it plays is how protected ones look. */
  function looksProtected(isStill: boolean): boolean {
    return !isStill && tally.framesLooked() >= MIN_JUDGED_FRAMES && black.isAllBlack();
  }

  showProgress();
  try {
    const ending = await lookAtFrames();
    switch (ending.type) {
      case 'refuse':
        return finish(refusedVerdict(ending.reason, framesAsked, tally.framesLooked()));
      case 'video-gone':
        return { state: VIDEO_GONE, evidence: [], crops: [] };
      case 'end':
        await judge.finish();
        // One frame is an answer to somebody who has asked about a paused video; by itself it is too little.
        return finish(
          tally.verdict(ending.isStill === true && pace === null ? 1 : framesAsked),
          ending.isStill === true,
        );
      case 'enough':
        await judge.finish();
        return finish(tally.verdict(framesAsked, tally.framesLooked() < (framesAsked ?? 0)));
      default:
        return ending satisfies never;
    }
  } finally {
    // The last frame as well, and what a scan had cost that was cancelled.
    charge();
    ownAbort.abort();
  }
}

/** The end of a scan without any network, before a frame was looked at. */
export function modelMissing(framesAsked: number | null): FinishedState {
  return {
    kind: 'finished',
    report: {
      version: REPORT_VERSION,
      verdict: refusedVerdict('model-missing', framesAsked, 0),
      bands: VERDICT_BANDS,
      frameScores: [],
      quality: { bitsPerPixel: null },
      used: { source: null, screenScale: null, model: null },
      timings: null,
    },
  };
}

function refusedVerdict(reason: RefusalReason, framesAsked: number | null, framesLooked: number): Verdict {
  return { kind: 'refused', reason, framesLooked, framesAsked: framesAsked ?? framesLooked };
}

/** Where all frames were asked for: as many as the video will give at the pace so far. For the progress ring only. */
function expectedFrames(
  framesLooked: number,
  { first, last }: { readonly first: number; readonly last: number },
  durationSeconds: number | null,
): number {
  if (durationSeconds === null || last <= first) return framesLooked;
  const secondsToCome = Math.max(0, durationSeconds - last);
  return Math.round(framesLooked * (1 + secondsToCome / (last - first)));
}
