import { boxCentre, distance, intersectionOverUnion, type Box, type DetectedFace } from './geometry.ts';

/** A face with the person it belongs to; ids count from 1 in order of appearance and are never given twice. */
export type TrackedFace = { readonly trackId: number; readonly face: DetectedFace };

/** More people than this are a crowd: a verdict for each is no help, and each costs an inference a frame. */
export const MAX_TRACKS = 8;

/** Two heads side by side are more than a face's side apart, so a nearer face is the same person who moved. */
const MAX_JUMP_SIDES = 1;
/** Between two samples a face hardly doubles in size; a cut from a long shot to a close-up does. */
const MAX_SIZE_RATIO = 2;

/**
 * Follows people from sampled frame to sampled frame by where their faces are: the pairs that overlap most are
 * joined first, then those whose centres are nearest. A track stays open for the whole scan, so two people
 * shown in turn keep their ids. Samples are seconds apart, so there is no motion model; and place is no
 * identity: two people shown at the same place after a cut become one track.
 */
export function createTracker() {
  const lastBoxes = new Map<number, Box>();

  return {
    /**
     * Takes the faces of the next sampled frame (frame pixels; frames in time order) and returns each with its track. A
     * track gets one face of a frame at most. Faces beyond {@link MAX_TRACKS} people are left out.
     */
    update: (faces: readonly DetectedFace[]): readonly TrackedFace[] => {
      const assigned = new Map<DetectedFace, number>();
      const taken = new Set<number>();
      for (const { trackId, face } of candidatePairs(lastBoxes, faces)) {
        if (assigned.has(face) || taken.has(trackId)) continue;
        assigned.set(face, trackId);
        taken.add(trackId);
      }
      // Where there is no room for all, the largest of the new faces are the ones that the video is about.
      for (const face of faces.toSorted((a, b) => side(b.box) - side(a.box))) {
        if (assigned.has(face) || lastBoxes.size >= MAX_TRACKS) continue;
        const trackId = lastBoxes.size + 1;
        assigned.set(face, trackId);
        lastBoxes.set(trackId, face.box);
      }
      const tracked: TrackedFace[] = [];
      for (const [face, trackId] of assigned) {
        lastBoxes.set(trackId, face.box);
        tracked.push({ trackId, face });
      }
      return tracked.toSorted((a, b) => a.trackId - b.trackId);
    },
  };
}

type Pair = TrackedFace & { readonly overlap: number; readonly distanceSides: number };

/** At most 8 tracks × the detector's faces of one frame, best pair first. */
function candidatePairs(lastBoxes: ReadonlyMap<number, Box>, faces: readonly DetectedFace[]): Pair[] {
  const pairs: Pair[] = [];
  for (const [trackId, box] of lastBoxes) {
    for (const face of faces) {
      const distanceSides =
        distance(boxCentre(box), boxCentre(face.box)) / Math.max(side(box), side(face.box));
      const sizeRatio = Math.max(side(box) / side(face.box), side(face.box) / side(box));
      if (distanceSides > MAX_JUMP_SIDES || sizeRatio > MAX_SIZE_RATIO) continue;
      pairs.push({ trackId, face, overlap: intersectionOverUnion(box, face.box), distanceSides });
    }
  }
  return pairs.toSorted((a, b) => b.overlap - a.overlap || a.distanceSides - b.distanceSides);
}

function side(box: Box): number {
  return Math.max(box.right - box.left, box.bottom - box.top);
}
