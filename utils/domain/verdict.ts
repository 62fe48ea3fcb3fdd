/**
 * What a scan says, as data. Every context reads these types, so they hold nothing but plain values that
 * survive structured cloning and IndexedDB.
 */

/** What made a face harder to judge than those the network was trained on. */
export type FaceMark = 'small' | 'near-profile' | 'low-score' | 'blurred';

/** Why a scan ended without a verdict on any face. */
export type RefusalReason =
  // No face in any frame that was looked at.
  | 'no-face'
  // Faces, but none as large as those the network was trained on.
  | 'face-too-small'
  // Faces that could be judged, but in too few frames for a mean to be worth anything.
  | 'too-few-frames'
  // The browser does not let extensions read this video's picture (another origin), or it does not decode.
  | 'unreadable'
  // DRM: the picture comes out black.
  | 'protected'
  // The browser changes what is read from a canvas, so the pixels would not be the video's.
  | 'canvas-noise'
  // No network is installed.
  | 'model-missing';

/** Why a verdict stands on less than it should; said beside it. */
export type Doubt =
  // Fewer than half of the frames that were asked for, or fewer than four in all.
  | 'few-frames'
  // Most of the deciding person's faces carry this mark.
  | 'mostly-small'
  | 'mostly-near-profile'
  | 'mostly-low-score'
  | 'mostly-blurred'
  // The network's class and its score point to different sides of the middle.
  | 'class-contradicts-score'
  // The frames were read from the screen, where the video is drawn smaller than it is.
  | 'scaled-on-screen'
  // So few bits for each pixel that an encoder may have smoothed the face's detail away.
  | 'compressed';

export type VerdictKind = 'likely-manipulated' | 'not-sure' | 'no-manipulation-found';

/** Of every result that was stored without bands of its own. */
export const VERDICT_BANDS = {
  noManipulationUpTo: 0.3,
  likelyManipulatedFrom: 0.7,
} as const;

/** One person's verdict. The id is the track's, counted from 1 in order of appearance. */
export type PersonVerdict =
  | {
      readonly kind: VerdictKind;
      readonly personId: number;
      /** The original's `pred`, 0 to 1; high means manipulated. Not a probability of anything on its own. */
      readonly score: number;
      readonly framesUsed: number;
      readonly doubts: readonly Doubt[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: 'too-few-frames';
      readonly personId: number;
      readonly framesUsed: number;
    };

/** A video's verdict: that of the person who decides, with everybody's beside it, or a refusal. */
export type Verdict =
  | {
      readonly kind: VerdictKind;
      readonly score: number;
      readonly decidingPersonId: number;
      readonly doubts: readonly Doubt[];
      /** Frames in which the deciding person was judged. */
      readonly framesUsed: number;
      readonly framesLooked: number;
      readonly framesAsked: number;
      /** The score that the reference gives for all crops of all people together, as `npm run score` does. */
      readonly pooledScore: number;
      /** Most suspicious first; refused ones last. */
      readonly people: readonly PersonVerdict[];
      /** The frames that were left out could not have changed whether this is *likely manipulated*. */
      readonly isStoppedEarly?: boolean;
    }
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      readonly framesLooked: number;
      readonly framesAsked: number;
    };
