import { cancelledWords } from '../../components/install/install-words.ts';
import { modelName } from '../../components/install/model-label.ts';
import { formatList, t } from '../../components/texts.tsx';
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
  const names = models.filter(({ modelId }) => state.modelIds.includes(modelId)).map(modelName);
  if (names.length === 0) return null;
  return <p role="status">{t('install.done', names.length, { networks: formatList(names) })}</p>;
}
