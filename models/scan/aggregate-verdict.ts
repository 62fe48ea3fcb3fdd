import type { ScoreBands } from '../../utils/domain/report.ts';
import type { Doubt, FaceMark, PersonVerdict, Verdict, VerdictKind } from '../../utils/domain/verdict.ts';
import type { Detector, LogitRow } from '../detectors/detector.ts';

/** The parts of a detector that turn rows into a verdict. */
export type Scoring = Pick<Detector, 'score' | 'scoreInterval' | 'bands' | 'fakeProbability'>;

/** One person's face in one frame, after the networks. */
export type ScoredFace = {
  readonly personId: number;
  /** Which of the sampled frames; one person has one face in a frame. */
  readonly frameIndex: number;
  /** One row for each network that was run. */
  readonly rows: readonly LogitRow[];
  readonly marks: readonly FaceMark[];
};

/** The results of a scan so far. */
export type ScanFrames = {
  /** Frames by the user's setting; 1 for a paused video or an image. */
  readonly framesAsked: number;
  /** Frames in which faces were searched. */
  readonly framesScanned: number;
  readonly faces: readonly ScoredFace[];
  /** Frames with a face that is too small to judge. */
  readonly framesWithSmallFace: number;
  /** Frames with a face that lies too far on its side. */
  readonly framesWithTurnedFace?: number;
  /** No frame that was left out could have changed whether this is *likely manipulated*. */
  readonly isStoppedEarly?: boolean;
};

/** The fewest frames a scan can be set to, and a person judged by. A mean over fewer jumps with every frame. */
export const MIN_JUDGED_FRAMES = 4;

/**
 * The verdict on a video. The detector scores each person from all networks' rows of all of the person's frames. The most
 * suspicious person with enough frames decides, because one swapped face makes a manipulated video and a mean over all
 * people would hide it. The price is more false alarms in videos of many people, so every person's verdict is kept.
 */
export function aggregateVerdict(scan: ScanFrames, scoring: Scoring): Verdict {
  const { framesAsked, framesScanned, faces, isStoppedEarly = false } = scan;
  const people = [...Map.groupBy(faces, ({ personId }) => personId)]
    .map(([personId, own]) => judgePerson({ personId, faces: own }, scan, scoring))
    .toSorted((a, b) => suspicion(b) - suspicion(a) || a.personId - b.personId);
  const deciding = people[0];
  if (deciding === undefined || deciding.kind === 'refused') {
    const reason = unusableReason(scan) ?? deciding?.reason ?? 'no-face';
    return { kind: 'refused', reason, framesScanned, framesAsked };
  }
  const pooled = scoring.score(faces.flatMap(({ rows }) => rows));
  return {
    kind: deciding.kind,
    score: deciding.score,
    decidingPersonId: deciding.personId,
    doubts: deciding.doubts,
    framesUsed: deciding.framesUsed,
    framesScanned,
    framesAsked,
    pooledScore: pooled.score,
    pooledLabel: pooled.label,
    people,
    ...(isStoppedEarly && { isStoppedEarly }),
  };
}

/**
 * Why the faces of a video can't be judged; null where too few frames show such a face: the face detector takes a pattern for
 * a face in single frames; a real one is there in several.
 */
function unusableReason({
  framesScanned,
  framesWithSmallFace,
  framesWithTurnedFace = 0,
}: ScanFrames): 'face-turned' | 'face-too-small' | null {
  const needed = Math.max(1, Math.min(MIN_JUDGED_FRAMES, Math.ceil(framesScanned / 4)));
  if (Math.max(framesWithSmallFace, framesWithTurnedFace) < needed) return null;
  return framesWithTurnedFace >= framesWithSmallFace ? 'face-turned' : 'face-too-small';
}

/** The word for a score, 0 to 1. Both borders belong to the outer bands. */
export function verdictKindOf(score: number, bands: ScoreBands): VerdictKind {
  if (score >= bands.likelyManipulatedFrom) return 'likely-manipulated';
  return score <= bands.noManipulationUpTo ? 'no-manipulation-found' : 'not-sure';
}

function judgePerson(
  { personId, faces }: { readonly personId: number; readonly faces: readonly ScoredFace[] },
  { framesAsked, isStoppedEarly = false }: ScanFrames,
  { score: scoreOf, bands }: Scoring,
): PersonVerdict {
  const framesUsed = new Set(faces.map(({ frameIndex }) => frameIndex)).size;
  // A paused video has one frame: it is judged, and a doubt says so.
  if (framesUsed < Math.min(MIN_JUDGED_FRAMES, framesAsked)) {
    return { kind: 'refused', reason: 'too-few-frames', personId, framesUsed };
  }
  const { score, label } = scoreOf(faces.flatMap(({ rows }) => rows));
  const doubts: Doubt[] = [];
  // An early stop takes all frames that were asked for into account: those left out are no reason for doubt.
  const isFew = framesUsed < framesAsked / 2 && !isStoppedEarly;
  if (framesUsed < MIN_JUDGED_FRAMES || isFew) doubts.push('few-frames');
  for (const [mark, doubt] of MARK_DOUBTS) {
    const marked = faces.filter(({ marks }) => marks.includes(mark)).length;
    if (marked > faces.length / 2) doubts.push(doubt);
  }
  if (score !== 0.5 && score > 0.5 !== (label === 'FAKE')) doubts.push('class-contradicts-score');
  return { kind: verdictKindOf(score, bands), personId, score, framesUsed, doubts };
}

const MARK_DOUBTS: readonly (readonly [FaceMark, Doubt])[] = [
  ['small', 'mostly-small'],
  ['near-profile', 'mostly-near-profile'],
  ['low-score', 'mostly-low-score'],
  ['blurred', 'mostly-blurred'],
];

function suspicion(person: PersonVerdict): number {
  return person.kind === 'refused' ? Number.NEGATIVE_INFINITY : person.score;
}
