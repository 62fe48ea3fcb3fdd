import { t, tRich } from '../../components/texts.tsx';
import { BUDGET_SHARES } from '../../utils/domain/badge-settings.ts';
import type { Budget } from '../../utils/domain/badge-settings.ts';
import type { Badges } from './use-badges.ts';

const BUDGETS = Object.keys(BUDGET_SHARES) as Budget[];

/** How much of the machine automatic checks may take, and how much they take. */
export function BudgetChoice({ settings, change, state }: Badges) {
  return (
    <fieldset class="stack">
      <legend class="choice-name">{t('options.budget.title')}</legend>
      {BUDGETS.map((budget) => (
        <label key={budget} class="choice">
          <input
            type="radio"
            name="budget"
            checked={settings.budget === budget}
            onChange={() => change({ budget })}
          />
          <span>
            {tRich(`options.budget.${budget}`, {
              share: partsOf100(BUDGET_SHARES[budget]),
              quiet: (words) => <span class="quiet">{words}</span>,
            })}
          </span>
        </label>
      ))}
      <p class="small quiet" role="status">
        {state === null ? t('options.budget.nothingNow') : usedText(state)}
      </p>
      <p class="small quiet">{t('options.budget.hint')}</p>
    </fieldset>
  );
}

function usedText({ usedShare, waitingScans: videos }: NonNullable<Badges['state']>): string {
  const share = partsOf100(usedShare);
  return videos === 0
    ? t('options.budget.usedByNone', { share })
    : t('options.budget.used', videos, { share, videos });
}

function partsOf100(share: number): number {
  return Math.round(share * 100);
}
