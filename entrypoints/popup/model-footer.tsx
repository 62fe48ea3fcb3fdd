import { browser } from 'wxt/browser';
import { t } from '../../components/texts.tsx';
import { modelLabel, modelName } from '../../components/install/model-label.ts';
import type { InstalledModelState } from './use-installed-model.ts';

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
        ? `${modelName(state.model)} · ${state.model.dtype}`
        : modelLabel({ ...state.model, device: state.device });
  }
}
