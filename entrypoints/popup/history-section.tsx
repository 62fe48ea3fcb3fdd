import { useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { groupByDay } from '../../components/history/day-groups.ts';
import { dateLocale } from '../../components/format.ts';
import { HistoryRow } from '../../components/history/history-row.tsx';
import { clearQuestion, quietVerdictsSentence } from '../../components/history/history-words.ts';
import { UndoBar } from '../../components/undo-bar.tsx';
import { useHistory } from './use-history.ts';
import { usePictureUrls } from './use-picture-urls.ts';

/** As soon as there are more, looking for one by eye takes longer than typing. */
const SEARCH_ABOVE_ENTRIES = 8;

/** Earlier checks, newest first, by day. */
export function HistorySection() {
  const [search, setSearch] = useState('');
  const history = useHistory(search);
  const pictureUrlOf = usePictureUrls(history.entries ?? []);
  const { entries, totalCount, quietVerdicts, undoable } = history;
  if (entries === null) return null;
  const locale = dateLocale(navigator.languages);
  return (
    <section aria-labelledby="history">
      <div class="bar">
        <h2 id="history">History</h2>
        {totalCount + quietVerdicts === 0 ? null : (
          <ConfirmButton
            class="plain small push"
            label="Clear"
            question={clearQuestion(totalCount, quietVerdicts)}
            confirmLabel={totalCount === 0 ? 'Forget' : 'Delete'}
            onConfirm={history.deleteAll}
          />
        )}
      </div>
      {totalCount > SEARCH_ABOVE_ENTRIES ? (
        <input
          type="search"
          aria-label="Search the history by title or site"
          placeholder="Title or site"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      ) : null}
      {entries.length === 0 ? (
        <EmptyHistory isSearch={totalCount > 0} hasChecked={quietVerdicts > 0} />
      ) : null}
      {groupByDay(entries, Date.now(), locale).map((group) => (
        <section key={group.heading} aria-label={group.heading}>
          <h3 class="small quiet">{group.heading}</h3>
          <ul>
            {group.entries.map((entry) => (
              <HistoryRow
                key={entry.scanId}
                entry={entry}
                locale={locale}
                detailsUrl={`/report.html#${encodeURIComponent(entry.scanId)}`}
                pictureUrl={pictureUrlOf(entry)}
                onDelete={() => history.deleteOne(entry)}
              />
            ))}
          </ul>
        </section>
      ))}
      {history.hasOlder ? (
        <button type="button" class="plain small" onClick={history.showOlder}>
          Show older checks
        </button>
      ) : null}
      <QuietVerdicts count={quietVerdicts} />
      {undoable === null ? null : (
        <div class="undo-place">
          <UndoBar message={undoable.message} onUndo={undoable.undo} onDismiss={undoable.dismiss} />
        </div>
      )}
    </section>
  );
}

function EmptyHistory({
  isSearch,
  hasChecked,
}: {
  readonly isSearch: boolean;
  /** By itself, which no entry shows. */
  readonly hasChecked: boolean;
}) {
  if (isSearch) return <p class="note quiet">No check with these words in its title or site.</p>;
  return (
    <p class="note quiet">
      {hasChecked ? 'No checks in the history.' : 'Nothing checked yet.'} Right-click a video and choose
      “Check this video”.
    </p>
  );
}

/** Under the list, since no row of it stands for them. */
function QuietVerdicts({ count }: { readonly count: number }) {
  const sentence = quietVerdictsSentence(count);
  return sentence === null ? null : <p class="note small quiet">{sentence}</p>;
}
