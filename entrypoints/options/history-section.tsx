import { useEffect, useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { deleteAllEntries } from '../../utils/history-changes.ts';
import type { Undo } from '../../utils/history-changes.ts';
import { countHistory, watchHistory } from '../../utils/history-db.ts';

/** How much the history holds, and the way to empty it. */
export function HistorySection() {
  const [count, setCount] = useState<number | null>(null);
  const [undo, setUndo] = useState<{ readonly takeBack: Undo } | null>(null);
  useEffect(() => {
    const read = (): void => void countHistory().then(setCount);
    read();
    return watchHistory(read);
  }, []);
  if (count === null) return null;
  return (
    <section class="stack" aria-labelledby="history">
      <h2 id="history">History</h2>
      <p>
        {countWords(count)} <span class="quiet">Kept on this computer only, never from private windows.</span>
      </p>
      {count === 0 ? null : (
        <div>
          <ConfirmButton
            label="Clear history"
            question={count === 1 ? 'Delete this check?' : `Delete all ${String(count)} checks?`}
            confirmLabel="Delete"
            onConfirm={() => void deleteAllEntries().then((takeBack) => setUndo({ takeBack }))}
          />
        </div>
      )}
      {undo === null ? null : (
        <UndoBar
          message="History cleared"
          onUndo={() => {
            setUndo(null);
            void undo.takeBack();
          }}
          onDismiss={() => setUndo(null)}
        />
      )}
    </section>
  );
}

function countWords(count: number): string {
  if (count === 0) return 'No checks yet.';
  return count === 1 ? '1 check.' : `${String(count)} checks.`;
}
