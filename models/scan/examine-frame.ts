import { createFaceCropper } from '../face/face-cropper.ts';
import type { FaceFinder } from '../face/face-finder.ts';
import type { FollowedFace } from '../face/tracks.ts';
import { judgeFace } from '../face/usable.ts';
import type { Frame } from '../frames/frame-source.ts';
import { turnedFrame, type ExaminedFrame } from '../frames/turned-frame.ts';
import type { RasterImage } from '../image/raster-image.ts';
import { quarterTurns, turnImage, type QuarterTurns } from '../image/turn-image.ts';
import type { EarlyEnd } from './early-stop.ts';
import type { Judge } from './judge.ts';
import { refineFaces, regionOfCrop, regionOfSquare, secondPasses } from './regions.ts';
import type { ScanRecord } from './scan-record.ts';

/** Frames without a face that are searched turned as well: the detector finds no face that lies on its side. */
const MAX_TURNED_SEARCHES = 3;
/** Of a face in a turned frame: patterns look like faces more often the more ways they are looked at. */
const MIN_TURNED_SCORE = 0.7;

export function createFrameExaminer(deps: {
  readonly finder: FaceFinder;
  readonly cropMargin: number;
  readonly record: Pick<ScanRecord, 'sawUnusableFace'>;
  readonly judge: Pick<Judge, 'add'>;
  /** null where every face is judged. */
  readonly earlyEnd: EarlyEnd | null;
}) {
  const { finder, record, judge, earlyEnd } = deps;
  const cropper = createFaceCropper(deps.cropMargin);
  let detectionMilliseconds = 0;
  /** By which the frames are turned before they are examined, since their faces lie on their side. */
  let turns: QuarterTurns = 0;
  let turnedSearches = 0;

  function timed<T>(detect: () => T): T {
    const startedAt = performance.now();
    const found = detect();
    detectionMilliseconds += performance.now() - startedAt;
    return found;
  }

  /** @returns null where the source has ended meanwhile */
  async function findFaces(frame: ExaminedFrame, thumbnail: RasterImage): Promise<FollowedFace[] | null> {
    const passes = secondPasses(timed(() => finder.findFirst(thumbnail, frame.size)));
    if (passes.length === 0) return [];
    const pictures = await frame.cut(passes.map(({ square }) => regionOfSquare(square)));
    if (pictures === null) return null;
    const found = timed(() =>
      passes.map(({ square }, index) => finder.findInSquare(pictures[index]!, square)),
    );
    return refineFaces(passes, found, pictures);
  }

  /** By how much the frame has to be turned further for its faces to stand upright; 0 where they do, or there are none. */
  function furtherTurns(
    faces: readonly FollowedFace[],
    frame: ExaminedFrame,
    shown: RasterImage,
  ): QuarterTurns {
    const uses = faces.map((face) => judgeFace(face));
    if (uses.some(({ kind }) => kind === 'usable')) return 0;
    // A face on its side is rarely found as it lies: the first frames without any face are searched as well.
    const isAny = (reason: 'face-turned' | 'face-too-small'): boolean =>
      uses.some((use) => use.kind === 'unusable' && use.reason === reason);
    // A small face that stands upright says how the frame lies; a turned search would find patterns there.
    if (!isAny('face-turned') && (isAny('face-too-small') || turnedSearches++ >= MAX_TURNED_SEARCHES)) {
      return 0;
    }
    const finds = ([1, 3, 2] as const).flatMap((further) => {
      const { size } = turnedFrame(frame, further);
      return timed(() => finder.findLarge(turnImage(shown, further), size))
        .filter((face) => face.score >= MIN_TURNED_SCORE && judgeFace(face).kind === 'usable')
        .map(({ score }) => ({ score, further }));
    });
    return finds.toSorted((a, b) => b.score - a.score)[0]?.further ?? 0;
  }

  return {
    /**
     * Finds the faces of one frame and hands their crops to the judge. Frames come in time order, since people are tracked
     * from frame to frame. Where the source ends meanwhile, the rest of the frame is skipped.
     */
    examine: async (original: Frame, thumbnail: RasterImage): Promise<void> => {
      const { frameIndex, mediaTimeSeconds } = original;
      let frame = turnedFrame(original, turns);
      const shown = turnImage(thumbnail, turns);
      let faces = await findFaces(frame, shown);
      if (faces === null) return;
      const further = furtherTurns(faces, frame, shown);
      if (further !== 0) {
        const candidate = quarterTurns(turns + further);
        const turnedAs = turnedFrame(original, candidate);
        const found = await findFaces(turnedAs, turnImage(thumbnail, candidate));
        if (found === null) return;
        if (found.some((face) => judgeFace(face).kind === 'usable')) {
          [turns, frame, faces] = [candidate, turnedAs, found];
        }
      }

      const { usable, unusable } = cropper.place(faces, frame.size);
      for (const reason of unusable) record.sawUnusableFace(frameIndex, reason);
      const wanted = usable.filter(({ trackId }) => earlyEnd?.isSettled(trackId) !== true);
      if (wanted.length === 0) return;
      const crops = await frame.cut(wanted.map(({ crop }) => regionOfCrop(crop)));
      if (crops === null) return;
      for (const { trackId } of wanted) earlyEnd?.handedOver(trackId);
      await judge.add(
        wanted.map(({ trackId, face, marks, crop, sidePixels }, index) => ({
          place: {
            personId: trackId,
            area: frame.sharesOf(regionOfCrop(crop)),
            frameIndex,
            mediaTimeSeconds,
            measures: { sidePixels, detectorScore: Math.min(1, face.score), marks },
          },
          crop: crops[index]!,
        })),
      );
    },
    detectionMilliseconds: () => detectionMilliseconds,
  };
}
