import type { FaceMeasures, FrameScore, PersonMeasures, ScanQuality } from '../../utils/domain/report.ts';
import type { FaceMark, Verdict } from '../../utils/domain/verdict.ts';

/** The parts of a judged face that the quality gate uses. */
export type MeasuredFace = Pick<FrameScore, 'personId' | 'frameIndex' | 'score' | 'networkScores'> & {
  readonly measures: FaceMeasures;
};

/**
 * The quality gate's measures of one person. The frame scores of a report contain all that is needed, so the measures
 * can be computed again.
 * @param faces of one person, at least one
 */
export function measurePerson(faces: readonly MeasuredFace[]): PersonMeasures {
  const fineDetails = faces.flatMap(({ measures }) => measures.fineDetail ?? []);
  const shareWith = (mark: FaceMark): number =>
    faces.filter(({ measures }) => measures.marks.includes(mark)).length / faces.length;
  return {
    frames: new Set(faces.map(({ frameIndex }) => frameIndex)).size,
    sidePixels: upperMedian(faces.map(({ measures }) => measures.sidePixels)),
    fineDetail: fineDetails.length === 0 ? null : upperMedian(fineDetails),
    nearProfileShare: shareWith('near-profile'),
    lowScoreShare: shareWith('low-score'),
    scoreSpread: standardDeviation(faces.map(({ score }) => score)),
    networkGap: networkGap(faces),
  };
}

/** The quality gate's measures of a whole scan. */
export function measureQuality(
  faces: readonly MeasuredFace[],
  verdict: Verdict,
  bitsPerPixel: number | null,
): ScanQuality {
  const people = verdict.kind === 'refused' ? [] : verdict.people.filter(({ kind }) => kind !== 'refused');
  const facesOf = Map.groupBy(faces, ({ personId }) => personId);
  const measured = new Map(
    people.map(({ personId }) => [personId, measurePerson(facesOf.get(personId) ?? [])] as const),
  );
  const sides = [...measured.values()].map(({ sidePixels }) => sidePixels);
  return {
    bitsPerPixel,
    peopleCount: people.length,
    largestSidePixels: sides.length === 0 ? null : Math.max(...sides),
    decidingPerson: verdict.kind === 'refused' ? null : (measured.get(verdict.decidingPersonId) ?? null),
  };
}

/**
 * The median: it is below a limit if more than half of the values are.
 * @param values at least one
 */
function upperMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function standardDeviation(values: readonly number[]): number {
  const average = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
}

function networkGap(faces: readonly MeasuredFace[]): number | null {
  const networks = Object.keys(faces[0]!.networkScores);
  if (networks.length < 2) return null;
  const means = networks.map((network) => mean(faces.map((face) => face.networkScores[network]!)));
  return Math.max(...means) - Math.min(...means);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
