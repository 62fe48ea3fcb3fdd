import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../../components/texts.tsx';
import type { UndoBarProps } from '../../components/undo-bar.tsx';
import { useStored } from '../../components/use-stored.ts';
import { useUndo } from '../../components/use-undo.ts';
import { deleteAllEntries, deleteEntries, readKept, watchKept } from '../../utils/browser/history-client.ts';
import type { Kept, Undo } from '../../utils/browser/history-client.ts';
import { listHistory, listWholeHistory, watchHistory } from '../../utils/browser/history-db.ts';
import { filterHistory, NO_FILTER } from '../../utils/domain/history.ts';
import type { HistorySummary } from '../../utils/domain/history.ts';

const ENTRIES_A_PAGE = 50;
/** More than are in sight. The others are drawn once the user sees these. */
const ENTRIES_AT_FIRST = 10;

/** Read while the popup still asks for its tab. One more than is shown tells whether there are older ones. */
let newest: Promise<readonly HistorySummary[]> | null = listHistory(ENTRIES_A_PAGE + 1);
// A check that ends before the list watches the history itself: the list is read once more.
watchHistory(() => {
  newest = null;
});
let firstFound: readonly HistorySummary[] | null = null;
/** The popup draws its list at once where it is read by then. */
export const firstRead = newest.then((entries) => {
  firstFound = entries;
});

export type History = {
  /** null until they are read. */
  readonly entries: readonly HistorySummary[] | null;
  /** null until it is counted, which the list does not wait for. */
  readonly kept: Kept | null;
  readonly hasOlder: boolean;
  readonly showOlder: () => void;
  readonly deleteOne: (entry: HistorySummary) => void;
  readonly deleteAll: () => void;
  /** For the last deletion; null where there is nothing to undo. */
  readonly undoBar: UndoBarProps | null;
};

/** The shown part of the history, kept up to date with the changes of other pages and of the background. */
export function useHistory(search: string): History {
  const [limit, setLimit] = useState(ENTRIES_A_PAGE);
  const [found, setFound] = useState(firstFound);
  const [isFirstDrawing, setFirstDrawing] = useState(true);
  const [kept, showKept] = useStored(readKept, watchKept);
  const { undoBar, offer } = useUndo();
  const list = useList();

  useEffect(() => {
    let isCurrent = true;
    void list.read(search, limit + 1).then((entries) => {
      // A slow answer to a former search must not replace the latest one's.
      if (isCurrent) setFound(entries);
    });
    return () => {
      isCurrent = false;
    };
  }, [limit, search, list]);

  useEffect(() => {
    if (found !== null) requestAnimationFrame(() => setTimeout(() => setFirstDrawing(false)));
  }, [found === null]);

  /** @param leave removes the entries from the page just before "Undo" appears, so that the focus can move to it */
  async function offerUndo(message: string, deletion: Promise<Undo>, leave: () => void): Promise<void> {
    const undo = await deletion;
    leave();
    offer(message, undo);
  }

  const shown = isFirstDrawing ? ENTRIES_AT_FIRST : limit;
  const entries = useMemo(() => found?.slice(0, shown) ?? null, [found, shown]);
  return {
    entries,
    kept,
    hasOlder: !isFirstDrawing && found !== null && found.length > limit,
    showOlder: () => setLimit((value) => value + ENTRIES_A_PAGE),
    deleteOne: ({ scanId, title }) =>
      void offerUndo(t('history.deleted', { title }), deleteEntries([scanId]), () =>
        setFound((shown) => shown?.filter((entry) => entry.scanId !== scanId) ?? null),
      ),
    deleteAll: () =>
      void offerUndo(t('history.cleared'), deleteAllEntries(), () => {
        setFound([]);
        showKept({ checks: 0, quietVerdicts: 0 });
      }),
    undoBar,
  };
}

/** Reads entries; the value is another one after each change of the history. Only a search reads the whole of it, once. */
function useList() {
  const [revision, setRevision] = useState(0);
  const whole = useRef<Promise<readonly HistorySummary[]> | null>(null);
  useEffect(
    () =>
      watchHistory(() => {
        whole.current = null;
        setRevision((value) => value + 1);
      }),
    [],
  );
  const read = useCallback(
    async (search: string, limit: number): Promise<readonly HistorySummary[]> => {
      if (search.trim() === '') {
        const first = newest;
        newest = null;
        return await (first ?? listHistory(limit));
      }
      return filterHistory(await (whole.current ??= listWholeHistory()), { ...NO_FILTER, search }).slice(
        0,
        limit,
      );
    },
    [revision],
  );
  return useMemo(() => ({ read }), [read]);
}
