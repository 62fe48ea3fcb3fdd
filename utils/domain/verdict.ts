import * as v from 'valibot';

/** A type of plain data, blobs and pixels in which every property of the data is readonly. */
export type DeepReadonly<T> = T extends Blob | ImageData | ArrayBufferView
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** Properties that make a face harder to judge than the faces that the network was trained on. */
export const faceMark = v.picklist(['small', 'near-profile', 'low-score', 'blurred']);
export type FaceMark = v.InferOutput<typeof faceMark>;

/** The most people whom one scan tells apart. */
const MAX_PEOPLE = 1000;
const MAX_DOUBTS = 32;

export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Why a scan ended without a verdict on any face. */
const refusalReason = v.picklist([
  // No scanned frame shows a face.
  'no-face',
  // No face is as large as those the network was trained on.
  'face-too-small',
  // All faces lie too far on their side.
  'face-turned',
  // Faces could be judged, but in too few frames for a meaningful mean.
  'too-few-frames',
  // The browser does not let extensions read this video's picture (another origin), or it does not decode.
  'unreadable',
  // DRM: the picture comes out black.
  'protected',
  // The browser changes the pixels that are read from a canvas.
  'canvas-noise',
  // No network is installed.
  'model-missing',
]);
export type RefusalReason = v.InferOutput<typeof refusalReason>;

/** Why a verdict is weaker than usual. Every view shows it beside the verdict. */
const doubt = v.picklist([
  // Fewer than half of the frames that were asked for, or fewer than four in all.
  'few-frames',
  // For each of the next four: most of the deciding person's faces carry that mark.
  'mostly-small',
  'mostly-near-profile',
  'mostly-low-score',
  'mostly-blurred',
  // The network's class and its score lie on different sides of the middle.
  'class-contradicts-score',
  // The frames were read from the screen, where the video is drawn smaller than it is.
  'scaled-on-screen',
  // The file has so few bits for each pixel that its encoder may have smoothed the face's detail away.
  'compressed',
  // The page draws something over the video: the user sees another picture than the one that was judged.
  'covered-by-page',
  // The page alters the video's picture with a filter, a mask or a blend.
  'altered-by-page',
]);
export type Doubt = v.InferOutput<typeof doubt>;
const doubts = v.pipe(v.array(doubt), v.maxLength(MAX_DOUBTS));

/** A length or a ratio. */
export const measure = v.pipe(v.number(), v.finite(), v.minValue(0));

/**
 * Why a score is no verdict: the footage differs from the detector's training footage. The texts on the screen name the
 * values.
 */
const gateReason = v.variant('code', [
  // Most of the person's faces are smaller than those that the detector was trained on.
  v.object({ code: v.literal('face-small'), pixels: count }),
  // Several people, and even the largest faces are small.
  v.object({ code: v.literal('faces-small'), people: count, pixels: count }),
  v.object({ code: v.literal('face-blurred') }),
  v.object({ code: v.literal('face-turned-away') }),
  // The face detector is unsure about most of the faces.
  v.object({ code: v.literal('face-unclear') }),
  v.object({ code: v.literal('few-frames'), frames: count }),
  v.object({ code: v.literal('compressed') }),
  // Some of the person's frames score high, others low.
  v.object({ code: v.literal('frames-disagree') }),
  // One network scores the person high, another one low.
  v.object({ code: v.literal('networks-disagree') }),
  // For the next two: the user sees another picture than the one that was judged.
  v.object({ code: v.literal('covered-by-page') }),
  v.object({ code: v.literal('altered-by-page') }),
]);
export type GateReason = DeepReadonly<v.InferOutput<typeof gateReason>>;
/**
 * The reason to be named first comes first. Missing where the quality gate lets the score through, and in older
 * reports.
 */
const gateReasons = v.exactOptional(v.pipe(v.array(gateReason), v.maxLength(MAX_DOUBTS)));

const verdictKind = v.picklist(['likely-manipulated', 'not-sure', 'no-manipulation-found']);
export type VerdictKind = v.InferOutput<typeof verdictKind>;

/** The bands of the first detector, and of every history entry of version 1, which has none of its own. */
export const VERDICT_BANDS = { noManipulationUpTo: 0.3, likelyManipulatedFrom: 0.7 } as const;

/** One person's verdict. `personId` is the track's, counted from 1 in order of appearance. */
const personVerdict = v.union([
  v.object({
    kind: verdictKind,
    personId: count,
    /** The original's `pred`; a high score means manipulated. It is no probability. */
    score: share,
    framesUsed: count,
    doubts,
    /** With at least one reason the kind is `not-sure`, whatever the score. */
    reasons: gateReasons,
  }),
  v.object({
    kind: v.literal('refused'),
    reason: v.literal('too-few-frames'),
    personId: count,
    framesUsed: count,
  }),
]);
export type PersonVerdict = DeepReadonly<v.InferOutput<typeof personVerdict>>;

/** A video's verdict: that of the deciding person, with the verdicts of all people, or a refusal. */
export const verdictSchema = v.union([
  v.object({
    kind: verdictKind,
    score: share,
    decidingPersonId: count,
    doubts,
    reasons: gateReasons,
    /** Frames in which the deciding person was judged. */
    framesUsed: count,
    framesScanned: count,
    framesAsked: count,
    /** The reference's score for all crops of all people together, as `npm run score` computes it. */
    pooledScore: share,
    /**
     * The reference's class for the same crops; missing in older reports. It can differ from a threshold of .5 on the
     * score.
     */
    pooledLabel: v.exactOptional(v.picklist(['FAKE', 'REAL'])),
    /** *Likely manipulated* people first, then by falling score; refused people last. */
    people: v.pipe(v.array(personVerdict), v.maxLength(MAX_PEOPLE)),
    /** The scan left out frames that could not have changed whether the verdict is *likely manipulated*. */
    isStoppedEarly: v.exactOptional(v.boolean()),
  }),
  v.object({
    kind: v.literal('refused'),
    reason: refusalReason,
    framesScanned: count,
    framesAsked: count,
  }),
]);
export type Verdict = DeepReadonly<v.InferOutput<typeof verdictSchema>>;

/**
 * Renames the `framesLooked` of an earlier version to `framesScanned`, in a stored verdict or in the stored state of a
 * running scan. Any other value stays as it is.
 */
export function withFramesScanned(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || !('framesLooked' in stored)) return stored;
  const { framesLooked, ...rest } = stored;
  return { ...rest, framesScanned: framesLooked };
}
