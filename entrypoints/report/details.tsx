import { useEffect, useState } from 'preact/hooks';
import { wordsOfState } from '../../components/report/verdict-words.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import { loadReport } from './load-report.ts';
import type { LoadedReport } from './load-report.ts';
import { ReportView } from './report-view.tsx';

/** A running check is asked for again, until it ends. */
const RELOAD_MILLISECONDS = 1000;

/** One check, with everything that is still known of it. */
export function Details({ scanId }: { readonly scanId: string }) {
  const [loaded, setLoaded] = useState<LoadedReport | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isShown = true;
    async function load(): Promise<void> {
      const result = await loadReport(scanId);
      if (!isShown) return;
      setLoaded(result);
      if (result.kind === 'unfinished' && !isFinal(result.scan.state)) {
        timer = setTimeout(() => void load(), RELOAD_MILLISECONDS);
      }
    }
    void load();
    return () => {
      isShown = false;
      clearTimeout(timer);
    };
  }, [scanId]);

  if (loaded === null) return <main class="column" />;
  switch (loaded.kind) {
    case 'finished':
      return <ReportView loaded={loaded.loaded} />;
    case 'unfinished': {
      const { title, sentence } = wordsOfState(loaded.scan.state);
      return <Message title={title} sentence={sentence} />;
    }
    case 'unknown':
      return (
        <Message
          title="This check is gone"
          sentence="It was deleted from the history, made in a private window, or made by itself on a site with badges, of which only the verdict is kept. Check the video again to see everything."
        />
      );
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
