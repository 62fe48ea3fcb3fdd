import { DiskForm } from '../../components/install/disk-form.tsx';
import { DownloadForm } from '../../components/install/download-form.tsx';
import { t } from '../../components/texts.tsx';
import type { Installation } from '../../components/install/use-installation.ts';
import { REGISTRY, restrictedForms } from '../../models/detectors/registry.ts';
import type { InstallationState, StoreOverview } from '../../utils/domain/installation.ts';
import { chooseAllNetworks, downloadRequest } from '../../utils/browser/installation-client.ts';

const RESTRICTED_FORMS = restrictedForms(REGISTRY);

type AddNetworkProps = {
  readonly stored: StoreOverview;
  readonly state: InstallationState;
  readonly start: Installation['start'];
};

/** From the publisher, or from this computer. Out of the way as soon as one is there or has been begun. */
export function AddNetwork({ stored, state, start }: AddNetworkProps) {
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
