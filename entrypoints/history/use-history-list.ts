import { useEffect, useMemo, useState } from 'preact/hooks';
import { language } from '../../components/texts.tsx';
import { listWholeHistory, watchHistory } from '../../utils/browser/history-db.ts';
import { filterHistory, NO_FILTER, sortHistory } from '../../utils/domain/history.ts';
import type { HistoryFilter, HistoryOrder, HistorySummary } from '../../utils/domain/history.ts';

/** As many as a user looks through. More could not be drawn between two letters of a search. */
const ENTRIES_A_PAGE = 50;

export type HistoryList = {
  /** Every entry, newest first; null until they are read. */
  readonly all: readonly HistorySummary[] | null;
  /** The entries that match, in the chosen order. */
  readonly found: readonly HistorySummary[];
  /** The entries of the present page. */
  readonly shown: readonly HistorySummary[];
  readonly filter: HistoryFilter;
  readonly setFilter: (change: Partial<HistoryFilter>) => void;
  readonly order: HistoryOrder;
  readonly setOrder: (order: HistoryOrder) => void;
  /** Number of the page, from 0. */
  readonly pageIndex: number;
  readonly pageCount: number;
  /** Number of the first shown entry, from 1. */
  readonly firstNumber: number;
  readonly setPage: (pageIndex: number) => void;
  /** Takes entries off the list before the storage reports the deletion, so that the focus can move on. */
  readonly leave: (scanIds: ReadonlySet<string>) => void;
};

/** The whole history in the page's memory, where it is searched; kept up to date with every context's changes. */
export function useHistoryList(): HistoryList {
  const [all, setAll] = useState<readonly HistorySummary[] | null>(null);
  const [filter, setFilter] = useState(NO_FILTER);
  const [order, setOrder] = useState<HistoryOrder>('newest');
  const [page, setPage] = useState(0);

  useEffect(() => {
    let latest = 0;
    const read = (): void => {
      latest += 1;
      const own = latest;
      // The answer to an earlier request must not replace that to a later one.
      void listWholeHistory().then((entries) => own === latest && setAll(entries));
    };
    read();
    return watchHistory(read);
  }, []);

  const found = useMemo(
    () => sortHistory(filterHistory(all ?? [], filter), order, language()),
    [all, filter, order],
  );
  const pageCount = Math.max(1, Math.ceil(found.length / ENTRIES_A_PAGE));
  // The last page may have lost all of its entries.
  const pageIndex = Math.min(page, pageCount - 1);
  const shown = useMemo(
    () => found.slice(pageIndex * ENTRIES_A_PAGE, (pageIndex + 1) * ENTRIES_A_PAGE),
    [found, pageIndex],
  );
  return {
    all,
    found,
    shown,
    filter,
    setFilter: (change) => {
      setFilter((current) => ({ ...current, ...change }));
      setPage(0);
    },
    order,
    setOrder: (chosen) => {
      setOrder(chosen);
      setPage(0);
    },
    pageIndex,
    pageCount,
    firstNumber: pageIndex * ENTRIES_A_PAGE + 1,
    setPage,
    leave: (scanIds) => setAll((entries) => entries?.filter(({ scanId }) => !scanIds.has(scanId)) ?? null),
  };
}
