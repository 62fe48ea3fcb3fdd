import type { HistoryEntry } from '../../utils/domain/scan.ts';

type Judged = Pick<HistoryEntry, 'verdict' | 'model'>;

/**
 * The score to show beside a verdict, 0 to 1; null for refusals, which have none, and for stand-in networks, whose
 * number would be read as one.
 */
export function shownScore({ verdict, model }: Judged): number | null {
  return verdict.kind === 'refused' || model?.isDemo === true ? null : verdict.score;
}
