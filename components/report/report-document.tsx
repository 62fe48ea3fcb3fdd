import type { ComponentChildren } from 'preact';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import type { FrameScore } from '../../utils/domain/report.ts';
import { formatInstant, isWebAddress, siteOf } from '../format.ts';
import { Facts } from '../facts.tsx';
import type { Fact } from '../facts.tsx';
import { language, t, textDirection, tRich } from '../texts.tsx';
import { basisFacts } from './basis-facts.tsx';
import { OtherChecks } from './other-checks.tsx';
import { StillScoreChart } from './score-chart.tsx';
import { VerdictMark } from './verdict-mark.tsx';
import {
  isDemoReport,
  mediaTimeText,
  scoreAndFramesText,
  scoreMeaning,
  scoreOf100,
  wordsOfVerdict,
} from './verdict-words.ts';

/**
 * The most characters of a title or an address that are printed: a page's can have thousands, and the report is one
 * page.
 */
const MAX_PRINTED_CHARACTERS = 160;

type ReportDocumentProps = {
  readonly exported: ExportedReport;
  /** At most six, most telling first; `src` is a `data:` address of a PNG. Empty if the pictures were not kept. */
  readonly faces: readonly (FrameScore & { readonly src: string })[];
  /** Fingerprint of the key that signs the bundle around the page; null for a page by itself. */
  readonly fingerprint: string | null;
  /** null if one of our own pages shows the document and gives it its style. */
  readonly style: { readonly text: string; readonly sha256Base64: string } | null;
};

/**
 * One check as a whole document. It needs no script, loads nothing, and takes one page of A4. Texts of the checked page
 * are isolated, so that they do not change the direction of the texts around them.
 */
export function ReportDocument({ exported, faces, fingerprint, style }: ReportDocumentProps) {
  const { report, title, pageUrl } = exported;
  const isDemo = isDemoReport(report);
  return (
    <html lang={language()} dir={textDirection()}>
      <head>
        <meta charset="utf-8" />
        {style === null ? null : (
          // Only the style is allowed: a script that a page has put into its title does not run.
          <meta
            http-equiv="Content-Security-Policy"
            content={`default-src 'none'; img-src data:; style-src 'sha256-${style.sha256Base64}'; base-uri 'none'; form-action 'none'`}
          />
        )}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>{t('export.pageTitle', { title: printed(nameOf(title, pageUrl)) })}</title>
        {style === null ? null : <style dangerouslySetInnerHTML={{ __html: style.text }} />}
      </head>
      <body>
        <main>
          {isDemo ? <p class="demo">{t('demo.banner')}</p> : null}
          <Head exported={exported} />
          {report.frameScores.length === 0 ? null : (
            <section>
              <h2>{t('report.scores')}</h2>
              <StillScoreChart scores={report.frameScores} bands={report.bands} />
            </section>
          )}
          <Faces report={report} faces={faces} />
          <div class="columns">
            <section>
              <h2>{t('report.basis.title')}</h2>
              <Facts facts={basisFacts(report)} class="facts" />
            </section>
            <section>
              <h2>{t('otherChecks.title')}</h2>
              <OtherChecks pageUrl={pageUrl} />
            </section>
          </div>
          <section>
            <h2>{t('export.hashes')}</h2>
            <Facts facts={hashFacts(exported, faces, fingerprint)} class="facts hashes" />
          </section>
          <footer>
            <p>{t('export.computedHere')}</p>
            {fingerprint === null ? null : <p>{t('export.inBundle')}</p>}
          </footer>
        </main>
      </body>
    </html>
  );
}

function Head({ exported: { report, title, pageUrl, checkedAt } }: { readonly exported: ExportedReport }) {
  const { verdict } = report;
  const words = wordsOfVerdict(verdict, isDemoReport(report));
  const address = printed(pageUrl);
  return (
    <header>
      <p class="origin">
        <span class="name">{t('export.name')}</span>
        <span class="title">
          <bdi>{printed(nameOf(title, pageUrl))}</bdi>
        </span>
        <span>
          <bdi>
            {isWebAddress(pageUrl) ? (
              <a href={pageUrl} rel="noreferrer">
                {address}
              </a>
            ) : (
              siteOf(pageUrl)
            )}
          </bdi>
        </span>
        <span>{t('export.checkedAt', { moment: formatInstant(Date.parse(checkedAt)) })}</span>
      </p>
      <div class="verdict">
        <VerdictMark shape={words.shape} tone={words.tone} sizePixels={44} />
        <div>
          <h1 class={`tone-${words.tone}`}>{words.title}</h1>
          <p>{scoreAndFramesText(report)}</p>
        </div>
      </div>
      <p>
        {words.sentence} {verdict.kind === 'refused' ? null : scoreMeaning(verdict.kind, report.calibration)}{' '}
        {report.calibration?.isOfSameNetworks === false ? t('verdict.otherNetworks') : null}
      </p>
      <p class="quiet">{t('verdict.limits')}</p>
    </header>
  );
}

function Faces({
  report: { bands, frameScores },
  faces,
}: Pick<ExportedReport, 'report'> & Pick<ReportDocumentProps, 'faces'>) {
  if (frameScores.length === 0) return null;
  return (
    <section>
      <h2>{t('export.faces')}</h2>
      {faces.length === 0 ? (
        <p>{t('export.withoutFaces')}</p>
      ) : (
        <ul class="faces">
          {faces.map(({ src, personId, frameIndex, mediaTimeSeconds, score }) => {
            const shown = scoreOf100(score, bands);
            const time = mediaTimeText(mediaTimeSeconds);
            return (
              <li key={`${String(frameIndex)}/${String(personId)}`}>
                <img src={src} alt={t('report.face', { person: personId })} />
                <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="bar-ground" width="100" height="4" />
                  <rect width={shown} height="4" />
                </svg>
                <span>{tRich('score.rowAt', { hidden: plain, score: shown, quiet: plain, time })}</span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

/** The hashes by which a reader identifies the video, the networks and the pictures. */
function hashFacts(
  { report: { origin, used }, scanId }: ExportedReport,
  faces: ReportDocumentProps['faces'],
  fingerprint: string | null,
): readonly Fact[] {
  const facts: Fact[] = [[t('report.basis.check'), <code>{scanId}</code>]];
  const { model } = used;
  if (origin !== null && origin.fileSha256 !== null) {
    facts.push([t('export.fileHash'), <code>{origin.fileSha256}</code>]);
  }
  if (model !== null) {
    const hashes = (model.hashes ?? []).map(({ storedSha256 }) => storedSha256);
    if (hashes.length > 0) facts.push([t('export.networkHash'), <HashList hashes={hashes} />]);
  }
  const pixels = faces.flatMap(({ pixelsSha256 }) => pixelsSha256 ?? []);
  if (pixels.length > 0) facts.push([t('export.pixelHashes'), <HashList hashes={pixels} />]);
  if (fingerprint !== null) facts.push([t('export.key'), <code>{fingerprint}</code>]);
  return facts;
}

function HashList({ hashes }: { readonly hashes: readonly string[] }) {
  return hashes.map((hash) => <code key={hash}>{hash}</code>);
}

/** Shows the words of a slot as they are: on paper no words are hidden or quiet. */
function plain(words: ComponentChildren) {
  return words;
}

function nameOf(title: string, pageUrl: string): string {
  return title === '' ? siteOf(pageUrl) : title;
}

function printed(text: string): string {
  return text.length > MAX_PRINTED_CHARACTERS ? `${text.slice(0, MAX_PRINTED_CHARACTERS)}…` : text;
}
