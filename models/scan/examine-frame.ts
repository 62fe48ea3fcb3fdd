import { createFaceCropper } from '../face/face-cropper.ts';
import type { FaceFinder } from '../face/face-finder.ts';
import type { Frame } from '../frames/frame-source.ts';
import type { RasterImage } from '../image/raster-image.ts';
import type { EarlyEnd } from './early-stop.ts';
import type { Judge } from './judge.ts';
import { refineFaces, regionOfCrop, regionOfSquare, secondPasses } from './regions.ts';
import type { ScanRecord } from './scan-record.ts';

export function createFrameExaminer(deps: {
  readonly finder: FaceFinder;
  readonly cropMargin: number;
  readonly record: ScanRecord;
  readonly judge: Judge;
  /** null where every face is judged. */
  readonly earlyEnd: EarlyEnd | null;
}) {
  const { finder, record, judge, earlyEnd } = deps;
  const cropper = createFaceCropper(deps.cropMargin);
  let detectionMilliseconds = 0;

  function timed<T>(detect: () => T): T {
    const startedAt = performance.now();
    const found = detect();
    detectionMilliseconds += performance.now() - startedAt;
    return found;
  }

  return {
    /**
     * Finds the faces of one frame and hands their crops to the judge. Frames come in time order, since people are tracked
     * from frame to frame. Where the source ends meanwhile, the rest of the frame is skipped.
     */
    examine: async (frame: Frame, thumbnail: RasterImage): Promise<void> => {
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
