import { useInstallation } from '../../components/use-installation.ts';
import { installationClient } from '../../utils/installation-client.ts';
import { HistorySection } from './history-section.tsx';
import { ModelFooter } from './model-footer.tsx';
import { SetUpSection } from './set-up-section.tsx';
import { OtherVideoSection } from './other-video-section.tsx';
import { TabSection } from './tab-section.tsx';
import { useInstalledModel } from './use-installed-model.ts';

/** @param tabId the tab over which the popup hangs; null where there is none */
export function Popup({ tabId }: { readonly tabId: number | null }) {
  const installation = useInstallation(installationClient);
  const model = useInstalledModel(installation.state?.kind ?? null);
  return (
    <div class="popup">
      <main>
        <SetUpSection installation={installation} model={model} />
        <TabSection tabId={tabId} model={model} />
        {model.kind === 'absent' ? null : <OtherVideoSection />}
        <HistorySection />
      </main>
      <ModelFooter model={model} />
    </div>
  );
}
