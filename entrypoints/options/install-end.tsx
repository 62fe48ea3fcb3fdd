import { cancelledWords } from '../../components/install-words.ts';
import { modelName } from '../../components/model-label.ts';
import type { InstallationState } from '../../utils/installation.ts';
import type { InstalledModel, PartialDownload } from '../../utils/protocol.ts';

type InstallEndProps = {
  readonly state: InstallationState;
  readonly models: readonly InstalledModel[];
  readonly partials: readonly PartialDownload[];
};

/** How an installation ended, where nothing went wrong. */
export function InstallEnd({ state, models, partials }: InstallEndProps) {
  if (state.kind === 'cancelled') {
    return <p role="status">{cancelledWords(partials)}</p>;
  }
  if (state.kind !== 'installed') return null;
  const names = models
    .filter(({ modelId }) => state.modelIds.includes(modelId))
    .map(modelName)
    .join(' and ');
  if (names === '') return null;
  return <p role="status">{names} is installed. Right-click a video and choose “Check this video”.</p>;
}
