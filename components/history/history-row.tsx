import type { HistoryEntry } from '../../utils/domain/scan.ts';
import { formatClock, siteOf } from '../format.ts';
import { shownScore } from '../report/scan-score.ts';
import { CrossSign } from '../undo-bar.tsx';
import { VerdictMark } from '../report/verdict-mark.tsx';
import { scoreOf100, wordsOfVerdict } from '../report/verdict-words.ts';

type HistoryRowProps = {
  readonly entry: HistoryEntry;
  readonly locale: string;
  /** Address of the page with the check's details. */
  readonly detailsUrl: string;
  /** Object URL of the entry's face picture, where one was kept. */
  readonly pictureUrl: string | null;
  readonly onDelete: () => void;
};

/** One check of the history, 56 px high: shape, title, site and time, score. */
export function HistoryRow({ entry, locale, detailsUrl, pictureUrl, onDelete }: HistoryRowProps) {
  const isDemo = entry.report.used.model?.isDemo ?? false;
  const { shape, tone, title } = wordsOfVerdict(entry.report.verdict, isDemo);
  const score = shownScore(entry.report);
  return (
    <li class={`history-row ${isDemo ? 'demo-ground' : ''}`}>
      <a href={detailsUrl} target="_blank">
        {pictureUrl === null ? null : <img src={pictureUrl} alt="" width="40" height="40" />}
        <VerdictMark shape={shape} tone={tone} sizePixels={20} />
        <span class="history-text">
          <span class="one-line">{entry.title === '' ? siteOf(entry.pageUrl) : entry.title}</span>
          <span class="one-line small quiet">
            <span class={`tone-${tone}`}>{title}</span> · {siteOf(entry.pageUrl)}
          </span>
        </span>
        <span class="history-side number">
          <span>
            {score === null ? null : (
              <>
                <span class="hidden-text">score </span>
                {scoreOf100(score)}
                <span class="small quiet"> of 100</span>
              </>
            )}
          </span>
          <span class="small quiet">{formatClock(entry.finishedAt, locale)}</span>
        </span>
      </a>
      <button type="button" class="sign" aria-label={`Delete “${entry.title}”`} onClick={onDelete}>
        <CrossSign />
      </button>
    </li>
  );
}
