import { useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import {
  groupByDay,
  HistoryRow,
  clearQuestion,
  quietVerdictsSentence,
} from '../../components/history/history-row.tsx';
import { usePictureUrls } from '../../components/history/use-picture-urls.ts';
import { t } from '../../components/texts.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { getFacePictures } from '../../utils/browser/history-db.ts';
import type { HistorySummary } from '../../utils/domain/history.ts';
import { useHistory } from './use-history.ts';

/** With more entries than these, to look for one takes longer than to type. */
const SEARCH_ABOVE_ENTRIES = 8;

/** While the entries are read. */
const NONE: readonly HistorySummary[] = [];

/** Earlier checks, newest first, by day. */
export function HistorySection() {
  const [search, setSearch] = useState('');
  const history = useHistory(search);
  const pictureUrlOf = usePictureUrls(history.entries ?? NONE, getFacePictures);
  const { entries, kept, undoBar } = history;
  if (entries === null) return null;
  const { checks: totalCount, quietVerdicts } = kept ?? { checks: entries.length, quietVerdicts: 0 };
  const quietSentence = quietVerdictsSentence(quietVerdicts);
  const emptyKey =
    totalCount > 0 ? 'history.notFound' : quietVerdicts > 0 ? 'history.emptyButQuiet' : 'history.empty';
  return (
    <section aria-labelledby="history">
      <div class="bar">
        <h2 id="history">{t('history.title')}</h2>
        {totalCount + quietVerdicts === 0 ? null : (
          <ConfirmButton
            class="plain small push"
            label={t('history.clear')}
            question={clearQuestion(totalCount, quietVerdicts)}
            confirmLabel={t(totalCount === 0 ? 'action.forget' : 'action.delete')}
            onConfirm={history.deleteAll}
          />
        )}
      </div>
      {totalCount > SEARCH_ABOVE_ENTRIES ? (
        <input
          type="search"
          aria-label={t('history.search')}
          placeholder={t('history.searchHint')}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      ) : null}
      {entries.length === 0 ? <p class="note quiet">{t(emptyKey)}</p> : null}
      {groupByDay(entries).map((group) => (
        <section key={group.heading} aria-label={group.heading}>
          <h3 class="small quiet">{group.heading}</h3>
          <ul>
            {group.entries.map((entry) => (
              <HistoryRow
                key={entry.scanId}
                entry={entry}
                detailsUrl={`/report.html#${encodeURIComponent(entry.scanId)}`}
                pictureUrl={pictureUrlOf(entry.scanId)}
                onDelete={() => history.deleteOne(entry)}
              />
            ))}
          </ul>
        </section>
      ))}
      {history.hasOlder ? (
        <button type="button" class="plain small" onClick={history.showOlder}>
          {t('history.showOlder')}
        </button>
      ) : null}
      {/* Counting twenty thousand takes longer than to list the newest. */}
      {kept === null || totalCount === 0 ? null : (
        <p class="note small">
          <a href="/history.html" target="_blank">
            {t('history.showAll', totalCount, { count: totalCount })}
          </a>
        </p>
      )}
      {quietSentence === null ? null : <p class="note small quiet">{quietSentence}</p>}
      {undoBar === null ? null : (
        <div class="undo-place">
          <UndoBar {...undoBar} />
        </div>
      )}
    </section>
  );
}
