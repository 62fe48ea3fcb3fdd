import type { RasterImage } from '../image/raster-image.ts';
import type { LoadedDetector } from './analysis.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { FacePlace, ScanRecord } from './scan-record.ts';

/** Crops that wait for the networks, in bytes of RGBA: an ordinary scan's all, or four of the largest there can be. */
const MAX_WAITING_BYTE_LENGTH = 64 * 2 ** 20;

/** Feeds face crops to the networks in batches while further frames are being examined. */
export type Judge = {
  /** Resolves when the next frame may come: at once, unless too many crops wait already. */
  readonly add: (
    faces: readonly { readonly place: FacePlace; readonly crop: RasterImage }[],
  ) => Promise<void>;
  /** Settles when every batch that is full is judged, or the run that was under way has failed. */
  readonly settle: () => Promise<void>;
  /** Resolves when every face is judged. */
  readonly finish: () => Promise<void>;
  /** Frames of which a face is still to be judged. */
  readonly unfinishedFrames: () => number;
  readonly inferenceMilliseconds: () => number;
};

/**
 * A run costs the same with fewer faces than it has room for, so only the last one may be partly filled.
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
): Judge {
  const { record, stopwatch } = deps;
  const { judge, facesPerRun } = deps.detector;
  const waiting: { readonly place: FacePlace; readonly crop: RasterImage }[] = [];
  const unfinished = new Map<number, number>();
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
      batch.forEach(({ place }, index) => {
        record.add(place, faces[index]!);
        countDown(unfinished, place.frameIndex);
      });
      deps.onJudged();
    }
  }

  function enqueue(isLast: boolean): Promise<void> {
    working = working.then(() => judgeWaiting(isLast));
    // The caller that awaits it gets the rejection; here it must only not count as unhandled.
    working.catch(deps.onFailed);
    return working;
  }

  return {
    add: async (faces) => {
      for (const face of faces) {
        waiting.push(face);
        countUp(unfinished, face.place.frameIndex);
      }
      const turn = enqueue(false);
      const byteLength = waiting.reduce((sum, { crop }) => sum + crop.data.byteLength, 0);
      if (byteLength > MAX_WAITING_BYTE_LENGTH) await turn;
    },
    settle: () => working,
    finish: () => enqueue(true),
    unfinishedFrames: () => unfinished.size,
    inferenceMilliseconds: () => inferenceMilliseconds,
  };
}

function countUp(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function countDown(counts: Map<number, number>, key: number): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
