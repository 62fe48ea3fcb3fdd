import { t } from '../texts.tsx';

/** What the history and the memory of verdicts hold, in words: the same on every page. */

/** Of quiet checks, which no list shows; null where there are none. */
export function quietVerdictsSentence(count: number): string | null {
  return count === 0 ? null : t('history.quietVerdicts', count, { count });
}

/**
 * Asked before everything is erased.
 * @param checks in the history
 * @param verdicts of quiet checks, remembered beside it
 */
export function clearQuestion(checks: number, verdicts: number): string {
  if (verdicts === 0) return t('history.clearQuestion.checks', checks, { checks });
  if (checks === 0) return t('history.clearQuestion.verdicts', verdicts, { verdicts });
  return checks === 1
    ? t('history.clearQuestion.checkAndVerdicts', verdicts, { verdicts })
    : t('history.clearQuestion.checksAndVerdicts', verdicts, { checks, verdicts });
}
