import type { FaceMark } from '../../utils/domain/verdict.ts';
import {
  continuousLevel,
  dlibBox,
  nearestLevel,
  snapCentre,
  squareFromKeypoints,
  type Square,
} from './crop-geometry.ts';
import { clipBox, type Box, type DetectedFace, type Size } from './geometry.ts';
import { createTracker, type FollowedFace } from './tracks.ts';
import { judgeFace, type UnusableReason } from './usable.ts';

/** One person's face in one frame that the network should judge: the person, and the crop. */
export type CroppableFace = {
  readonly trackId: number;
  readonly face: DetectedFace;
  /**
   * The crop in whole pixels inside the frame, right and bottom exclusive. It is nearly square, unless the frame cuts
   * it off.
   */
  readonly crop: Box;
  /** The side of the face's own square in the frame, which the crop follows in steps. */
  readonly sidePixels: number;
  readonly marks: readonly FaceMark[];
};

export type PlacedFaces = {
  readonly usable: readonly CroppableFace[];
  /** Why each of the remaining faces is left out. */
  readonly unusable: readonly UnusableReason[];
};

/**
 * Makes the crops of one scan: a tracker with each person's pyramid level, which is steadied over the person's frames.
 * @param margin of the detector's input: the addition to each side of dlib's box, as a share of the box's side
 */
export function createFaceCropper(margin: number) {
  const tracker = createTracker();
  /** Sides in shares of the frame's height, so that people keep their sizes in a stream that changes its resolution. */
  const sidesOfTrack = new Map<number, number[]>();

  const cropOf = (trackId: number, square: Square, frame: Size): Box | null => {
    const sides = sidesOfTrack.get(trackId) ?? [];
    sides.push(square.sidePixels / frame.height);
    sidesOfTrack.set(trackId, sides);
    const levels = sides.slice(-WINDOW_FRAMES).map((share) => continuousLevel(share * frame.height));
    const box = dlibBox(snapCentre(square.centre, nearestLevel(steadyLevel(levels))));
    return clipBox(withMargin(box, margin), frame);
  };

  return {
    /**
     * Takes the faces of the next frame, after the second pass, in pixels of the full-size frame. Frames come in time
     * order. Faces that can't be used take no track. Faces whose crop lies outside the frame are left out.
     */
    place: (faces: readonly FollowedFace[], frame: Size): PlacedFaces => {
      // Keypoints that fall together have no size and no level; the detector gives them on broken pictures.
      const judged = faces
        .filter(({ keypoints }) => squareFromKeypoints(keypoints).sidePixels > 0)
        .map((face) => ({ ...face, use: judgeFace(face) }));
      const followed = judged.flatMap(({ use, ...face }) =>
        use.kind === 'usable' ? [{ ...face, marks: use.marks }] : [],
      );
      return {
        usable: tracker.update(followed, frame).flatMap(({ trackId, face }) => {
          const square = squareFromKeypoints(face.keypoints);
          const crop = cropOf(trackId, square, frame);
          const { sidePixels } = square;
          return crop === null ? [] : [{ trackId, face, crop, sidePixels, marks: face.marks }];
        }),
        unusable: judged.flatMap(({ use }) => (use.kind === 'unusable' ? [use.reason] : [])),
      };
    },
  };
}

/** Adds a margin in whole pixels, the same number on each side. */
function withMargin({ left, top, right, bottom }: Box, margin: number): Box {
  const added = Math.round(margin * (right - left));
  return { left: left - added, top: top - added, right: right + added, bottom: bottom + added };
}

/** At about a sample a second, a face's size in earlier frames says little about its size now. */
const WINDOW_FRAMES = 5;

/**
 * The continuous level of a person's latest frame, steadied by the frames before it. The measured side of one frame
 * jitters by several percent and a pyramid level is 20 % wide, so near the border of two levels single frames would
 * fall to either side at random. The result is half-way between the frame's own level and the median of the last five.
 * It is half-way because the frame's own error and the change since the median frame are of the same size: a person who
 * walks up lags by one frame, and an outlier loses half its weight. It uses earlier frames only, so a live scan and a
 * scan of the file cut the same crops.
 * @param levels continuous levels of one track (crop-geometry's `continuousLevel`), oldest first, the present frame
 *   last; at least one
 * @throws RangeError without a level
 */
export function steadyLevel(levels: readonly number[]): number {
  const own = levels.at(-1);
  if (own === undefined) throw new RangeError('a track has at least one frame');
  return (own + median(levels.slice(-WINDOW_FRAMES))) / 2;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1]!;
  return sorted.length % 2 === 1 ? upper : (upper + sorted[(sorted.length >> 1) - 1]!) / 2;
}
