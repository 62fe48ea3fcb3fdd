import { DownloadForms } from '../../components/install/download-form.tsx';
import { problemOf } from '../../components/install/install-failure.tsx';
import { InstallStatus } from '../../components/install/install-progress.tsx';
import type { InstallStatusProps } from '../../components/install/install-progress.tsx';
import { t } from '../../components/texts.tsx';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { useStored } from '../../components/use-stored.ts';
import { readPolicy, watchPolicy } from '../../utils/browser/policy.ts';
import { detectorNames, isInstalling } from '../../utils/domain/installation.ts';

/** Describes the network and installs it. */
export function InstallSection({ installation, state, store }: InstallStatusProps) {
  const [policy] = useStored(readPolicy, watchPolicy);
  const isRunning = isInstalling(state);
  const place = useKeptFocus<HTMLElement>();
  const hasInvalid = store.models.some((model) => model.state === 'invalid');
  return (
    <section class="stack" aria-labelledby="network" tabIndex={-1} ref={place}>
      <h2 id="network">{t('install.titleWelcome')}</h2>
      {hasInvalid && !isRunning ? <p class="tone-not-sure">{t('install.damagedInstallAgain')}</p> : null}
      <p>{t('install.introWelcome', { network: detectorNames(store.offers) })}</p>
      <InstallStatus installation={installation} state={state} store={store} />
      {policy?.policy.downloads === false ? (
        <p>{t('policy.noDownloads')}</p>
      ) : isRunning || (state.kind === 'failed' && problemOf(state).action === 'allow') ? null : (
        <DownloadForms
          class="stack"
          installation={installation}
          store={store}
          isAgain={state.kind === 'failed'}
        />
      )}
    </section>
  );
}
