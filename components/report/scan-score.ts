import type { ScanReport } from '../../utils/domain/report.ts';

/**
 * The score to show beside a verdict, 0 to 1; null for refusals, which have none, and for stand-in networks, whose
 * number would be read as one.
 */
export function shownScore({ verdict, used }: Pick<ScanReport, 'verdict' | 'used'>): number | null {
  return verdict.kind === 'refused' || used.model?.isDemo === true ? null : verdict.score;
}
