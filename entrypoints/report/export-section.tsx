import { useState } from 'preact/hooks';
import { OtherChecks } from '../../components/report/other-checks.tsx';
import { t, tRich } from '../../components/texts.tsx';
import { exportedText } from '../../utils/domain/exported-report.ts';
import { bundleOf, exportedOf, htmlOf, printReport, saveFile } from './export-report.tsx';
import type { LoadedScan } from './load-report.ts';

/** Other ways to look into the video, and the check as files that can be shown to others. */
export function ExportSection({ loaded }: { readonly loaded: LoadedScan }) {
  return (
    <>
      <section class="stack" aria-labelledby="other-checks">
        <h2 id="other-checks">{t('otherChecks.title')}</h2>
        <OtherChecks pageUrl={loaded.pageUrl} />
        <p class="small quiet">{t('otherChecks.opened')}</p>
      </section>
      <section class="stack" aria-labelledby="export">
        <h2 id="export">{t('export.title')}</h2>
        <ExportButtons loaded={loaded} />
        <p>
          {tRich('export.bundleMeaning', {
            verify: (words) => (
              <a href="/verify.html" target="_blank">
                {words}
              </a>
            ),
          })}
        </p>
        <p class="small quiet">{missingSentence(loaded)}</p>
      </section>
    </>
  );
}

function ExportButtons({ loaded }: { readonly loaded: LoadedScan }) {
  const [isFailed, setFailed] = useState(false);
  /** Files are made at the click, not before. */
  const attempt = (work: () => Promise<void> | void): void => {
    setFailed(false);
    Promise.try(work).catch((error: unknown) => {
      reportError(error);
      setFailed(true);
    });
  };
  const name = loaded.scanId;
  return (
    <>
      <div class="bar">
        <button
          type="button"
          onClick={() =>
            attempt(async () => saveFile(`trueframe-report-${name}.html`, await htmlOf(loaded), 'text/html'))
          }
        >
          {t('export.html')}
        </button>
        <button
          type="button"
          onClick={() =>
            attempt(() =>
              saveFile(`trueframe-report-${name}.json`, exportedText(exportedOf(loaded)), 'application/json'),
            )
          }
        >
          {t('export.json')}
        </button>
        <button
          type="button"
          onClick={() =>
            attempt(async () =>
              saveFile(`trueframe-evidence-${name}.zip`, await bundleOf(loaded), 'application/zip'),
            )
          }
        >
          {t('export.bundle')}
        </button>
        <button type="button" onClick={() => attempt(() => printReport(loaded))}>
          {t('export.print')}
        </button>
      </div>
      <p role="alert" hidden={!isFailed}>
        {t('export.failed')}
      </p>
    </>
  );
}

/** What a bundle of this check lacks, and what it reveals. */
function missingSentence({ crops, report }: LoadedScan): string {
  const faces = report.frameScores.length;
  if (faces === 0) return t('export.noFaces');
  if (crops === null || crops.length === 0) return t('export.bundleWithoutFaces');
  return crops.length < faces
    ? t('export.bundleWithSomeFaces', { kept: crops.length, all: faces })
    : t('export.bundleWithFaces', faces, { faces });
}
