import type { PageBox } from '../../utils/domain/content-messages.ts';
import { resizeArea } from '../image/resize-area.ts';
import type { RgbImage } from '../image/raster-image.ts';
import type { FaceFinder } from '../face/face-finder.ts';
import type { Size } from '../face/geometry.ts';
import type { FrameSource } from '../frames/frame-source.ts';
import type { RefusalReason } from '../../utils/domain/verdict.ts';
import { createFrameExaminer } from './examine-frame.ts';

/** A face as the networks get it, and where it was. */
export type ExtractedFace = {
  /** From 1, in order of appearance. */
  readonly personId: number;
  /** Of the examined frames, from 0. */
  readonly frameIndex: number;
  readonly mediaTimeSeconds: number;
  /** The crop in whole pixels of the shown picture: left, top, right, bottom; right and bottom are exclusive. */
  readonly box: readonly [number, number, number, number];
  readonly detectorScore: number;
  readonly picture: RgbImage;
};

export type Extraction = {
  readonly framesScanned: number;
  /** Why no frame could be read; null where some could. */
  readonly refusal: RefusalReason | null;
};

/** The part of a detector that decides its faces. */
export type FaceInput = {
  /** What each side of the face's box gets in addition, as a share of the box's side. */
  readonly cropMargin: number;
  readonly sidePixels: number;
};

/**
 * Cuts the faces that a scan of the same frames judges, and judges none. The caller closes the source.
 * @param onFace called with each face, in the order in which a scan judges them
 * @throws AbortError; DetectorError as the source throws it
 */
export async function extractFaces(
  {
    source,
    finder,
    input: { cropMargin, sidePixels },
    onFace,
  }: {
    readonly source: FrameSource;
    readonly finder: FaceFinder;
    readonly input: FaceInput;
    readonly onFace: (face: ExtractedFace) => void;
  },
  signal: AbortSignal,
): Promise<Extraction> {
  let size = { width: 0, height: 0 };
  const examiner = createFrameExaminer({
    finder,
    cropMargin,
    record: { sawUnusableFace: () => undefined },
    judge: {
      add: (faces) => {
        for (const { place, crop } of faces) {
          const { personId, frameIndex, mediaTimeSeconds, area, measures } = place;
          onFace({
            personId,
            frameIndex,
            mediaTimeSeconds,
            box: pixelsOf(area, size),
            detectorScore: measures.detectorScore,
            picture: resizeArea(crop, sidePixels, sidePixels),
          });
        }
        return Promise.resolve();
      },
    },
    earlyEnd: null,
  });
  let framesScanned = 0;
  for (let frame = await source.nextFrame(signal); frame !== null; frame = await source.nextFrame(signal)) {
    try {
      signal.throwIfAborted();
      size = frame.size;
      await examiner.examine(frame, frame.thumbnail());
    } finally {
      frame.close();
    }
    framesScanned += 1;
  }
  const ending = source.ending();
  return { framesScanned, refusal: ending?.kind === 'refused' ? ending.reason : null };
}

function pixelsOf({ left, top, width, height }: PageBox, frame: Size): ExtractedFace['box'] {
  return [
    Math.round(left * frame.width),
    Math.round(top * frame.height),
    Math.round((left + width) * frame.width),
    Math.round((top + height) * frame.height),
  ];
}
