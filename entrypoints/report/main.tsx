import { render } from 'preact';
import { nameDocument, t } from '../../components/texts.tsx';
import { useEffect, useState } from 'preact/hooks';
import { wordsOfState } from '../../components/report/verdict-words.ts';
import { followReport } from './load-report.ts';
import type { LoadedReport } from './load-report.ts';
import { ReportView } from './report-view.tsx';

/** The report of one check. */
export function ReportPage({ scanId }: { readonly scanId: string }) {
  const [loaded, setLoaded] = useState<LoadedReport | null>(null);
  useEffect(() => followReport(scanId, setLoaded), [scanId]);

  if (loaded === null) return <main class="column" />;
  switch (loaded.kind) {
    case 'finished':
      return <ReportView loaded={loaded.loaded} />;
    case 'unfinished': {
      const { title, sentence } = wordsOfState(loaded.scan.state);
      return <Message title={title} sentence={sentence} />;
    }
    case 'unknown':
      return <Message title={t('report.gone')} sentence={t('report.goneSentence')} />;
  }
}

function Message({ title, sentence }: { readonly title: string; readonly sentence: string }) {
  return (
    <main class="column stack">
      <h1>{title}</h1>
      <p>{sentence}</p>
    </main>
  );
}

/** The address is `report.html#SCAN_ID`. */
function show(): void {
  const scanId = decodeURIComponent(location.hash.slice(1));
  // A new key removes the content of another check.
  render(<ReportPage key={scanId} scanId={scanId} />, document.body);
}

nameDocument('report.pageTitle');
window.addEventListener('hashchange', show);
show();
