import { DownloadForm } from '../../components/install/download-form.tsx';
import { InstallFailure, problemOf } from '../../components/install/install-failure.tsx';
import { cancelledWords } from '../../components/install/install-words.ts';
import { InstallProgress } from '../../components/install/install-progress.tsx';
import { t } from '../../components/texts.tsx';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import type { Installation } from '../../components/install/use-installation.ts';
import { detectorNames, isInstalling } from '../../utils/domain/installation.ts';
import type { InstallationState, InstallItem, StoreOverview } from '../../utils/domain/installation.ts';
import { askForHosts, chooseAllNetworks, downloadRequest } from '../../utils/browser/installation-client.ts';

type InstallSectionProps = {
  readonly installation: Installation;
  readonly state: InstallationState;
  readonly store: StoreOverview;
};

/** The network: what it is, and its way onto this computer. */
export function InstallSection({ installation, state, store }: InstallSectionProps) {
  const isRunning = isInstalling(state);
  const place = useKeptFocus<HTMLElement>();
  const hasInvalid = store.models.some((model) => model.state === 'invalid');
  const failure = state.kind === 'failed' && state.items.length > 0 ? state : null;

  function start(items: readonly InstallItem[]): void {
    installation.start(downloadRequest(store.offers, items));
  }

  async function allowAndStart(items: readonly InstallItem[]): Promise<void> {
    if (await askForHosts(store.offers, items)) start(items);
  }

  return (
    <section class="stack" aria-labelledby="network" tabIndex={-1} ref={place}>
      <h2 id="network">{t('install.titleWelcome')}</h2>
      {hasInvalid && !isRunning ? <p class="tone-not-sure">{t('install.damagedInstallAgain')}</p> : null}
      <p>{t('install.introWelcome', { network: detectorNames(store.offers) })}</p>
      {isRunning ? <InstallProgress state={state} onCancel={installation.cancel} /> : null}
      {state.kind === 'cancelled' ? <p role="status">{cancelledWords(store.partials)}</p> : null}
      {failure === null ? null : (
        <InstallFailure state={failure} onAllow={() => void allowAndStart(failure.items)} />
      )}
      {isRunning || (failure !== null && problemOf(failure).action === 'allow')
        ? null
        : store.offers.map((offer) => (
            <DownloadForm
              key={offer.detector.id}
              offer={offer}
              installed={store.models}
              partials={store.partials}
              isAgain={failure !== null}
              onStart={(items, isFull) => {
                if (isFull) void chooseAllNetworks(offer.detector.id);
                start(items);
              }}
            />
          ))}
    </section>
  );
}
