import type { PersonMeasures, ScanQuality } from '../../utils/domain/report.ts';
import type { GateReason, Verdict } from '../../utils/domain/verdict.ts';
import type { TrainedOn } from '../detectors/detector.ts';
import { NO_VERDICT_BITS_PER_PIXEL } from './compression.ts';
import type { MeasuredFace } from './measure-people.ts';

/**
 * The fewest frames of a scan, and the fewest that a person is judged by. A mean over fewer changes with every frame.
 */
export const MIN_JUDGED_FRAMES = 4;

/**
 * With so many people, the face has to be {@link MIN_SIDE_OF_CROWD_PIXELS}. The highest of many scores decides, so each
 * further person adds a chance of a false alarm, mostly in small faces. The number was not measured: with two people,
 * the scores of both are usually of interest.
 */
const CROWD_PEOPLE = 3;
/**
 * The window of dlib's face detector at its finest level. The smaller a face is below this, the more rarely dlib finds
 * it.
 */
const MIN_SIDE_OF_CROWD_PIXELS = 80;

/**
 * The largest standard deviation of the frames' scores. .4 is that of four frames at 1 and one at 0: a fifth of the
 * frames flatly contradicts the others. The number was not measured: the published results have one score for each
 * video.
 */
const MAX_SCORE_SPREAD = 0.4;
/**
 * The largest gap between the networks' mean scores. With a gap of .5 and a mean of .7, where the verdict becomes
 * *likely manipulated*, one network says less than .5. The number was not measured: the published results are of both
 * networks together.
 */
const MAX_NETWORK_GAP = 0.5;

/** The quality gate's facts about one person's footage. */
export type GatedFootage = Pick<ScanQuality, 'peopleCount' | 'largestSidePixels' | 'bitsPerPixel'> & {
  readonly person: PersonMeasures;
};

/**
 * Why this person's score is no verdict: the footage differs from what the detector was trained on, or the detector contradicts
 * itself. Empty where the score stands. Each measure alone can add a reason, and a worse one never takes a reason away.
 * The page's treatment of the picture comes later, see {@link gateByPage}.
 */
export function gateReasons(footage: GatedFootage, trainedOn: TrainedOn): readonly GateReason[] {
  const { person, bitsPerPixel } = footage;
  const reasons: GateReason[] = [];
  const tooSmall = smallReason(footage, trainedOn);
  if (tooSmall !== null) reasons.push(tooSmall);
  if (person.fineDetail !== null && person.fineDetail < trainedOn.minFineDetail) {
    reasons.push({ code: 'face-blurred' });
  }
  if (bitsPerPixel !== null && bitsPerPixel < NO_VERDICT_BITS_PER_PIXEL) reasons.push({ code: 'compressed' });
  // The networks were trained on crops of dlib, which finds a third of such faces (models/face/usable.ts).
  if (person.nearProfileShare > 0.5) reasons.push({ code: 'face-turned-away' });
  if (person.lowScoreShare > 0.5) reasons.push({ code: 'face-unclear' });
  if (person.frames < MIN_JUDGED_FRAMES) reasons.push({ code: 'few-frames', frames: person.frames });
  if (person.scoreSpread > MAX_SCORE_SPREAD) reasons.push({ code: 'frames-disagree' });
  if (person.networkGap !== null && person.networkGap > MAX_NETWORK_GAP) {
    reasons.push({ code: 'networks-disagree' });
  }
  return reasons;
}

function smallReason(
  { person, peopleCount, largestSidePixels }: GatedFootage,
  trainedOn: TrainedOn,
): GateReason | null {
  const people = peopleCount ?? 1;
  const crowdLimit = Math.max(MIN_SIDE_OF_CROWD_PIXELS, trainedOn.minFaceSidePixels);
  const limit = people >= CROWD_PEOPLE ? crowdLimit : trainedOn.minFaceSidePixels;
  if (person.sidePixels >= limit) return null;
  const largest = largestSidePixels ?? person.sidePixels;
  return people >= CROWD_PEOPLE && largest < limit
    ? { code: 'faces-small', people, pixels: Math.ceil(largest) }
    : { code: 'face-small', pixels: Math.floor(person.sidePixels) };
}

/** What an early stop knows of one person and of what may follow. */
export type PersonToCome = {
  readonly faces: readonly MeasuredFace[];
  /** The most faces of this person that can still be judged. */
  readonly moreFaces: number;
  /**
   * Bits for each pixel of the whole video, at least; null where the browser does not count, `unknown` where it has
   * counted too little yet.
   */
  readonly leastBitsPerPixel: number | null | 'unknown';
};

/** The bounds sum the same scores in another order, in float64. The results differ by less than this. */
const ROUNDING = 1e-9;

/** Whether {@link gateReasons} will be empty for any further faces, and for any number of people. */
export function willPassGate(
  { faces, moreFaces, leastBitsPerPixel }: PersonToCome,
  trainedOn: TrainedOn,
): boolean {
  const bits = leastBitsPerPixel ?? Infinity;
  if (bits === 'unknown' || bits < NO_VERDICT_BITS_PER_PIXEL) return false;
  if (faces.length < MIN_JUDGED_FRAMES) return false;
  const minSide = Math.max(MIN_SIDE_OF_CROWD_PIXELS, trainedOn.minFaceSidePixels);
  // A measure fails where more than half of the faces fail: in the worst case, all further faces.
  const staysMinority = (isWorse: (face: MeasuredFace) => boolean): boolean =>
    faces.filter(isWorse).length + moreFaces <= (faces.length + moreFaces) / 2;
  return (
    staysMinority(({ measures }) => measures.sidePixels < minSide) &&
    staysMinority(({ measures }) => (measures.fineDetail ?? Infinity) < trainedOn.minFineDetail) &&
    staysMinority(({ measures }) => measures.marks.includes('near-profile')) &&
    staysMinority(({ measures }) => measures.marks.includes('low-score')) &&
    largestSpread(faces, moreFaces) <= MAX_SCORE_SPREAD - ROUNDING &&
    largestGap(faces, moreFaces) <= MAX_NETWORK_GAP - ROUNDING
  );
}

/**
 * The largest standard deviation of the scores with any further ones. A variance is convex in each score, so it is
 * largest with all further scores at 0 or 1.
 */
function largestSpread(faces: readonly MeasuredFace[], moreFaces: number): number {
  const sum = faces.reduce((total, { score }) => total + score, 0);
  const squares = faces.reduce((total, { score }) => total + score ** 2, 0);
  let largest = 0;
  for (let more = 0; more <= moreFaces; more++) {
    for (let ones = 0; ones <= more; ones++) {
      const count = faces.length + more;
      largest = Math.max(largest, (squares + ones) / count - ((sum + ones) / count) ** 2);
    }
  }
  return Math.sqrt(largest);
}

/**
 * The largest gap between two networks' mean scores, with any further scores: in the worst case, one network says 1
 * from now on, and the other 0.
 */
function largestGap(faces: readonly MeasuredFace[], moreFaces: number): number {
  const networks = Object.keys(faces[0]?.networkScores ?? {});
  if (networks.length < 2) return 0;
  const sums = networks.map((network) =>
    faces.reduce((total, { networkScores }) => total + networkScores[network]!, 0),
  );
  return (Math.max(...sums) - Math.min(...sums) + moreFaces) / (faces.length + moreFaces);
}

/**
 * The verdict where the page covers or alters the picture, which its doubts say: the user sees another picture than the one that
 * was judged, so "no manipulation found" becomes "not sure". "Likely manipulated" stays, with the doubt: a page could
 * silence it by drawing something over its own video.
 */
export function gateByPage(verdict: Verdict): Verdict {
  if (verdict.kind !== 'no-manipulation-found') return verdict;
  const reasons = (['covered-by-page', 'altered-by-page'] as const)
    .filter((code) => verdict.doubts.includes(code))
    .map((code) => ({ code }));
  return reasons.length === 0 ? verdict : { ...verdict, kind: 'not-sure', reasons };
}
