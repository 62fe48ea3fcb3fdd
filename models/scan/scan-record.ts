import { MAX_EVIDENCE_FACES } from '../../utils/domain/scan.ts';
import type { EvidenceFace } from '../../utils/domain/scan.ts';
import type { FaceMark, Verdict } from '../../utils/domain/verdict.ts';
import type { LogitRow } from '../detectors/detector.ts';
import { aggregateVerdict, type ScoredFace, type Scoring } from './aggregate-verdict.ts';
import type { JudgedFace } from './analysis.ts';
import { MIN_FINE_DETAIL } from './fine-detail.ts';
import type { FrameScore } from '../../utils/domain/report.ts';

/** The networks' inputs that are kept for the details: every frame of the longest ordinary scan, 12 MB at 224². */
export const MAX_KEPT_CROPS = 60;

/** Where and whose a judged face was. */
export type FacePlace = {
  /** From 1, in order of appearance. */
  readonly personId: number;
  readonly frameIndex: number;
  readonly mediaTimeSeconds: number;
  readonly marks: readonly FaceMark[];
};

/** One judged face with the very pixels that the networks saw. */
export type KeptCrop = FrameScore & {
  readonly logits: Readonly<Record<string, LogitRow>>;
  readonly picture: ImageData;
};

/** What a scan has gathered so far. */
export type ScanRecord = {
  readonly lookedAtFrame: () => void;
  readonly sawSmallFace: (frameIndex: number) => void;
  /** In the order in which the faces were judged. */
  readonly add: (place: FacePlace, judged: JudgedFace) => void;
  readonly framesScanned: () => number;
  /** Of each of a person's judged faces, one row for each network. */
  readonly rowsOf: (personId: number) => readonly (readonly LogitRow[])[];
  /** @param framesAsked null where the scan took whatever the video had to give */
  readonly verdict: (framesAsked: number | null, isStoppedEarly?: boolean) => Verdict;
  readonly frameScores: () => readonly FrameScore[];
  /** Up to six faces of the person who decides, those that speak clearest for the verdict first. */
  readonly evidence: (verdict: Verdict) => readonly EvidenceFace[];
  /** The first {@link MAX_KEPT_CROPS}, in the order in which they were judged. */
  readonly crops: () => readonly KeptCrop[];
};

export function createScanRecord(scoring: Scoring): ScanRecord {
  const faces: ScoredFace[] = [];
  const scores: FrameScore[] = [];
  const crops: KeptCrop[] = [];
  const extremesByPerson = new Map<number, EvidenceFace[]>();
  let frames = 0;
  const framesWithSmallFace = new Set<number>();

  return {
    lookedAtFrame: () => {
      frames++;
    },
    sawSmallFace: (frameIndex) => {
      framesWithSmallFace.add(frameIndex);
    },
    add: (place, { logits, input, evidence, fineDetail }) => {
      const { personId, frameIndex, mediaTimeSeconds } = place;
      const isBlurred = fineDetail !== undefined && fineDetail < MIN_FINE_DETAIL;
      const marks: readonly FaceMark[] = isBlurred ? [...place.marks, 'blurred'] : place.marks;
      const rows = Object.values(logits);
      faces.push({ personId, frameIndex, rows, marks });
      const score = { personId, frameIndex, mediaTimeSeconds, score: scoring.score(rows).score };
      scores.push(score);
      if (crops.length < MAX_KEPT_CROPS) crops.push({ ...score, logits, picture: input });
      const extremes = extremesByPerson.get(personId) ?? [];
      extremesByPerson.set(personId, withExtreme(extremes, { ...score, picture: evidence }));
    },
    framesScanned: () => frames,
    rowsOf: (personId) => faces.filter((face) => face.personId === personId).map(({ rows }) => rows),
    verdict: (framesAsked, isStoppedEarly = false) =>
      aggregateVerdict(
        {
          framesAsked: framesAsked ?? frames,
          framesScanned: frames,
          faces,
          framesWithSmallFace: framesWithSmallFace.size,
          isStoppedEarly,
        },
        scoring,
      ),
    frameScores: () => scores,
    evidence: (verdict) => {
      if (verdict.kind === 'refused') return [];
      const own = extremesByPerson.get(verdict.decidingPersonId) ?? [];
      return own
        .toSorted((a, b) => telling(b.score, verdict.kind) - telling(a.score, verdict.kind))
        .slice(0, MAX_EVIDENCE_FACES);
    },
    crops: () => crops,
  };
}

/** How clearly one frame's score speaks for the video's verdict; for "not sure", how clearly it speaks at all. */
function telling(score: number, kind: Exclude<Verdict['kind'], 'refused'>): number {
  switch (kind) {
    case 'likely-manipulated':
      return score;
    case 'no-manipulation-found':
      return -score;
    case 'not-sure':
      return Math.abs(score - 0.5);
    default:
      return kind satisfies never;
  }
}

/** Of any number of faces, the six with the lowest scores and the six with the highest, sorted. */
function withExtreme(extremes: readonly EvidenceFace[], face: EvidenceFace): EvidenceFace[] {
  const sorted = [...extremes, face].toSorted((a, b) => a.score - b.score);
  if (sorted.length > 2 * MAX_EVIDENCE_FACES) sorted.splice(MAX_EVIDENCE_FACES, 1);
  return sorted;
}
