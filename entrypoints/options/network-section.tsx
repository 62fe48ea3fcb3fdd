import { InstallFailure } from '../../components/install/install-failure.tsx';
import { InstallProgress } from '../../components/install/install-progress.tsx';
import { useInstallation } from '../../components/install/use-installation.ts';
import { t } from '../../components/texts.tsx';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { detectorNames, isInstalling } from '../../utils/domain/installation.ts';
import type { InstallItem } from '../../utils/domain/installation.ts';
import { askForHosts, downloadRequest, installationClient } from '../../utils/browser/installation-client.ts';
import { AddNetwork } from './add-network.tsx';
import { InstallEnd } from './install-end.tsx';
import { InstalledList } from './installed-list.tsx';
import { Leftovers } from './leftovers.tsx';
import { useModels } from './use-models.ts';
import { useRemoval } from './use-removal.ts';
import type { SettingsProps } from './use-settings.ts';

/** Which networks are installed, which one judges, and the way to another. */
export function NetworkSection({ settings, change }: SettingsProps) {
  const installation = useInstallation(installationClient);
  const models = useModels(installation.state);
  const removal = useRemoval(models);
  const place = useKeptFocus<HTMLDivElement>();
  if (models.shown === null) return null;
  const { state, store: stored } = models.shown;
  const isRunning = isInstalling(state);
  const download = (items: readonly InstallItem[]): void =>
    installation.start(downloadRequest(stored.offers, items));
  const allowAndDownload = async (items: readonly InstallItem[]): Promise<void> => {
    if (await askForHosts(stored.offers, items)) download(items);
  };
  return (
    <section class="stack" aria-labelledby="network">
      <h2 id="network">{t('install.network')}</h2>
      {stored.models.length > 0 ? null : (
        <p>{t('install.introOptions', { network: detectorNames(stored.offers) })}</p>
      )}
      <InstalledList
        models={stored.models}
        settings={settings}
        change={change}
        removal={removal}
        isInstalling={isRunning}
        onReinstall={(item) => download([item])}
        changed={models.changed}
      />
      <div class="stack" tabIndex={-1} ref={place}>
        {isRunning ? <InstallProgress state={state} onCancel={installation.cancel} /> : null}
        <InstallEnd state={state} models={stored.models} partials={stored.partials} />
        {state.kind === 'failed' ? (
          <InstallFailure state={state} onAllow={() => void allowAndDownload(state.items)} />
        ) : null}
        {isRunning ? null : (
          <>
            <Leftovers
              stored={stored}
              hasUndo={removal.undoable !== null}
              refresh={models.refresh}
              onContinue={(item) => download([item])}
            />
            <AddNetwork stored={stored} state={state} start={installation.start} />
          </>
        )}
      </div>
    </section>
  );
}
