import type { FaceMark } from '../../utils/domain/verdict.ts';
import { squareFromKeypoints } from './crop-geometry.ts';
import { eyesOf, rollOf } from './geometry.ts';
import type { DetectedFace } from './geometry.ts';

/**
 * Whether the reference would have used a face. The rule was found by a comparison with dlib's detector on sample
 * videos: below its 80-pixel window dlib finds almost no face, and it finds a third of the near-profiles.
 */
export type FaceUse =
  | { readonly kind: 'usable'; readonly marks: readonly FaceMark[] }
  | { readonly kind: 'unusable'; readonly reason: UnusableReason };
export type UnusableReason = 'face-too-small' | 'face-uncertain' | 'face-turned';

/** dlib finds almost no smaller face, so none was in the network's training. */
const MIN_SIDE_PIXELS = 62;
/** From this side on dlib finds all faces; between the two sides it finds some. */
const ALL_FOUND_SIDE_PIXELS = 70;
/** The detector's own threshold for a face. */
const MIN_SCORE = 0.5;
/** Of the faces with scores between .5 and this, dlib found a third. */
const LOW_SCORE = 0.6;
/**
 * Eye distance over the distance from eyes to mouth: about 1 from the front, and smaller the further the face is
 * turned.
 */
const NEAR_PROFILE_RATIO = 0.65;

/**
 * The network has learned from upright faces only. From half a right angle on, a face is nearer to lying on its side.
 */
const MAX_ROLL_DEGREES = 45;

/** Judges a face in pixels of the full-size frame: its size decides, so a thumbnail's pixels give wrong answers. */
export function judgeFace(face: DetectedFace): FaceUse {
  const { sidePixels } = squareFromKeypoints(face.keypoints);
  const eyes = eyesOf(face.keypoints);
  if (!(face.score >= MIN_SCORE)) return { kind: 'unusable', reason: 'face-uncertain' };
  if (!(sidePixels >= MIN_SIDE_PIXELS)) return { kind: 'unusable', reason: 'face-too-small' };
  if (Math.abs(rollOf(face.keypoints)) > MAX_ROLL_DEGREES) return { kind: 'unusable', reason: 'face-turned' };
  const marks: FaceMark[] = [];
  if (sidePixels < ALL_FOUND_SIDE_PIXELS) marks.push('small');
  if (face.score < LOW_SCORE) marks.push('low-score');
  if (eyes.distance / eyes.toMouth < NEAR_PROFILE_RATIO) marks.push('near-profile');
  return { kind: 'usable', marks };
}
