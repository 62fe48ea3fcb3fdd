import { options, render } from 'preact';
import { browser } from 'wxt/browser';
import { nameDocument, t } from '../../components/texts.tsx';
import { useInstallation } from '../../components/install/use-installation.ts';
import { installationClient } from '../../utils/browser/installation-client.ts';
import { BadgesSection } from './badges-section.tsx';
import { HistorySection } from './history-section.tsx';
import { firstRead } from './use-history.ts';
import { ModelFooter, useInstalledModel } from './model-footer.tsx';
import { SetUpSection } from './set-up-section.tsx';
import { OtherVideoSection } from './other-video-section.tsx';
import { TabSection } from './tab-section.tsx';
import { useTabVideos } from './use-tab-videos.ts';

type PopupProps = {
  /** The active tab; null where there is none. */
  readonly tabId: number | null;
  /** The address of the tab's page, which the browser tells after the click that opens the popup; null for its own pages. */
  readonly tabUrl: string | null;
  readonly isPrivate: boolean;
};

export function Popup({ tabId, tabUrl, isPrivate }: PopupProps) {
  const installation = useInstallation(installationClient);
  const model = useInstalledModel(installation.state?.kind ?? null);
  const page = useTabVideos(tabId);
  return (
    <div class="popup">
      <main>
        <h1 class="hidden-text">{t('extension.name')}</h1>
        <SetUpSection installation={installation} model={model} />
        <TabSection page={page} model={model} isPrivate={isPrivate} />
        <BadgesSection tabUrl={tabUrl} isPrivate={isPrivate} page={page} />
        {/* The page that it opens can't be in a private window: an address from there would end up in the history. */}
        {model.kind === 'absent' || isPrivate ? null : <OtherVideoSection />}
        <HistorySection />
      </main>
      <ModelFooter model={model} />
    </div>
  );
}

/** The list is read within some milliseconds. */
const LIST_MILLISECONDS = 50;

nameDocument('extension.name');
// Effects read what the popup shows. Preact starts them after a frame without it, and draws the frame after that one anew.
options.requestAnimationFrame = queueMicrotask;
const [[tab]] = await Promise.all([
  browser.tabs.query({ active: true, currentWindow: true }),
  // A database that is being upgraded takes longer.
  Promise.race([firstRead, new Promise((late) => setTimeout(late, LIST_MILLISECONDS))]).catch(
    () => undefined,
  ),
]);
render(
  <Popup tabId={tab?.id ?? null} tabUrl={tab?.url ?? null} isPrivate={tab?.incognito ?? false} />,
  document.body,
);
