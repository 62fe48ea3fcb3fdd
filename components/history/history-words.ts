/** What the history and the memory of verdicts hold, in words: the same on every page. */

/** Of quiet checks, which no list shows; null where there are none. */
export function quietVerdictsSentence(count: number): string | null {
  if (count === 0) return null;
  return `TrueFrame also remembers the ${count === 1 ? 'verdict' : 'verdicts'} on ${videos(count)} it checked by itself.`;
}

/**
 * Asked before everything is erased.
 * @param checks in the history
 * @param quietVerdicts remembered beside it
 */
export function clearQuestion(checks: number, quietVerdicts: number): string {
  const deleted = checks === 1 ? 'Delete this check' : `Delete all ${checks} checks`;
  const verdicts = quietVerdicts === 1 ? 'the verdict' : 'the verdicts';
  if (quietVerdicts === 0) return `${deleted}?`;
  return checks === 0
    ? `Forget ${verdicts} on ${videos(quietVerdicts)}?`
    : `${deleted} and forget ${verdicts} on ${videos(quietVerdicts)}?`;
}

function videos(count: number): string {
  return count === 1 ? '1 video' : `${count} videos`;
}
