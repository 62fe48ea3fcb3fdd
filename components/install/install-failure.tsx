import type { InstallationState } from '../../utils/domain/installation.ts';
import { t } from '../texts.tsx';
import { explainInstallProblem } from './install-problem.ts';
import type { InstallProblem } from './install-problem.ts';

export type FailedInstallation = Extract<InstallationState, { kind: 'failed' }>;

type InstallFailureProps = {
  readonly state: FailedInstallation;
  /** Asks the browser for the permission and then goes on; runs in the click. */
  readonly onAllow: () => void;
};

/** Why an installation failed and what helps. To try again is the matter of what stands below it. */
export function InstallFailure({ state, onAllow }: InstallFailureProps) {
  const { title, remedy, action } = problemOf(state);
  return (
    <div class="card problem stack" role="alert">
      <h3>{title}</h3>
      <p>{remedy}</p>
      {action === 'allow' ? (
        <p>
          <button type="button" class="primary" onClick={onAllow}>
            {t('install.allowAndContinue')}
          </button>
        </p>
      ) : null}
      {state.message === '' ? null : (
        <p class="small quiet">
          <code class="breakable">{state.message}</code>
        </p>
      )}
    </div>
  );
}

/** Words and remedy for a failed installation. */
export function problemOf({ code, items }: FailedInstallation): InstallProblem {
  return explainInstallProblem(code, items.length > 0 ? 'publisher' : 'disk');
}
