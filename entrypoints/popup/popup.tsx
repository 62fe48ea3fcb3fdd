import { BadgesSection } from './badges-section.tsx';
import { HistorySection } from './history-section.tsx';
import { ModelFooter } from './model-footer.tsx';
import { TabSection } from './tab-section.tsx';
import { useInstalledModel } from './use-installed-model.ts';

type PopupProps = {
  /** The tab over which the popup hangs; null where there is none. */
  readonly tabId: number | null;
  /** Of its page, which opening the popup has let us know; null for the browser's own. */
  readonly tabUrl: string | null;
};

export function Popup({ tabId, tabUrl }: PopupProps) {
  const model = useInstalledModel();
  return (
    <div class="popup">
      <main>
        <TabSection tabId={tabId} model={model} />
        <BadgesSection tabUrl={tabUrl} />
        <HistorySection />
      </main>
      <ModelFooter model={model} />
    </div>
  );
}
