import { InstallFailure } from '../../components/install/install-failure.tsx';
import { InstallProgress } from '../../components/install/install-progress.tsx';
import { useInstallation } from '../../components/install/use-installation.ts';
import { t, formatList } from '../../components/texts.tsx';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { detectorNames, isInstalling } from '../../utils/domain/installation.ts';
import type {
  InstallItem,
  InstallationState,
  PartialDownload,
  StoreOverview,
} from '../../utils/domain/installation.ts';
import {
  askForHosts,
  downloadRequest,
  installationClient,
  chooseAllNetworks,
} from '../../utils/browser/installation-client.ts';
import { InstalledList } from './installed-list.tsx';
import { Leftovers } from './leftovers.tsx';
import { useModels, useRemoval } from './use-models.ts';
import type { SettingsProps } from './use-settings.ts';
import { cancelledWords } from '../../components/install/install-words.ts';
import { modelName } from '../../components/install/model-label.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import { DiskForm } from '../../components/install/disk-form.tsx';
import { DownloadForm } from '../../components/install/download-form.tsx';
import type { Installation } from '../../components/install/use-installation.ts';
import { REGISTRY, restrictedForms } from '../../models/detectors/registry.ts';

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

type InstallEndProps = {
  readonly state: InstallationState;
  readonly models: readonly InstalledModel[];
  readonly partials: readonly PartialDownload[];
};

/** How an installation ended, where nothing went wrong. */
function InstallEnd({ state, models, partials }: InstallEndProps) {
  if (state.kind === 'cancelled') {
    return <p role="status">{cancelledWords(partials)}</p>;
  }
  if (state.kind !== 'installed') return null;
  const names = models.filter(({ modelId }) => state.modelIds.includes(modelId)).map(modelName);
  if (names.length === 0) return null;
  return <p role="status">{t('install.done', names.length, { networks: formatList(names) })}</p>;
}

const RESTRICTED_FORMS = restrictedForms(REGISTRY);

type AddNetworkProps = {
  readonly stored: StoreOverview;
  readonly state: InstallationState;
  readonly start: Installation['start'];
};

/** From the publisher, or from this computer. Out of the way as soon as one is there or has been begun. */
function AddNetwork({ stored, state, start }: AddNetworkProps) {
  const forms = (
    <div class="stack">
      {stored.offers.map((offer) => (
        <div key={offer.detector.id} class="card">
          <DownloadForm
            offer={offer}
            installed={stored.models}
            partials={stored.partials}
            isAgain={state.kind === 'failed' && state.items.length > 0}
            onStart={(items, isFull) => {
              if (isFull) void chooseAllNetworks(offer.detector.id);
              start(downloadRequest(stored.offers, items));
            }}
          />
        </div>
      ))}
      <DiskForm
        onlyFor={RESTRICTED_FORMS}
        onFile={(file, dtype) => start({ kind: 'checkpoint-file', file, dtype })}
        onFolder={(files) => start({ kind: 'model-folder', files })}
      />
    </div>
  );
  if (stored.models.length === 0 && stored.partials.length === 0) return forms;
  // What failed is tried again here, but for a download that goes on where it stands in the list.
  const isNeeded = state.kind === 'failed' && (state.items.length === 0 || stored.partials.length === 0);
  return (
    <details open={isNeeded}>
      <summary class="choice-name">{t('action.addNetwork')}</summary>
      <div class="add">{forms}</div>
    </details>
  );
}
