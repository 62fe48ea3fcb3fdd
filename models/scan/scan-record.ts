import type { PageBox } from '../../utils/domain/content-messages.ts';
import { mostTelling } from '../../utils/domain/face-tracks.ts';
import { MAX_EVIDENCE_FACES } from '../../utils/domain/scan.ts';
import type { EvidenceFace } from '../../utils/domain/scan.ts';
import type { Verdict } from '../../utils/domain/verdict.ts';
import type { LogitRow } from '../detectors/detector.ts';
import { aggregateVerdict, type ScanFrames, type ScoredFace, type Scoring } from './aggregate-verdict.ts';
import type { UnusableReason } from '../face/usable.ts';
import type { JudgedFace } from './analysis.ts';
import type { FaceMeasures, FrameScore, ScanQuality } from '../../utils/domain/report.ts';
import { measureQuality, type MeasuredFace } from './measure-people.ts';

/** The most networks' inputs that are kept for the details page: all of the longest ordinary scan, 12 MB at 224². */
export const MAX_KEPT_CROPS = 60;

/** The person and the frame of a judged face. */
export type FacePlace = {
  /** From 1, in order of appearance. */
  readonly personId: number;
  /** The crop in shares of the picture's sides. */
  readonly area: PageBox;
  readonly frameIndex: number;
  readonly mediaTimeSeconds: number;
  /** The measures as in the report; the fine detail is measured on the networks' input. */
  readonly measures: Omit<FaceMeasures, 'fineDetail'>;
};

/** One judged face with the networks' own input. */
export type KeptCrop = FrameScore & {
  readonly logits: Readonly<Record<string, LogitRow>>;
  readonly picture: ImageData;
};

export type ScanRecord = ReturnType<typeof createScanRecord>;

/** Gathers the results of one scan. */
export function createScanRecord(scoring: Scoring) {
  const faces: ScoredFace[] = [];
  const scores: (FrameScore & MeasuredFace)[] = [];
  const crops: KeptCrop[] = [];
  const areas = new Map<number, PageBox>();
  const extremesByPerson = new Map<number, EvidenceFace[]>();
  let frames = 0;
  const unusableFrames = new Map<UnusableReason, Set<number>>();

  return {
    lookedAtFrame: () => {
      frames++;
    },
    sawUnusableFace: (frameIndex: number, reason: UnusableReason) => {
      unusableFrames.set(reason, (unusableFrames.get(reason) ?? new Set()).add(frameIndex));
    },
    add: (place: FacePlace, { logits, input, evidence, fineDetail, pixelsSha256 }: JudgedFace) => {
      const { personId, frameIndex, mediaTimeSeconds, area } = place;
      const isBlurred = fineDetail !== undefined && fineDetail < scoring.trainedOn.minFineDetail;
      const marks = isBlurred ? [...place.measures.marks, 'blurred' as const] : place.measures.marks;
      const rows = Object.values(logits);
      const known = areas.get(personId);
      areas.set(personId, known === undefined ? place.area : around(known, place.area));
      const networkScores = Object.entries(logits).map(
        ([network, row]) => [network, scoring.fakeProbability(row)] as const,
      );
      const shown = { personId, frameIndex, mediaTimeSeconds, score: scoring.score(rows).score };
      const score = {
        ...shown,
        box: area,
        networkScores: Object.fromEntries(networkScores),
        pixelsSha256: pixelsSha256 ?? null,
        measures: { ...place.measures, marks, fineDetail: fineDetail ?? null },
      };
      scores.push(score);
      faces.push({ ...score, rows });
      if (crops.length < MAX_KEPT_CROPS) crops.push({ ...score, logits, picture: input });
      const extremes = extremesByPerson.get(personId) ?? [];
      extremesByPerson.set(personId, withExtreme(extremes, { ...shown, picture: evidence }));
    },
    framesScanned: () => frames,
    /** The person's judged faces. */
    facesOf: (personId: number): readonly ScoredFace[] => faces.filter((face) => face.personId === personId),
    /** @param framesAsked null where the scan took all frames of the video */
    verdict: (framesAsked: number | null, rest: Pick<ScanFrames, 'isStoppedEarly' | 'bitsPerPixel'> = {}) =>
      aggregateVerdict(
        {
          framesAsked: framesAsked ?? frames,
          framesScanned: frames,
          faces,
          framesWithSmallFace: unusableFrames.get('face-too-small')?.size ?? 0,
          framesWithTurnedFace: unusableFrames.get('face-turned')?.size ?? 0,
          ...rest,
        },
        scoring,
      ),
    /** In the order in which the faces were judged. */
    frameScores: (): readonly FrameScore[] => scores,
    quality: (verdict: Verdict, bitsPerPixel: number | null): ScanQuality =>
      measureQuality(scores, verdict, bitsPerPixel),
    /** Up to six faces of the deciding person, those with the clearest score for the verdict first. */
    evidence: (verdict: Verdict): readonly EvidenceFace[] => {
      if (verdict.kind === 'refused') return [];
      const own = extremesByPerson.get(verdict.decidingPersonId) ?? [];
      return mostTelling(own, verdict.kind, MAX_EVIDENCE_FACES);
    },
    /** The box around the deciding person's faces. */
    judgedArea: (verdict: Verdict): PageBox | undefined =>
      verdict.kind === 'refused' ? undefined : areas.get(verdict.decidingPersonId),
    /** The first {@link MAX_KEPT_CROPS}, in the order in which they were judged. */
    crops: (): readonly KeptCrop[] => crops,
  };
}

function around(one: PageBox, other: PageBox): PageBox {
  const left = Math.min(one.left, other.left);
  const top = Math.min(one.top, other.top);
  const right = Math.max(one.left + one.width, other.left + other.width);
  const bottom = Math.max(one.top + one.height, other.top + other.height);
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * Adds a face to the extremes: of any number of faces, the six with the lowest scores and the six with the highest,
 * sorted.
 */
function withExtreme(extremes: readonly EvidenceFace[], face: EvidenceFace): EvidenceFace[] {
  const sorted = [...extremes, face].toSorted((a, b) => a.score - b.score);
  if (sorted.length > 2 * MAX_EVIDENCE_FACES) sorted.splice(MAX_EVIDENCE_FACES, 1);
  return sorted;
}
