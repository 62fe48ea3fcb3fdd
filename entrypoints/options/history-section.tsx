import { ConfirmButton } from '../../components/confirm-button.tsx';
import { clearQuestion, quietVerdictsSentence } from '../../components/history/history-row.tsx';
import { t } from '../../components/texts.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { useStored } from '../../components/use-stored.ts';
import { useUndo } from '../../components/use-undo.ts';
import { deleteAllEntries, readKept, watchKept } from '../../utils/browser/history-client.ts';
import type { Kept } from '../../utils/browser/history-client.ts';

/** The sizes of the history and of the memory of verdicts, and the button that empties both. */
export function HistorySection() {
  const [kept, showKept] = useStored(readKept, watchKept);
  const { undoBar, offer } = useUndo();
  if (kept === null) return null;
  const { checks, quietVerdicts } = kept;
  const clear = async (): Promise<void> => {
    const undo = await deleteAllEntries();
    // The button disappears just before "Undo" appears, so that the focus can move to it.
    showKept({ checks: 0, quietVerdicts: 0 });
    offer(t('history.cleared'), undo);
  };
  return (
    <section class="stack" aria-labelledby="history">
      <h2 id="history">{t('history.title')}</h2>
      <p>
        {countWords(kept)} <span class="quiet">{t('history.keptHere')}</span>
      </p>
      <p>
        <a href="/history.html" target="_blank">
          {t('history.open')}
        </a>
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
      {undoBar === null ? null : <UndoBar {...undoBar} />}
    </section>
  );
}

function countWords({ checks, quietVerdicts }: Kept): string {
  const sentence = quietVerdictsSentence(quietVerdicts);
  if (sentence === null && checks === 0) return t('history.none');
  const listed = checks === 0 ? t('history.noneListed') : t('history.checks', checks, { count: checks });
  return sentence === null ? listed : `${listed} ${sentence}`;
}
