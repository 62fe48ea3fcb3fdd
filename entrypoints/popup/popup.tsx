import { HistorySection } from './history-section.tsx';
import { ModelFooter } from './model-footer.tsx';
import { OtherVideoSection } from './other-video-section.tsx';
import { TabSection } from './tab-section.tsx';
import { useInstalledModel } from './use-installed-model.ts';

/** @param tabId the tab over which the popup hangs; null where there is none */
export function Popup({ tabId }: { readonly tabId: number | null }) {
  const model = useInstalledModel();
  return (
    <div class="popup">
      <main>
        <TabSection tabId={tabId} model={model} />
        {model.kind === 'absent' ? null : <OtherVideoSection />}
        <HistorySection />
      </main>
      <ModelFooter model={model} />
    </div>
  );
}
