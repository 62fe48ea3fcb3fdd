import type { ScanReport } from '../../utils/domain/report.ts';
import { MAX_EVIDENCE_FACES } from '../../utils/domain/scan.ts';

type Face = { readonly personId: number; readonly score: number };

/**
 * Up to six faces of the person who decides, those that support the verdict most clearly first: the highest scores, the
 * lowest, or, for "not sure", those farthest from the middle. None for a refusal.
 */
export function mostTelling<Each extends Face>(
  { verdict }: ScanReport,
  faces: readonly Each[],
): readonly Each[] {
  if (verdict.kind === 'refused') return [];
  const tells = ({ score }: Face): number => {
    switch (verdict.kind) {
      case 'likely-manipulated':
        return score;
      case 'no-manipulation-found':
        return -score;
      case 'not-sure':
        return Math.abs(score - 0.5);
    }
  };
  return faces
    .filter(({ personId }) => personId === verdict.decidingPersonId)
    .toSorted((a, b) => tells(b) - tells(a))
    .slice(0, MAX_EVIDENCE_FACES);
}
