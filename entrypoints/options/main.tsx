import { render } from 'preact';
import { nameDocument, t } from '../../components/texts.tsx';
import { AboutSection } from './about-section.tsx';
import { BadgesSection } from './badges-section.tsx';
import { HistorySection } from './history-section.tsx';
import { HostsSection } from './hosts-section.tsx';
import { NetworkSection } from './network-section.tsx';
import { ScanningSection } from './scanning-section.tsx';
import { SigningSection } from './signing-section.tsx';
import { useSettings } from './use-settings.ts';

/** Everything that can be set, in one column. */
export function Options() {
  const { settings, change } = useSettings();
  if (settings === null) return <main class="column" />;
  return (
    <main class="column">
      <header class="stack">
        <h1>{t('extension.name')}</h1>
        <p>{t('options.intro')}</p>
      </header>
      <NetworkSection settings={settings} change={change} />
      <ScanningSection settings={settings} change={change} />
      <BadgesSection />
      <HostsSection />
      <HistorySection />
      <SigningSection />
      <AboutSection />
    </main>
  );
}

nameDocument('options.pageTitle');
render(<Options />, document.body);
