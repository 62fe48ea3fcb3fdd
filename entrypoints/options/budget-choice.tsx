import { shareText } from '../../components/badge/badge-words.ts';
import type { Badges } from './use-badges.ts';
import { BUDGET_SHARES } from '../../utils/domain/badge-settings.ts';
import type { Budget } from '../../utils/domain/badge-settings.ts';

const BUDGET_NAMES: Readonly<Record<Budget, string>> = { low: 'Low', medium: 'Medium', high: 'High' };
const BUDGETS = Object.keys(BUDGET_SHARES) as Budget[];

/** How much of the machine automatic checks may take, and how much they take. */
export function BudgetChoice({ settings, change, state }: Badges) {
  return (
    <fieldset class="stack">
      <legend class="choice-name">How much of the computer</legend>
      {BUDGETS.map((budget) => (
        <label key={budget} class="choice">
          <input
            type="radio"
            name="budget"
            checked={settings.budget === budget}
            onChange={() => change({ budget })}
          />
          <span>
            {BUDGET_NAMES[budget]}{' '}
            <span class="quiet">
              at most {shareText(BUDGET_SHARES[budget])} parts of one core’s, or of the GPU’s, time
            </span>
          </span>
        </label>
      ))}
      <p class="small quiet" role="status">
        {state === null
          ? 'Nothing is being checked now.'
          : `In the last minute: ${shareText(state.usedShare)} parts. ${waitingText(state.waitingScans)}`}
      </p>
      <p class="small quiet">
        A check that you ask for yourself goes first, and takes what it needs. When the computer lags, checks
        that you have not asked for wait. Browsers tell extensions nothing about memory running short; after a
        check that has failed for it, the next one waits two minutes.
      </p>
    </fieldset>
  );
}

function waitingText(count: number): string {
  if (count === 0) return 'No video is being checked.';
  return count === 1 ? 'One video is being checked or waits.' : `${count} videos are being checked or wait.`;
}
