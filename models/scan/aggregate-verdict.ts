import { calibrationFacts } from '../../utils/domain/calibration.ts';
import type { UsedModel } from '../../utils/domain/model.ts';
import type { PersonMeasures, ScanReport, ScoreBands } from '../../utils/domain/report.ts';
import type { Doubt, PersonVerdict, Verdict, VerdictKind } from '../../utils/domain/verdict.ts';
import type { Detector, LogitRow } from '../detectors/detector.ts';
import { MIN_BITS_PER_PIXEL, NO_VERDICT_BITS_PER_PIXEL } from './compression.ts';
import { measurePerson, type MeasuredFace } from './measure-people.ts';
import { gateReasons, MIN_JUDGED_FRAMES, type GatedFootage } from './quality-gate.ts';

/** The parts of a detector that turn rows into a verdict. */
export type Scoring = Pick<
  Detector,
  'score' | 'scoreInterval' | 'bands' | 'calibration' | 'fakeProbability' | 'trainedOn'
>;

/** One person's face in one frame, after the networks. One person has one face in a frame. */
export type ScoredFace = MeasuredFace & {
  /** One row for each network that was run. */
  readonly rows: readonly LogitRow[];
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
  /** Bits of the compressed picture for each pixel of each frame; null or left out where that is not known. */
  readonly bitsPerPixel?: number | null;
  /** Whether frames were left out that could not have changed whether the verdict is *likely manipulated*. */
  readonly isStoppedEarly?: boolean;
};

/**
 * The verdict on a video. The detector scores each person from all networks' rows of all of the person's frames, and the quality
 * gate makes scores "not sure" whose footage differs from what the detector was trained on. The most suspicious person with
 * enough frames decides, because one swapped face makes a manipulated video and a mean over all people would hide it; a person
 * who is *likely manipulated* comes before all whose scores are no verdict. The price is more false alarms in videos of
 * many people, so every person's verdict is kept.
 */
export function aggregateVerdict(scan: ScanFrames, scoring: Scoring): Verdict {
  const { framesAsked, framesScanned, faces, isStoppedEarly = false } = scan;
  const measured = [...Map.groupBy(faces, ({ personId }) => personId)].map(([personId, own]) => ({
    personId,
    faces: own,
    measures: measurePerson(own),
  }));
  // A paused video has one frame. It gets a score, and the quality gate gives the reason why that is no verdict.
  const isEnough = ({ measures }: (typeof measured)[number]): boolean =>
    measures.frames >= Math.min(MIN_JUDGED_FRAMES, framesAsked);
  const enough = measured.filter(isEnough);
  const footage = {
    peopleCount: enough.length,
    largestSidePixels: Math.max(0, ...enough.map(({ measures }) => measures.sidePixels)),
    bitsPerPixel: scan.bitsPerPixel ?? null,
  };
  const people = measured
    .map((person): PersonVerdict => {
      if (isEnough(person)) return judgePerson({ ...person, footage }, scan, scoring);
      const { personId, measures } = person;
      return { kind: 'refused', reason: 'too-few-frames', personId, framesUsed: measures.frames };
    })
    .toSorted((a, b) => suspicion(b) - suspicion(a) || a.personId - b.personId);
  const deciding = people[0];
  if (deciding === undefined || deciding.kind === 'refused') {
    const reason = unusableReason(scan) ?? deciding?.reason ?? 'no-face';
    return { kind: 'refused', reason, framesScanned, framesAsked };
  }
  const pooled = scoring.score(faces.flatMap(({ rows }) => rows));
  const bits = footage.bitsPerPixel ?? Infinity;
  const isDoubtful = bits < MIN_BITS_PER_PIXEL && bits >= NO_VERDICT_BITS_PER_PIXEL;
  return {
    kind: deciding.kind,
    score: deciding.score,
    decidingPersonId: deciding.personId,
    doubts: isDoubtful ? [...deciding.doubts, 'compressed'] : deciding.doubts,
    ...(deciding.reasons && { reasons: deciding.reasons }),
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
 * Why the faces of a video can't be judged; null where too few frames show such a face. The face detector may take a
 * pattern for a face in single frames; a real face is there in several.
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
  {
    personId,
    faces,
    measures,
    footage,
  }: {
    readonly personId: number;
    readonly faces: readonly ScoredFace[];
    readonly measures: PersonMeasures;
    readonly footage: Omit<GatedFootage, 'person'>;
  },
  { framesAsked, isStoppedEarly = false }: ScanFrames,
  { score: scoreOf, bands, trainedOn }: Scoring,
): PersonVerdict {
  const { score, label } = scoreOf(faces.flatMap(({ rows }) => rows));
  const reasons = gateReasons({ ...footage, person: measures }, trainedOn);
  const { frames: framesUsed } = measures;
  const doubts: Doubt[] = [];
  // An early stop counts as if all frames had been examined: the frames that it left out are no reason for doubt.
  if (framesUsed < framesAsked / 2 && !isStoppedEarly) doubts.push('few-frames');
  if (score !== 0.5 && score > 0.5 !== (label === 'FAKE')) doubts.push('class-contradicts-score');
  const judged = { personId, score, framesUsed, doubts };
  return reasons.length > 0
    ? { ...judged, kind: 'not-sure', reasons }
    : { ...judged, kind: verdictKindOf(score, bands) };
}

/** People who are *likely manipulated* come first, then by score. */
function suspicion(person: PersonVerdict): number {
  if (person.kind === 'refused') return Number.NEGATIVE_INFINITY;
  return person.kind === 'likely-manipulated' ? 1 + person.score : person.score;
}

/**
 * The report's facts on how often its verdict is wrong. There are none for a refusal, for a stand-in, and where more
 * than the score decided: the counted videos were judged by their scores alone.
 */
export function calibrationOf(
  verdict: Verdict,
  { bands, calibration }: Pick<Scoring, 'bands' | 'calibration'>,
  model: UsedModel,
): Pick<ScanReport, 'calibration'> {
  if (verdict.kind === 'refused' || verdict.reasons !== undefined || model.isDemo) return {};
  return { calibration: calibrationFacts(calibration, { kind: verdict.kind, bands }, model) };
}
