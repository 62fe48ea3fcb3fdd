import { MIN_SIMILARITY, MIN_SIMILARITY_FAR, similarityOf, type Appearance } from './appearance.ts';
import {
  boxCentre,
  distance,
  intersectionOverUnion,
  type Box,
  type DetectedFace,
  type Size,
} from './geometry.ts';

/** A face that can be followed, with its appearance if its picture has any contrast. */
export type FollowedFace = DetectedFace & { readonly appearance?: Appearance | null };

/** A face with its person's id. Ids count from 1 in order of appearance, and no id is given twice. */
export type TrackedFace<Face extends FollowedFace = FollowedFace> = {
  readonly trackId: number;
  readonly face: Face;
};

/**
 * More people than this in one frame are a crowd: verdicts on all of them would not help, and each costs an inference a
 * frame.
 */
export const MAX_OPEN_TRACKS = 8;
/**
 * The most people of one scan. Each person costs up to twelve pictures of 36 kB and a line of the report. Sixteen
 * galleries of eight people fit, or two new people in each of sixty frames.
 */
export const MAX_PEOPLE_FOLLOWED = 128;

/**
 * Two heads side by side are more than a face's side apart, so a nearer face is the same person who moved. A farther
 * face is the same person only if it looks the same: a person may walk, or come out from behind another.
 */
const MAX_JUMP_SIDES = 1;
/** Between two samples a face hardly doubles in size; a cut from a long shot to a close-up does. */
const MAX_SIZE_RATIO = 2;

/** A person in shares of the frame's height, so that a change of the stream's resolution has no effect. */
type Track = {
  readonly id: number;
  readonly box: Box;
  readonly appearance: Appearance | null;
  /** Number of the last frame with this person. */
  readonly seenAt: number;
};

/**
 * Follows people from sampled frame to sampled frame by place, size and look. A person who is away keeps the track, so two
 * people who are shown in turn keep their ids, until a new person needs the slot: then the track that was away longest ends.
 * Two people shown at the same place after a cut look different, and get two tracks. Samples are seconds apart, so there is
 * no motion model.
 */
export function createTracker() {
  let open: readonly Track[] = [];
  let lastId = 0;
  let frameNumber = 0;

  return {
    /**
     * Takes the faces of the next sampled frame (frame pixels; frames in time order) and returns each with its track. A
     * track gets one face of a frame at most. Faces beyond {@link MAX_OPEN_TRACKS} are left out, and so are new people
     * beyond {@link MAX_PEOPLE_FOLLOWED}.
     */
    update: <Face extends FollowedFace>(
      faces: readonly Face[],
      frame: Size,
    ): readonly TrackedFace<Face>[] => {
      const seenAt = ++frameNumber;
      const assigned = new Map<Face, number>();
      const place = (face: Face, id: number): void => {
        const track = { id, box: relativeBox(face.box, frame), appearance: face.appearance ?? null, seenAt };
        open = [...open.filter((each) => each.id !== id), track];
        assigned.set(face, id);
      };
      const taken = new Set<number>();
      for (const { id, face } of candidatePairs(open, faces, frame)) {
        if (assigned.has(face) || taken.has(id)) continue;
        taken.add(id);
        place(face, id);
      }
      // Where there is no room for all, the video is about the largest of the new faces.
      for (const face of faces.toSorted((a, b) => side(b.box) - side(a.box))) {
        if (assigned.has(face) || assigned.size >= MAX_OPEN_TRACKS || lastId >= MAX_PEOPLE_FOLLOWED) continue;
        // At least one of the tracks has no face in this frame.
        if (open.length >= MAX_OPEN_TRACKS) open = withoutLongestAway(open);
        place(face, ++lastId);
      }
      return [...assigned]
        .map(([face, trackId]) => ({ trackId, face }))
        .toSorted((a, b) => a.trackId - b.trackId);
    },
  };
}

function withoutLongestAway(tracks: readonly Track[]): readonly Track[] {
  return tracks.toSorted((a, b) => b.seenAt - a.seenAt).slice(0, -1);
}

type Pair<Face> = { readonly id: number; readonly face: Face; readonly likeness: number };

/** The pairs of a track and a face that may be one person, the likeliest first; those far from each other come last. */
function candidatePairs<Face extends FollowedFace>(
  tracks: readonly Track[],
  faces: readonly Face[],
  frame: Size,
): Pair<Face>[] {
  const pairs: (Pair<Face> & { readonly isFar: boolean; readonly distanceSides: number })[] = [];
  for (const face of faces) {
    const box = relativeBox(face.box, frame);
    for (const track of tracks) {
      const distanceSides =
        distance(boxCentre(track.box), boxCentre(box)) / Math.max(side(track.box), side(box));
      const sizeRatio = Math.max(side(track.box) / side(box), side(box) / side(track.box));
      // If one of the two has no appearance, place and size decide.
      const similarity =
        track.appearance && face.appearance ? similarityOf(track.appearance, face.appearance) : null;
      if (sizeRatio > MAX_SIZE_RATIO) continue;
      const isFar = distanceSides > MAX_JUMP_SIDES;
      if (isFar && (similarity ?? 0) < MIN_SIMILARITY_FAR) continue;
      if (similarity !== null && similarity < MIN_SIMILARITY) continue;
      const likeness = intersectionOverUnion(track.box, box) + (similarity ?? 0);
      pairs.push({ id: track.id, face, likeness, isFar, distanceSides });
    }
  }
  return pairs.toSorted(
    (a, b) =>
      Number(a.isFar) - Number(b.isFar) || b.likeness - a.likeness || a.distanceSides - b.distanceSides,
  );
}

function relativeBox({ left, top, right, bottom }: Box, { height }: Size): Box {
  return { left: left / height, top: top / height, right: right / height, bottom: bottom / height };
}

function side(box: Box): number {
  return Math.max(box.right - box.left, box.bottom - box.top);
}
