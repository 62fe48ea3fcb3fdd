import { createFaceCropper } from '../face/face-cropper.ts';
import type { FaceFinder } from '../face/face-finder.ts';
import type { Frame } from '../frames/frame-source.ts';
import type { RasterImage } from '../image/raster-image.ts';
import type { EarlyEnd } from './early-end.ts';
import type { Judge } from './judge.ts';
import { refineFaces, regionOfCrop, regionOfSquare, secondPasses } from './regions.ts';
import type { ScanRecord } from './scan-record.ts';

export type FrameExaminer = {
  /**
   * Finds the faces of one frame and hands their crops to the judge. Frames come in time order: people are followed from
   * frame to frame. A frame whose source ends meanwhile is left where it is.
   */
  readonly examine: (frame: Frame, thumbnail: RasterImage) => Promise<void>;
  readonly detectionMilliseconds: () => number;
};

export function createFrameExaminer(deps: {
  readonly finder: FaceFinder;
  readonly record: ScanRecord;
  readonly judge: Judge;
  /** null where every face is judged. */
  readonly earlyEnd: EarlyEnd | null;
}): FrameExaminer {
  const { finder, record, judge, earlyEnd } = deps;
  const cropper = createFaceCropper();
  let detectionMilliseconds = 0;

  function timed<T>(detect: () => T): T {
    const startedAt = performance.now();
    const found = detect();
    detectionMilliseconds += performance.now() - startedAt;
    return found;
  }

  return {
    examine: async (frame, thumbnail) => {
      const { frameIndex, mediaTimeSeconds, size } = frame;
      const passes = secondPasses(timed(() => finder.findFirst(thumbnail, size)));
      if (passes.length === 0) return;
      const pictures = await frame.cut(passes.map(({ square }) => regionOfSquare(square)));
      if (pictures === null) return;
      const found = timed(() =>
        passes.map(({ square }, index) => finder.findInSquare(pictures[index]!, square)),
      );

      const usable = cropper.place(refineFaces(passes, found), size).flatMap(({ trackId, crop, use }) => {
        if (use.kind === 'usable') {
          return earlyEnd?.isSettled(trackId) === true ? [] : [{ personId: trackId, crop, marks: use.marks }];
        }
        if (use.reason === 'face-too-small') record.sawSmallFace(frameIndex);
        return [];
      });
      if (usable.length === 0) return;
      const crops = await frame.cut(usable.map(({ crop }) => regionOfCrop(crop)));
      if (crops === null) return;
      for (const { personId } of usable) earlyEnd?.handedOver(personId);
      await judge.add(
        usable.map(({ personId, marks }, index) => ({
          place: { personId, frameIndex, mediaTimeSeconds, marks },
          crop: crops[index]!,
        })),
      );
    },
    detectionMilliseconds: () => detectionMilliseconds,
  };
}
