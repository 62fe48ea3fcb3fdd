import { InstallStatus } from '../../components/install/install-progress.tsx';
import { useInstallation } from '../../components/install/use-installation.ts';
import { t, formatList } from '../../components/texts.tsx';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { detectorNames, isInstalling } from '../../utils/domain/installation.ts';
import type { InstallItem, InstallationState, StoreOverview } from '../../utils/domain/installation.ts';
import { installationClient } from '../../utils/browser/installation-client.ts';
import { InstalledList } from './installed-list.tsx';
import { Leftovers } from './leftovers.tsx';
import { useModels, useRemoval } from './use-models.ts';
import type { SettingsProps } from './use-settings.ts';
import { modelName } from '../../components/install/model-label.ts';
import { DiskForm } from '../../components/install/disk-form.tsx';
import { DownloadForms } from '../../components/install/download-form.tsx';
import type { Installation } from '../../components/install/use-installation.ts';
import { REGISTRY, restrictedForms } from '../../models/detectors/registry.ts';

/** The installed networks, the choice of those that judge, and the forms that install others. */
export function NetworkSection({ settings, change, policy }: SettingsProps) {
  const installation = useInstallation(installationClient);
  const models = useModels(installation.state);
  const removal = useRemoval(models);
  const place = useKeptFocus<HTMLDivElement>();
  if (models.shown === null) return null;
  const { state, store: stored } = models.shown;
  const isRunning = isInstalling(state);
  const downloadOne = (item: InstallItem): void => installation.download(stored.offers, [item]);
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
        policy={policy}
        removal={removal}
        isInstalling={isRunning}
        onReinstall={downloadOne}
        changed={models.changed}
      />
      <div class="stack" tabIndex={-1} ref={place}>
        <InstallStatus installation={installation} state={state} store={stored} />
        <Installed state={state} stored={stored} />
        {isRunning ? null : (
          <>
            <Leftovers
              stored={stored}
              hasUndo={removal.undoBar !== null}
              refresh={models.refresh}
              onContinue={downloadOne}
            />
            <AddNetwork stored={stored} state={state} installation={installation} policy={policy} />
          </>
        )}
      </div>
    </section>
  );
}

type InstalledProps = { readonly state: InstallationState; readonly stored: StoreOverview };

/** Names the networks that an installation has just installed. */
function Installed({ state, stored }: InstalledProps) {
  if (state.kind !== 'installed') return null;
  const names = stored.models.filter(({ modelId }) => state.modelIds.includes(modelId)).map(modelName);
  if (names.length === 0) return null;
  return <p role="status">{t('install.done', names.length, { networks: formatList(names) })}</p>;
}

const RESTRICTED_FORMS = restrictedForms(REGISTRY);

type AddNetworkProps = InstalledProps &
  Pick<SettingsProps, 'policy'> & { readonly installation: Installation };

/** Installs a network from the publisher or from this computer. It is closed once a network is installed or begun. */
function AddNetwork({ stored, state, installation, policy }: AddNetworkProps) {
  const forms = (
    <div class="stack">
      {policy.policy.downloads === false ? (
        <p>{t('policy.noDownloads')}</p>
      ) : (
        <DownloadForms
          class="card stack"
          installation={installation}
          store={stored}
          isAgain={state.kind === 'failed' && state.items.length > 0}
        />
      )}
      <DiskForm
        onlyFor={RESTRICTED_FORMS}
        onFile={(file, dtype) => installation.start({ kind: 'checkpoint-file', file, dtype })}
        onFolder={(files) => installation.start({ kind: 'model-folder', files })}
      />
    </div>
  );
  if (stored.models.length === 0 && stored.partials.length === 0) return forms;
  // A failed installation starts again here, except for a download that continues from the list.
  const isNeeded = state.kind === 'failed' && (state.items.length === 0 || stored.partials.length === 0);
  return (
    <details open={isNeeded}>
      <summary class="choice-name">{t('action.addNetwork')}</summary>
      <div class="add">{forms}</div>
    </details>
  );
}
