import {
  continuousLevel,
  dlibBox,
  nearestLevel,
  snapCentre,
  squareFromKeypoints,
  type Square,
} from './crop-geometry.ts';
import { clipBox, type Box, type DetectedFace, type Size } from './geometry.ts';
import { steadyLevel } from './track-level.ts';
import { createTracker } from './tracks.ts';
import { judgeFace, type FaceUse } from './usable.ts';

/** One person's face in one frame: whose, where to crop, and whether the network should see it. */
export type CroppableFace = {
  readonly trackId: number;
  readonly face: DetectedFace;
  /** Whole pixels inside the frame, right and bottom exclusive; nearly square, but for what the frame cuts off. */
  readonly crop: Box;
  readonly use: FaceUse;
};

export type FaceCropper = {
  /**
   * Takes the faces of the next frame, after the second pass, in pixels of the full-size frame. Frames come in
   * time order. Faces whose crop lies outside the frame altogether are left out.
   */
  readonly place: (faces: readonly DetectedFace[], frame: Size) => CroppableFace[];
};

/** The crops of one scan: a tracker with each person's pyramid level steadied over their frames. */
export function createFaceCropper(): FaceCropper {
  const tracker = createTracker();
  const levelsOfTrack = new Map<number, number[]>();

  const cropOf = (trackId: number, square: Square, frame: Size): Box | null => {
    const levels = levelsOfTrack.get(trackId) ?? [];
    levels.push(continuousLevel(square.sidePixels));
    levelsOfTrack.set(trackId, levels);
    return clipBox(dlibBox(snapCentre(square.centre, nearestLevel(steadyLevel(levels)))), frame);
  };

  return {
    place: (faces, frame) => {
      // Keypoints that fall together have no size and no level; the detector gives them on broken pictures.
      const measurable = faces.filter(({ keypoints }) => squareFromKeypoints(keypoints).sidePixels > 0);
      return tracker.update(measurable).flatMap(({ trackId, face }) => {
        const crop = cropOf(trackId, squareFromKeypoints(face.keypoints), frame);
        return crop === null ? [] : [{ trackId, face, crop, use: judgeFace(face) }];
      });
    },
  };
}
