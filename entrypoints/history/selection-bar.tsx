import { t } from '../../components/texts.tsx';

type SelectionBarProps = {
  readonly count: number;
  /** Number of the entries that match the search. */
  readonly foundCount: number;
  readonly onSelectAll: () => void;
  readonly onSelectNone: () => void;
  readonly onDelete: () => void;
};

/** The actions on the selected entries. */
export function SelectionBar({ count, foundCount, onSelectAll, onSelectNone, onDelete }: SelectionBarProps) {
  return (
    <div class="bar selection-bar" role="group" aria-label={t('history.page.selection')}>
      <span role="status">{t('history.page.selected', count, { count })}</span>
      <button type="button" onClick={onDelete}>
        {t('history.page.deleteSelected')}
      </button>
      {count < foundCount ? (
        <button type="button" class="plain" onClick={onSelectAll}>
          {t('history.page.selectAll', foundCount, { count: foundCount })}
        </button>
      ) : null}
      <button type="button" class="plain push" onClick={onSelectNone}>
        {t('history.page.selectNone')}
      </button>
    </div>
  );
}
