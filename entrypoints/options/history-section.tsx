import { useEffect, useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { clearQuestion, quietVerdictsSentence } from '../../components/history/history-row.tsx';
import { t } from '../../components/texts.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { countQuietVerdicts, deleteAllEntries } from '../../utils/browser/history-changes.ts';
import type { Undo } from '../../utils/browser/history-changes.ts';
import { countHistory, watchHistory } from '../../utils/browser/history-db.ts';
import { watchRememberedVerdicts } from '../../utils/browser/verdict-memory-db.ts';

type Kept = { readonly checks: number; readonly quietVerdicts: number };

/** The sizes of the history and of the memory of verdicts, and the button that empties both. */
export function HistorySection() {
  const [kept, setKept] = useKept();
  const [undo, setUndo] = useState<{ readonly takeBack: Undo } | null>(null);
  if (kept === null) return null;
  const { checks, quietVerdicts } = kept;
  const clear = async (): Promise<void> => {
    const takeBack = await deleteAllEntries();
    // The button disappears just before "Undo" appears, so that the focus can move to it.
    setKept({ checks: 0, quietVerdicts: 0 });
    setUndo({ takeBack });
  };
  return (
    <section class="stack" aria-labelledby="history">
      <h2 id="history">{t('history.title')}</h2>
      <p>
        {countWords(kept)} <span class="quiet">{t('history.keptHere')}</span>
      </p>
      {checks + quietVerdicts === 0 ? null : (
        <div>
          <ConfirmButton
            label={t('history.clearAll')}
            question={clearQuestion(checks, quietVerdicts)}
            confirmLabel={t(checks === 0 ? 'action.forget' : 'action.delete')}
            onConfirm={() => void clear()}
          />
        </div>
      )}
      {undo === null ? null : (
        <UndoBar
          message={t('history.cleared')}
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

/** null until it is read; kept up to date with the background's changes. */
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
  if (sentence === null && checks === 0) return t('history.none');
  const listed = checks === 0 ? t('history.noneListed') : t('history.checks', checks, { count: checks });
  return sentence === null ? listed : `${listed} ${sentence}`;
}
