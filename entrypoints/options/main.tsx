import { render } from 'preact';
import { nameDocument, t } from '../../components/texts.tsx';
import { AboutSection } from './about-section.tsx';
import { BadgesSection } from './badges-section.tsx';
import { HistorySection } from './history-section.tsx';
import { HostsSection } from './hosts-section.tsx';
import { NetworkSection } from './network-section.tsx';
import { ScanningSection } from './scanning-section.tsx';
import { SettingsFileSection } from './settings-file-section.tsx';
import { SigningSection } from './signing-section.tsx';
import { useJudge, useSettings } from './use-settings.ts';

/** All settings, in one column. */
export function Options() {
  const { settings, change, policy } = useSettings();
  const detector = useJudge(settings);
  if (settings === null || policy === null || detector === null) return <main class="column" />;
  return (
    <main class="column">
      <header class="stack">
        <h1>{t('extension.name')}</h1>
        <p>{t('options.intro')}</p>
        {policy.problem === null ? null : (
          <p role="alert">{t('policy.ignored', { field: policy.problem })}</p>
        )}
      </header>
      <NetworkSection settings={settings} change={change} policy={policy} />
      <ScanningSection settings={settings} change={change} policy={policy} detector={detector} />
      <BadgesSection />
      <HostsSection />
      <HistorySection />
      <SettingsFileSection />
      <SigningSection />
      <AboutSection detector={detector} settings={settings} />
    </main>
  );
}

nameDocument('options.pageTitle');
render(<Options />, document.body);
