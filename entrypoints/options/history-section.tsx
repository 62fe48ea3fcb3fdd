import { useEffect, useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { clearQuestion, quietVerdictsSentence } from '../../components/history/history-words.ts';
import { UndoBar } from '../../components/undo-bar.tsx';
import { countQuietVerdicts, deleteAllEntries } from '../../utils/browser/history-changes.ts';
import type { Undo } from '../../utils/browser/history-changes.ts';
import { countHistory, watchHistory } from '../../utils/browser/history-db.ts';
import { watchRememberedVerdicts } from '../../utils/browser/verdict-memory-db.ts';

type Kept = { readonly checks: number; readonly quietVerdicts: number };

/** How much the history and the memory of verdicts hold, and the way to empty both. */
export function HistorySection() {
  const [kept, setKept] = useKept();
  const [undo, setUndo] = useState<{ readonly takeBack: Undo } | null>(null);
  if (kept === null) return null;
  const { checks, quietVerdicts } = kept;
  const clear = async (): Promise<void> => {
    const takeBack = await deleteAllEntries();
    // The button goes as "Undo" comes, so that the focus can go over to it.
    setKept({ checks: 0, quietVerdicts: 0 });
    setUndo({ takeBack });
  };
  return (
    <section class="stack" aria-labelledby="history">
      <h2 id="history">History</h2>
      <p>
        {countWords(kept)} <span class="quiet">Kept on this computer only, never from private windows.</span>
      </p>
      {checks + quietVerdicts === 0 ? null : (
        <div>
          <ConfirmButton
            label="Clear history"
            question={clearQuestion(checks, quietVerdicts)}
            confirmLabel={checks === 0 ? 'Forget' : 'Delete'}
            onConfirm={() => void clear()}
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

/** null until it is read; kept up to date with what the background does to it. */
function useKept(): readonly [kept: Kept | null, setKept: (kept: Kept) => void] {
  const [kept, setKept] = useState<Kept | null>(null);
  useEffect(() => {
    const read = (): void =>
      void Promise.all([countHistory(), countQuietVerdicts()]).then(([checks, quietVerdicts]) =>
        setKept({ checks, quietVerdicts }),
      );
    read();
    const stopWatching = [watchHistory(read), watchRememberedVerdicts(read)];
    return () => {
      for (const stop of stopWatching) stop();
    };
  }, []);
  return [kept, setKept];
}

function countWords({ checks, quietVerdicts }: Kept): string {
  const sentence = quietVerdictsSentence(quietVerdicts);
  if (sentence === null && checks === 0) return 'No checks yet.';
  const listed =
    checks === 0 ? 'No checks in the history.' : checks === 1 ? '1 check.' : `${String(checks)} checks.`;
  return sentence === null ? listed : `${listed} ${sentence}`;
}
