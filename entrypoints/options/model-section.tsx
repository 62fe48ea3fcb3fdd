import { useState } from 'preact/hooks';
import type { WeightDtype } from '../../models/genconvit/conversion-options.ts';
import { bothNetworks, chooseModels, FULL_GENCONVIT } from '../../utils/choose-models.ts';
import { InstallForm } from './install-form.tsx';
import { InstallStatus } from './install-status.tsx';
import { ModelCard } from './model-card.tsx';
import { useInstall } from './use-install.ts';
import { useModels } from './use-models.ts';
import type { SettingsProps } from './use-settings.ts';

/** Which networks are installed, which one judges, and the way to another. */
export function ModelSection({ settings, change }: SettingsProps) {
  const { models, changed, remove } = useModels();
  const install = useInstall(changed);
  const [dtype, setDtype] = useState<WeightDtype>('fp16');
  if (models === null) return null;
  const chosen = chooseModels(models, settings.modelId);
  return (
    <section class="stack" aria-labelledby="network">
      <h2 id="network">Network</h2>
      {models.length === 0 ? (
        <p>
          TrueFrame judges faces with GenConViT, a published network. Its weights are not part of the
          extension: open a checkpoint that you have downloaded, and TrueFrame converts it here, on this
          computer.
        </p>
      ) : (
        <ul class="stack">
          {models.map((model) => (
            <ModelCard
              key={model.modelId}
              model={model}
              isChosen={chosen.length === 1 && model === chosen[0]}
              isOnly={models.length === 1}
              onChoose={() => change({ modelId: model.modelId })}
              onDelete={() => {
                if (settings.modelId === model.modelId) change({ modelId: null });
                remove(model.modelId);
              }}
            />
          ))}
        </ul>
      )}
      {bothNetworks(models) === null ? null : (
        <label class="bar">
          <input
            type="radio"
            name="model"
            checked={chosen.length > 1}
            onChange={() => change({ modelId: FULL_GENCONVIT })}
          />
          Use ED and VAE together, as in the published results. Takes longer.
        </label>
      )}
      {install.state.kind === 'running' ? null : (
        <InstallForm dtype={dtype} onDtype={setDtype} onFile={(file) => install.start(file, dtype)} />
      )}
      <InstallStatus state={install.state} onCancel={install.cancel} />
    </section>
  );
}
