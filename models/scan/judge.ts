import type { RasterImage } from '../image/raster-image.ts';
import type { LoadedDetector } from './analysis.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { FacePlace, ScanRecord } from './scan-record.ts';

/** The most bytes of waiting crops: all RGBA crops of an ordinary scan, or four of the largest possible ones. */
const MAX_WAITING_BYTE_LENGTH = 64 * 2 ** 20;

type WaitingFace = { readonly place: FacePlace; readonly crop: RasterImage };

export type Judge = ReturnType<typeof createJudge>;

/**
 * Feeds face crops to the networks in batches while further frames are examined. A run with fewer faces costs the same, so
 * only the last one may be partly filled.
 *
 * @param deps.onJudged called after each run
 * @param deps.onFailed called when a run has failed; `finish` rejects as well
 */
export function createJudge(
  deps: {
    readonly detector: Pick<LoadedDetector, 'judge' | 'facesPerRun'>;
    readonly record: ScanRecord;
    readonly stopwatch: Stopwatch;
    readonly onJudged: () => void;
    readonly onFailed: (error: unknown) => void;
  },
  signal: AbortSignal,
) {
  const { record, stopwatch } = deps;
  const { judge, facesPerRun } = deps.detector;
  const waiting: WaitingFace[] = [];
  /** The waiting faces and those of the run that is under way. */
  let unjudged: readonly WaitingFace[] = [];
  let judgedCount = 0;
  let inferenceMilliseconds = 0;
  let working: Promise<void> = Promise.resolve();

  async function judgeWaiting(isLast: boolean): Promise<void> {
    while (waiting.length >= facesPerRun || (isLast && waiting.length > 0)) {
      signal.throwIfAborted();
      const batch = waiting.splice(0, facesPerRun);
      const crops = batch.map(({ crop }) => crop);
      const { faces, milliseconds } = await stopwatch.during(() => judge(crops, judgedCount));
      judgedCount += batch.length;
      inferenceMilliseconds += milliseconds;
      batch.forEach(({ place }, index) => record.add(place, faces[index]!));
      unjudged = unjudged.filter((face) => !batch.includes(face));
      deps.onJudged();
    }
  }

  function enqueue(isLast: boolean): Promise<void> {
    working = working.then(() => judgeWaiting(isLast));
    // The caller that awaits the promise gets the rejection. Here it must only not count as unhandled.
    working.catch(deps.onFailed);
    return working;
  }

  return {
    /** Resolves when the next frame may come: at once, unless too many crops wait already. */
    add: async (faces: readonly WaitingFace[]): Promise<void> => {
      waiting.push(...faces);
      unjudged = [...unjudged, ...faces];
      const turn = enqueue(false);
      const byteLength = waiting.reduce((sum, { crop }) => sum + crop.data.byteLength, 0);
      if (byteLength > MAX_WAITING_BYTE_LENGTH) await turn;
    },
    /** Settles when every full batch is judged, or a run has failed. */
    settle: () => working,
    /** Resolves when every face is judged. */
    finish: () => enqueue(true),
    /** Number of frames with a face that is still to be judged. */
    unfinishedFrames: () => new Set(unjudged.map(({ place }) => place.frameIndex)).size,
    inferenceMilliseconds: () => inferenceMilliseconds,
  };
}
