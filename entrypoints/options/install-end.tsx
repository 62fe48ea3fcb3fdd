import { cancelledWords } from '../../components/install/install-words.ts';
import { modelName } from '../../components/install/model-label.ts';
import type { InstallationState } from '../../utils/domain/installation.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';

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
