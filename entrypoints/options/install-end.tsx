import { modelName } from '../../components/model-label.ts';
import type { InstallationState } from '../../utils/installation.ts';
import type { InstalledModel } from '../../utils/protocol.ts';

type InstallEndProps = { readonly state: InstallationState; readonly models: readonly InstalledModel[] };

/** How an installation ended, where nothing went wrong. */
export function InstallEnd({ state, models }: InstallEndProps) {
  if (state.kind === 'cancelled') {
    return (
      <p role="status">
        {state.isKept ? 'Cancelled. What was fetched is kept.' : 'Cancelled. Nothing was kept.'}
      </p>
    );
  }
  if (state.kind !== 'installed') return null;
  const names = models
    .filter(({ modelId }) => state.modelIds.includes(modelId))
    .map(modelName)
    .join(' and ');
  if (names === '') return null;
  return <p role="status">{names} is installed. Right-click a video and choose “Check this video”.</p>;
}
