import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { t } from '../../components/texts.tsx';
import type { UndoBarProps } from '../../components/undo-bar.tsx';
import { countQuietVerdicts, deleteAllEntries, deleteEntry } from '../../utils/browser/history-changes.ts';
import type { Undo } from '../../utils/browser/history-changes.ts';
import { countHistory, listHistory, watchHistory } from '../../utils/browser/history-db.ts';
import type { HistoryEntry } from '../../utils/domain/scan.ts';
import { watchRememberedVerdicts } from '../../utils/browser/verdict-memory-db.ts';

const ENTRIES_A_PAGE = 50;

export type History = {
  /** null until they are read. */
  readonly entries: readonly HistoryEntry[] | null;
  readonly totalCount: number;
  /** Remembered verdicts of quiet checks, which have no entry. */
  readonly quietVerdicts: number;
  readonly hasOlder: boolean;
  readonly showOlder: () => void;
  readonly deleteOne: (entry: HistoryEntry) => void;
  readonly deleteAll: () => void;
  /** For the last deletion; null where there is nothing to undo. */
  readonly undoBar: UndoBarProps | null;
};

/** The shown part of the history, kept up to date with the changes of other pages and of the background. */
export function useHistory(search: string): History {
  const [limit, setLimit] = useState(ENTRIES_A_PAGE);
  const [found, setFound] = useState<readonly HistoryEntry[] | null>(null);
  const [totalCount, setTotalCount] = useState(0);
  const [quietVerdicts, setQuietVerdicts] = useState(0);
  const [undone, setUndone] = useState<{ readonly message: string; readonly undo: Undo } | null>(null);
  // Counts the changes of the history, so that each change reads the history again.
  const [revision, setRevision] = useState(0);
  const readAgain = useCallback(() => setRevision((value) => value + 1), []);

  useEffect(() => watchHistory(readAgain), [readAgain]);
  useEffect(() => watchRememberedVerdicts(readAgain), [readAgain]);

  useEffect(() => {
    let isCurrent = true;
    // One more than is shown tells whether there are older ones.
    void Promise.all([
      listHistory({ limit: limit + 1, before: null, search }),
      countHistory(),
      countQuietVerdicts(),
    ]).then(([entries, count, verdicts]) => {
      // A slow answer to a former search must not replace the latest one's.
      if (!isCurrent) return;
      setFound(entries);
      setTotalCount(count);
      setQuietVerdicts(verdicts);
    });
    return () => {
      isCurrent = false;
    };
  }, [limit, search, revision]);

  /** @param leave removes the entries from the page just before "Undo" appears, so that the focus can move to it */
  async function offerUndo(message: string, deletion: Promise<Undo>, leave: () => void): Promise<void> {
    const undo = await deletion;
    leave();
    setUndone({ message, undo });
    readAgain();
  }

  async function takeBack(undo: Undo): Promise<void> {
    setUndone(null);
    await undo();
    readAgain();
  }

  const entries = useMemo(() => found?.slice(0, limit) ?? null, [found, limit]);
  return {
    entries,
    totalCount,
    quietVerdicts,
    hasOlder: found !== null && found.length > limit,
    showOlder: () => setLimit((value) => value + ENTRIES_A_PAGE),
    deleteOne: (entry) =>
      void offerUndo(t('history.deleted', { title: entry.title }), deleteEntry(entry), () =>
        setFound((shown) => shown?.filter(({ scanId }) => scanId !== entry.scanId) ?? null),
      ),
    deleteAll: () =>
      void offerUndo(t('history.cleared'), deleteAllEntries(), () => {
        setFound([]);
        setTotalCount(0);
        setQuietVerdicts(0);
      }),
    undoBar: undone && {
      message: undone.message,
      onUndo: () => void takeBack(undone.undo),
      onDismiss: () => setUndone(null),
    },
  };
}
