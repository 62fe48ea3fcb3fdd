import { DiskForm } from '../../components/install/disk-form.tsx';
import { DownloadForm } from '../../components/install/download-form.tsx';
import type { Installation } from '../../components/install/use-installation.ts';
import { PUBLISHED_CHECKPOINTS, PUBLISHER } from '../../models/detectors/genconvit/published.ts';
import type { InstallationState } from '../../utils/domain/installation.ts';
import { chooseBothNetworks } from '../../utils/browser/installation-client.ts';
import type { StoredModels } from './use-models.ts';

type AddNetworkProps = {
  readonly stored: StoredModels;
  readonly state: InstallationState;
  readonly start: Installation['start'];
};

/** From the publisher, or from this computer. Out of the way as soon as one is there or has been begun. */
export function AddNetwork({ stored, state, start }: AddNetworkProps) {
  const forms = (
    <div class="stack">
      <div class="card">
        <DownloadForm
          publisher={PUBLISHER}
          published={PUBLISHED_CHECKPOINTS}
          recommendations={stored.recommendations}
          installed={stored.models}
          partials={stored.partials}
          isAgain={state.kind === 'failed' && state.items.length > 0}
          onStart={(items, isFull) => {
            if (isFull) void chooseBothNetworks();
            start({ kind: 'download', items });
          }}
        />
      </div>
      <DiskForm
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
      <summary class="choice-name">Add a network</summary>
      <div class="add">{forms}</div>
    </details>
  );
}
