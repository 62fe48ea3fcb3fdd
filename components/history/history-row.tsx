import type { HistorySummary } from '../../utils/domain/history.ts';
import { dateLocale, dayHeading, formatClock, siteOf } from '../format.ts';
import { CrossSign } from '../cross-sign.tsx';
import { VerdictMark } from '../report/verdict-mark.tsx';
import { scoreOf100, wordsOfOutcome } from '../report/verdict-words.ts';
import { hidden, t, tRich } from '../texts.tsx';

type HistoryRowProps = {
  readonly entry: HistorySummary;
  /** Address of the page with the check's details. */
  readonly detailsUrl: string;
  /** Object URL of the entry's face picture, where one was kept. */
  readonly pictureUrl: string | null;
  readonly onDelete: () => void;
};

/** One check of the history, 56 px high: shape, title, site and time, score. */
export function HistoryRow({ entry, detailsUrl, pictureUrl, onDelete }: HistoryRowProps) {
  const isDemo = entry.model?.isDemo === true;
  const { shape, tone, title } = wordsOfOutcome(entry);
  const score = shownScoreOf(entry);
  const site = siteOf(entry.pageUrl);
  const name = entry.title === '' ? site : entry.title;
  return (
    <li class={`history-row ${isDemo ? 'demo-ground' : ''}`}>
      <a href={detailsUrl} target="_blank">
        {pictureUrl === null ? null : <img src={pictureUrl} alt="" width="40" height="40" />}
        <VerdictMark shape={shape} tone={tone} sizePixels={20} />
        <span class="history-text">
          <span class="one-line" dir="auto">
            {name}
          </span>
          <span class="one-line small quiet">
            <span class={`tone-${tone}`}>{title}</span>
            {/* A file's name is said once. */}
            {site === name ? null : (
              <>
                {' · '}
                <bdi>{site}</bdi>
              </>
            )}
          </span>
        </span>
        <span class="history-side number">
          <span>
            {score === null
              ? null
              : tRich('score.row', {
                  hidden,
                  score: scoreOf100(score, entry.bands),
                  small: (words) => <span class="small quiet">{words}</span>,
                })}
          </span>
          <span class="small quiet">{formatClock(entry.finishedAt)}</span>
        </span>
      </a>
      <button
        type="button"
        class="sign"
        aria-label={t('history.delete', { title: entry.title })}
        onClick={onDelete}
      >
        <CrossSign />
      </button>
    </li>
  );
}

/** A stand-in's number would be read as a score. */
export function shownScoreOf({ score, model }: HistorySummary): number | null {
  return model?.isDemo === true ? null : score;
}

export type DayGroup<Entry> = { readonly heading: string; readonly entries: readonly Entry[] };

/** Splits a list that is in order of time into one group for each day's heading. */
export function groupByDay<Entry extends { readonly finishedAt: number }>(
  entries: readonly Entry[],
  now = Date.now(),
  locale = dateLocale(),
): readonly DayGroup<Entry>[] {
  const groups: { heading: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const heading = dayHeading(entry.finishedAt, now, locale);
    const last = groups.at(-1);
    if (last?.heading === heading) last.entries.push(entry);
    else groups.push({ heading, entries: [entry] });
  }
  return groups;
}

/** What the history and the memory of verdicts hold, in words: the same on every page. */

/** A sentence on the remembered verdicts of quiet checks, which no list shows; null where there are none. */
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
