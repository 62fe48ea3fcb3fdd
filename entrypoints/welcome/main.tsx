import { render } from 'preact';
import { nameDocument, t } from '../../components/texts.tsx';
import { useInstallation, useStore } from '../../components/install/use-installation.ts';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { describeGpu } from '../../models/runtime/webgpu-device.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { createOverviewReader } from '../../models/store/overview.ts';
import { bandsFor } from '../../utils/domain/calibration.ts';
import { chooseModels } from '../../utils/domain/choose-models.ts';
import { isInstalling } from '../../utils/domain/installation.ts';
import { installationClient } from '../../utils/browser/installation-client.ts';
import { readSettings, watchSettings } from '../../utils/browser/settings.ts';
import { useStored } from '../../components/use-stored.ts';
import { InstallSection } from './install-section.tsx';
import { UseSection } from './use-section.tsx';
import { VerdictsSection } from './verdicts-section.tsx';

const STORE = { read: createOverviewReader(BROWSER_STORE, describeGpu), showsUntested: false };
const IDLE = { kind: 'idle' } as const;

/** The first page: it says what TrueFrame is, installs the network, and shows how to use it. */
export function Welcome() {
  const installation = useInstallation(installationClient);
  const { shown } = useStore(installation.state, STORE);
  const [settings] = useStored(readSettings, watchSettings);
  const place = useKeptFocus<HTMLElement>();
  if (shown === null || settings === null) return <main class="column" />;
  const { store } = shown;
  // The options page shows why a file could not be opened.
  const isOfFile = shown.state.kind === 'failed' && shown.state.items.length === 0;
  const state = isOfFile ? IDLE : shown.state;
  const judging = chooseModels(store.models, settings.modelId);
  // Also while the second network is being installed.
  const isReady = judging.length > 0;
  const isInstallShown =
    !isReady || isInstalling(state) || state.kind === 'failed' || store.partials.length > 0;
  return (
    <main class="column" tabIndex={-1} ref={place}>
      <p class="hidden-text" role="status">
        {isReady && state.kind === 'installed' ? t('welcome.installed') : ''}
      </p>
      <header class="head">
        <VerdictMark shape="dot" tone="neutral" sizePixels={40} />
        <h1>{t(isReady ? 'welcome.ready' : 'welcome.title')}</h1>
        <div class="stack">
          <p>{t('welcome.intro')}</p>
          <p>{t('verdict.limits')}</p>
          <p>{t('welcome.privacy')}</p>
        </div>
      </header>
      {isReady ? <UseSection judging={judging} /> : null}
      {isInstallShown ? <InstallSection installation={installation} state={state} store={store} /> : null}
      <VerdictsSection bands={bandsFor(BROWSER_STORE.registry.detectors[0]!, settings.falseAlarmsOf100)} />
    </main>
  );
}

nameDocument('welcome.pageTitle');
render(<Welcome />, document.body);
