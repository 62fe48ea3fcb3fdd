import { NOT_RECORDED, REPORT_VERSION, reportOfVerdict } from '../../utils/domain/report.ts';
import type { ScanSettings, ScoreBands } from '../../utils/domain/report.ts';
import type { EvidenceFace, FailedState, FinishedState } from '../../utils/domain/scan.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import type { RefusalReason, Verdict } from '../../utils/domain/verdict.ts';
import type { FrameSource, FrameSourceEnd } from '../frames/frame-source.ts';
import { calibrationOf } from './aggregate-verdict.ts';
import { MIN_JUDGED_FRAMES } from './quality-gate.ts';
import type { ScanDetector } from './analysis.ts';
import { createBlackGauge } from './black-pictures.ts';
import { createCompressionGauge } from './compression.ts';
import { createEarlyEnd } from './early-stop.ts';
import { createFrameExaminer } from './examine-frame.ts';
import { createJudge } from './judge.ts';
import { createStopwatch } from './stopwatch.ts';
import { createScanRecord } from './scan-record.ts';
import type { KeptCrop } from './scan-record.ts';

/** The rules of one scan: a check by hand, an automatic check and an evaluation differ only in them. */
export type ScanPolicy = {
  /** The kind of the scan, for the report alone. */
  readonly kind: ScanSettings['policy'];
  /** From 1; null for as many as the source has to give. */
  readonly framesAsked: number | null;
  /** Duration of the video, for the progress of a scan of all its frames; null for a live stream. */
  readonly durationSeconds: number | null;
  /** `early`: as soon as no further frame can change whether the verdict is *likely manipulated*. Needs `framesAsked`. */
  readonly mayStop: 'never' | 'early';
  /** Whether the one frame of a paused video is enough for a verdict. */
  readonly judgesStill: boolean;
  /** Resolves when the next frame may be taken. No picture is held meanwhile. */
  readonly beforeFrame: (signal: AbortSignal) => Promise<void>;
  /** Called with the work since the last call, in milliseconds, also after a failure; at least once a frame and at the end. */
  readonly spent: (busyMilliseconds: number) => void;
};

export type ScanEvent =
  | { readonly kind: 'loading-model' }
  | { readonly kind: 'running'; readonly framesScanned: number; readonly framesAsked: number };

export type ScanResult = {
  readonly state: FinishedState | FailedState;
  /** Up to six faces, most telling first. */
  readonly evidence: readonly EvidenceFace[];
  readonly crops: readonly KeptCrop[];
  /** The box around the deciding person's faces, in shares of the picture's sides; missing where nobody was judged. */
  readonly judgedArea?: PageBox | undefined;
};

export type ScanOptions = {
  readonly source: FrameSource;
  readonly detector: ScanDetector;
  readonly policy: ScanPolicy;
  /** Called with each state before the result. */
  readonly onEvent: (event: ScanEvent) => void;
};

/** The most frames of one scan, which take hours. The limit bounds the scan's memory. */
const MAX_FRAMES_EXAMINED = 3600;

/** The end of a scan whose video is gone. */
export const VIDEO_GONE: FailedState = {
  kind: 'failed',
  code: 'video-gone',
  message: 'The video left the page or another one took its place.',
};

/**
 * Takes one scan from its first frame to its verdict. Detection and inference overlap with the playing video: the next
 * frame is asked for as soon as the face crops of this one are cut, unless the policy may stop early. The caller closes
 * the source.
 * @throws AbortError when cancelled, after the network's present run; DetectorError as source and detector throw it
 */
export async function runScan(
  { source, detector, policy, onEvent }: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResult> {
  const { framesAsked } = policy;
  onEvent({ kind: 'loading-model' });
  const stopwatch = createStopwatch();
  // Loading has its own stopwatch: it is charged to the budget, but does not count in the report's timings.
  const loading = createStopwatch();
  let chargedMilliseconds = 0;
  function charge(): void {
    const busyMilliseconds = stopwatch.milliseconds() + loading.milliseconds() - chargedMilliseconds;
    chargedMilliseconds += busyMilliseconds;
    policy.spent(busyMilliseconds);
  }
  const loaded = await loading
    .during(() => detector.load())
    .catch((error: unknown) => {
      charge();
      throw error;
    });
  const { usedModel, scoring, noise, finder, cropMargin } = loaded;

  // A failure of inference ends the frame loop, and the end of the frame loop ends inference.
  const ownAbort = new AbortController();
  const stop = AbortSignal.any([signal, ownAbort.signal]);
  const onFailed = (error: unknown): void => ownAbort.abort(error);
  const record = createScanRecord(scoring);
  const judge = createJudge({ detector: loaded, record, stopwatch, onJudged: showProgress, onFailed }, stop);
  const compression = createCompressionGauge();
  const { leastBitsPerPixel } = compression;
  const earlyEnd =
    policy.mayStop === 'early' && framesAsked !== null
      ? createEarlyEnd(
          { framesAsked, networkCount: usedModel.networks.length, leastBitsPerPixel },
          record,
          scoring,
        )
      : null;
  const examiner = createFrameExaminer({ finder, cropMargin, record, judge, earlyEnd });
  const black = createBlackGauge();
  const times = { first: 0, last: 0 };

  function showProgress(): void {
    const framesScanned = record.framesScanned() - judge.unfinishedFrames();
    onEvent({
      kind: 'running',
      framesScanned,
      framesAsked: framesAsked ?? expectedFrames(framesScanned, times, policy.durationSeconds),
    });
  }

  /**
   * Examines the next frame.
   * @returns whether the source gave a frame
   */
  async function examineNext(): Promise<boolean> {
    const frame = await source.nextFrame(stop);
    if (frame === null) return false;
    try {
      stop.throwIfAborted();
      if (record.framesScanned() === 0) times.first = frame.mediaTimeSeconds;
      times.last = frame.mediaTimeSeconds;
      compression.sawFrame(frame);
      await stopwatch.during(async () => {
        const thumbnail = frame.thumbnail();
        black.sawPicture(thumbnail);
        await examiner.examine(frame, thumbnail);
      });
    } finally {
      frame.close();
    }
    record.lookedAtFrame();
    showProgress();
    return true;
  }

  async function examineFrames(): Promise<FrameSourceEnd | { readonly kind: 'enough' }> {
    while (record.framesScanned() < MAX_FRAMES_EXAMINED) {
      if (!(await examineNext())) break;
      if (source.ending() !== null) break;
      if (earlyEnd !== null) {
        // Waiting faces must not pile up while frames go on: the next frame may not be needed.
        await judge.settle();
        if (earlyEnd.mayStop()) return { kind: 'enough' };
      }
      charge();
      await policy.beforeFrame(stop);
    }
    return source.ending() ?? { kind: 'end' };
  }

  function finish(found: Verdict, isStill = false): ScanResult {
    const verdict = withPictures(found, isStill);
    return {
      state: {
        kind: 'finished',
        report: {
          version: REPORT_VERSION,
          verdict,
          bands: scoring.bands,
          ...calibrationOf(verdict, scoring, usedModel),
          frameScores: record.frameScores(),
          quality: record.quality(verdict, compression.bitsPerPixel()),
          used: {
            source: null,
            screenScale: null,
            model: usedModel,
            ...NOT_RECORDED,
            settings: { framesAsked, policy: policy.kind },
            noiseSeed: noise.kind === 'seed' ? noise.seed : null,
          },
          origin: null,
          timings: {
            totalMilliseconds: stopwatch.milliseconds(),
            detectionMilliseconds: examiner.detectionMilliseconds(),
            inferenceMilliseconds: judge.inferenceMilliseconds(),
          },
        },
      },
      evidence: record.evidence(verdict),
      crops: record.crops(),
      judgedArea: record.judgedArea(verdict),
    };
  }

  /** If all pictures were black and none had a face, the refusal is another one. */
  function withPictures(found: Verdict, isStill: boolean): Verdict {
    return found.kind === 'refused' && found.reason === 'no-face' && looksProtected(isStill)
      ? { ...found, reason: 'protected' }
      : found;
  }

  function verdictOn(asked: number | null, isStoppedEarly = false): Verdict {
    return record.verdict(asked, { isStoppedEarly, bitsPerPixel: compression.bitsPerPixel() });
  }

  /** Most videos begin with one black picture; a protected one shows only black pictures. */
  function looksProtected(isStill: boolean): boolean {
    return !isStill && record.framesScanned() >= MIN_JUDGED_FRAMES && black.isAllBlack();
  }

  showProgress();
  try {
    const ending = await examineFrames();
    switch (ending.kind) {
      case 'refused':
        return finish(refusedVerdict(ending.reason, framesAsked, record.framesScanned()));
      case 'gone':
        return { state: VIDEO_GONE, evidence: [], crops: [] };
      case 'end':
        await judge.finish();
        return finish(verdictOn(framesAsked));
      case 'still':
        await judge.finish();
        return finish(verdictOn(policy.judgesStill ? 1 : framesAsked), true);
      case 'enough':
        await judge.finish();
        return finish(verdictOn(framesAsked, record.framesScanned() < (framesAsked ?? 0)));
      default:
        return ending satisfies never;
    }
  } finally {
    ownAbort.abort();
    // A network's run can't be interrupted, so its cost after a cancellation is charged too. Its failure was thrown
    // already.
    await judge.settle().catch(() => undefined);
    charge();
  }
}

/** The end of a scan without any network, before a frame was examined. @param bands of the detector that is offered */
export function modelMissing(framesAsked: number | null, bands: ScoreBands): FinishedState {
  const verdict = refusedVerdict('model-missing', framesAsked, 0);
  return {
    kind: 'finished',
    report: reportOfVerdict(verdict, { source: null, screenScale: null, model: null }, bands),
  };
}

function refusedVerdict(reason: RefusalReason, framesAsked: number | null, framesScanned: number): Verdict {
  return { kind: 'refused', reason, framesScanned, framesAsked: framesAsked ?? framesScanned };
}

/**
 * The number of frames that the video will give at the rate so far, if all were asked for. For the progress ring only.
 */
function expectedFrames(
  framesScanned: number,
  { first, last }: { readonly first: number; readonly last: number },
  durationSeconds: number | null,
): number {
  if (durationSeconds === null || last <= first) return framesScanned;
  const secondsToCome = Math.max(0, durationSeconds - last);
  return Math.round(framesScanned * (1 + secondsToCome / (last - first)));
}
