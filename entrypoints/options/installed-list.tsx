import { Choice } from '../../components/install/download-form.tsx';
import { ModelCard } from '../../components/install/model-card.tsx';
import { SetByAdministrator } from '../../components/set-by-administrator.tsx';
import { formatList, t } from '../../components/texts.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { allNetworksOf, chooseModels, completeDetectors } from '../../utils/domain/choose-models.ts';
import type { InstallItem } from '../../utils/domain/installation.ts';
import { useModelWork } from './use-models.ts';
import type { Removal } from './use-models.ts';
import type { SettingsProps } from './use-settings.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

type InstalledListProps = SettingsProps & {
  readonly models: readonly InstalledModel[];
  readonly removal: Removal;
  readonly isInstalling: boolean;
  readonly onReinstall: (item: InstallItem) => void;
  readonly changed: () => Promise<void>;
};

/** The installed networks, and which of them judge. */
export function InstalledList(props: InstalledListProps) {
  const { models, settings, change, policy, removal, isInstalling, onReinstall, changed } = props;
  const works = useModelWork(changed);
  const chosen = chooseModels(models, settings.modelId);
  const isSet = policy.policy.detector !== undefined;
  const isChoice = !isSet && models.filter(({ state }) => state === 'ready').length > 1;
  return (
    <>
      {models.length === 0 ? null : (
        <ul class="stack">
          {models.map((model) => (
            <ModelCard
              key={model.modelId}
              model={model}
              work={works.of(model.modelId)}
              isChosen={chosen.length === 1 && model === chosen[0]}
              isChoice={isChoice}
              canReinstall={!isInstalling}
              onChoose={() => change({ modelId: model.modelId })}
              onTest={() => works.test(model.modelId)}
              onVerify={() => works.verify(model.modelId)}
              onReinstall={() => onReinstall(itemOf(model))}
              onDelete={() => removal.remove(model)}
            />
          ))}
        </ul>
      )}
      {isSet ? <SetByAdministrator /> : null}
      {(isSet ? [] : completeDetectors(models)).map(([{ detector }]) => (
        <Choice
          key={detector.id}
          name="model"
          isChosen={chosen.length > 1 && chosen[0]?.detectorId === detector.id}
          label={t('install.useTogether', {
            networks: formatList(detector.networks.map(({ name }) => name)),
          })}
          meaning={t('install.useTogetherMeaning')}
          onChoose={() => change({ modelId: allNetworksOf(detector.id) })}
        />
      ))}
      {/* An installation removes the files of deleted models, so the deletion can't be undone then. */}
      {removal.undoBar === null || isInstalling ? null : <UndoBar {...removal.undoBar} />}
    </>
  );
}

/** The form in which a model was installed. */
function itemOf({ detectorId, networks, dtype, device }: InstalledModel): InstallItem {
  // An installed model is one network.
  return { detector: detectorId, network: networks[0]!, dtype, device };
}
