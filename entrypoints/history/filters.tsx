import { useMemo } from 'preact/hooks';
import { modelName } from '../../components/install/model-label.ts';
import { camelCase, t } from '../../components/texts.tsx';
import { HISTORY_ORDERS } from '../../utils/domain/history.ts';
import type { HistoryFilter, HistorySummary } from '../../utils/domain/history.ts';
import type { HistoryList } from './use-history-list.ts';

const OUTCOMES = ['likely-manipulated', 'not-sure', 'no-manipulation-found', 'refused'] as const;
const DAYS = [1, 7, 30, 365] as const;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
/** A list of more can't be looked through; the search finds the others. */
const MAX_SITES = 100;

/** Search, filters and order. They stay at the top. */
export function Filters({ list }: { readonly list: HistoryList }) {
  const { filter, setFilter, order, setOrder } = list;
  const all = list.all ?? [];
  const sites = useMemo(() => mostFrequent(all.map(({ site }) => site)).slice(0, MAX_SITES), [all]);
  const models = useMemo(() => modelsOf(all), [all]);
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <input
        type="search"
        aria-label={t('history.search')}
        placeholder={t('history.page.searchHint')}
        value={filter.search}
        onInput={({ currentTarget }) => setFilter({ search: currentTarget.value })}
      />
      <Choice
        label={t('history.page.verdict')}
        value={filter.outcome ?? ''}
        options={[
          ['', t('history.page.everyVerdict')],
          ...OUTCOMES.map((outcome) => [outcome, outcomeWords(outcome)] as const),
        ]}
        onChoose={(value) => setFilter({ outcome: OUTCOMES.find((outcome) => outcome === value) ?? null })}
      />
      <Choice
        label={t('history.page.site')}
        value={filter.site ?? ''}
        options={[['', t('history.page.everySite')], ...sites.map((site) => [site, site] as const)]}
        onChoose={(value) => setFilter({ site: value === '' ? null : value })}
      />
      <Choice
        label={t('history.page.time')}
        value={daysOf(filter)}
        options={[
          ['', t('history.page.anyTime')],
          ...DAYS.map((days) => [String(days), t('history.page.lastDays', days, { days })] as const),
        ]}
        onChoose={(value) =>
          setFilter({ since: value === '' ? null : Date.now() - Number(value) * DAY_MILLISECONDS })
        }
      />
      <Choice
        label={t('history.page.model')}
        value={filter.modelId ?? ''}
        options={[['', t('history.page.everyModel')], ...models]}
        onChoose={(value) => setFilter({ modelId: value === '' ? null : value })}
      />
      <Choice
        label={t('history.page.order')}
        value={order}
        options={HISTORY_ORDERS.map((each) => [each, t(`history.order.${each}`)] as const)}
        onChoose={(value) => setOrder(HISTORY_ORDERS.find((each) => each === value) ?? 'newest')}
      />
    </form>
  );
}

type ChoiceProps = {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChoose: (value: string) => void;
};

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
      {options.map(([each, words]) => (
        <option key={each} value={each}>
          {words}
        </option>
      ))}
    </select>
  );
}

function outcomeWords(outcome: (typeof OUTCOMES)[number]): string {
  return outcome === 'refused' ? t('history.page.refused') : t(`verdict.${camelCase(outcome)}.title`);
}

/** The option that belongs to the chosen time. The clock has gone on since the user chose it. */
function daysOf({ since }: HistoryFilter): string {
  if (since === null) return '';
  const days = Math.round((Date.now() - since) / DAY_MILLISECONDS);
  return String(DAYS.find((each) => each >= days) ?? '');
}

function mostFrequent(values: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([value]) => value);
}

function modelsOf(entries: readonly HistorySummary[]): readonly (readonly [id: string, name: string])[] {
  const names = new Map<string, string>();
  for (const { model } of entries) {
    if (model === null || names.has(model.modelId)) continue;
    names.set(model.modelId, t('history.page.modelAndForm', { model: modelName(model), dtype: model.dtype }));
  }
  return [...names];
}
