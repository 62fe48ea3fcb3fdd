import { browser } from 'wxt/browser';
import { t } from '../../components/texts.tsx';
import { modelLabel, modelName } from '../../components/install/model-label.ts';
import { useEffect, useState } from 'preact/hooks';
import { chooseModels, describeTogether } from '../../utils/domain/choose-models.ts';
import { ask, askOpenHost } from '../../utils/browser/messages.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import type { UsedModel } from '../../utils/domain/model.ts';

/** Which network judges, and the way to the options. */
export function ModelFooter({ model }: { readonly model: InstalledModelState }) {
  const isDemo = model.kind === 'ready' && model.model.isDemo;
  return (
    <footer class="bar small">
      <span class={isDemo ? 'tone-demo' : 'quiet'}>{describe(model)}</span>
      <button type="button" class="plain push" onClick={() => void browser.runtime.openOptionsPage()}>
        {t('popup.options')}
      </button>
    </footer>
  );
}

function describe(state: InstalledModelState): string {
  switch (state.kind) {
    case 'loading':
      return '';
    case 'absent':
      return t(state.isDamaged ? 'popup.networkDamaged' : 'popup.noNetwork');
    case 'ready':
      return state.device === null
        ? t('model.nameAndDevice', { name: modelName(state.model), device: state.model.dtype })
        : modelLabel({ ...state.model, device: state.device });
  }
}

export type InstalledModelState =
  | { readonly kind: 'loading' }
  /** `isDamaged`: models are installed, but their files are damaged. */
  | { readonly kind: 'absent'; readonly isDamaged: boolean }
  /** `device`: where it runs now; null before it was used. The installed files do not decide that. */
  | {
      readonly kind: 'ready';
      readonly model: Omit<UsedModel, 'device'>;
      readonly device: UsedModel['device'] | null;
    };

/** The networks that a check would use now. @param installationKind the installation's state, whose end changes them */
export function useInstalledModel(installationKind: string | null): InstalledModelState {
  const [state, setState] = useState<InstalledModelState>({ kind: 'loading' });
  useEffect(() => void findModel().then(setState), [installationKind]);
  return state;
}

async function findModel(): Promise<InstalledModelState> {
  const [models, settings, host] = await Promise.all([
    ask('background', 'listModels', null),
    readSettings(),
    // The host is open only during scans, and for some minutes afterwards.
    askOpenHost('getHostState', null),
  ]);
  const chosen = chooseModels(models, settings.modelId);
  const [first] = chosen;
  if (first === undefined) return { kind: 'absent', isDamaged: models.length > 0 };
  const model = describeTogether(chosen);
  const used = host?.model;
  return { kind: 'ready', model, device: used?.modelId === model.modelId ? used.device : null };
}
