import { dateLocale, formatMoment, formatTook, isWebAddress, siteOf } from '../../components/format.ts';
import { deviceName, modelName } from '../../components/install/model-label.ts';
import { ScoreChart } from '../../components/report/score-chart.tsx';
import { ScoreTable } from '../../components/report/score-table.tsx';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { framesText, scoreText, shownScore, wordsOfVerdict } from '../../components/report/verdict-words.ts';
import { formatNumber, t } from '../../components/texts.tsx';
import type { FrameWay } from '../../utils/domain/scan.ts';
import { CropsSection } from './crops-section.tsx';
import type { Report } from './load-report.ts';
import { PeopleTable } from './people-table.tsx';

/** A finished check: verdict, why, the scores over time, the faces, and what was used. */
export function ReportView({ report }: { readonly report: Report }) {
  const { frameScores, crops } = report;
  const isDemo = report.model?.isDemo ?? false;
  return (
    <main class={`column ${isDemo ? 'is-demo' : ''}`}>
      {isDemo ? (
        <p class="demo-banner demo-ground">{t('demo.banner')}</p>
      ) : null}
      <Head report={report} />
      {frameScores.length === 0 ? null : (
        <section class="stack" aria-labelledby="over-time">
          <h2 id="over-time">{t('report.scores')}</h2>
          <ScoreChart scores={frameScores} />
          <PeopleTable verdict={report.verdict} isDemo={isDemo} />
          <ScoreTable scores={frameScores} />
        </section>
      )}
      <CropsSection report={report} crops={crops} />
      <Basis report={report} />
    </main>
  );
}

function Head({ report }: { readonly report: Report }) {
  const { verdict, title, pageUrl, at, model } = report;
  const words = wordsOfVerdict(verdict, model?.isDemo ?? false);
  const score = shownScore(report);
  const name = title === '' ? siteOf(pageUrl) : title;
  return (
    <header class="stack">
      <p class="quiet">
        {isWebAddress(pageUrl) ? <a href={pageUrl}>{name}</a> : name} · {siteOf(pageUrl)} ·{' '}
        {formatMoment(at, Date.now(), dateLocale(navigator.languages))}
      </p>
      <div class="verdict">
        <VerdictMark shape={words.shape} tone={words.tone} sizePixels={48} />
        <div>
          <h1 class={`tone-${words.tone}`}>{words.title}</h1>
          <p class="quiet number">
            {score === null ? null : <>{scoreText(score)} · </>}
            {framesText(
              verdict.kind === 'refused' ? verdict.framesLooked : verdict.framesUsed,
              verdict.framesAsked,
            )}
          </p>
        </div>
      </div>
      <p>{words.sentence}</p>
      <p class="quiet small">{t('verdict.limits')}</p>
    </header>
  );
}

function Basis({
  report: { model, timings, way, screenScale, scanId, pageUrl },
}: {
  readonly report: Report;
}) {
  return (
    <section class="stack" aria-labelledby="basis">
      <h2 id="basis">{t('report.basis.title')}</h2>
      <dl class="facts small">
        {way === null ? null : (
          <>
            <dt>{t('report.basis.frames')}</dt>
            <dd class="number">{frameSourceText(way, screenScale)}</dd>
          </>
        )}
        {model === null ? null : (
          <>
            <dt>{t('report.basis.network')}</dt>
            <dd>{modelName(model)}</dd>
            <dt>{t('report.basis.modelId')}</dt>
            <dd>
              <code>{model.modelId}</code>
            </dd>
            <dt>{t('report.basis.weights')}</dt>
            <dd>{model.dtype}</dd>
            <dt>{t('report.basis.device')}</dt>
            <dd>{deviceName(model.device)}</dd>
          </>
        )}
        {timings === null ? null : (
          <>
            <dt>{t('report.basis.time')}</dt>
            <dd class="number">
              {t('report.basis.times', {
                total: formatTook(timings.totalMilliseconds),
                detection: formatTook(timings.detectionMilliseconds),
                inference: formatTook(timings.inferenceMilliseconds),
              })}
            </dd>
          </>
        )}
        <dt>{t('report.basis.check')}</dt>
        <dd>
          <code>{scanId}</code>
        </dd>
      </dl>
      <p class="small quiet">
        {t(
          way === 'source' && isWebAddress(pageUrl)
            ? 'report.basis.fileAskedFor'
            : 'report.basis.nothingLeft',
        )}
      </p>
    </section>
  );
}

/** From where a scan's frames came. @param screenScale captured pixels for each of the video's own, along a side */
function frameSourceText(way: FrameWay, screenScale: number | null): string {
  return way === 'screen' && screenScale !== null && screenScale < 0.99
    ? t('report.frameSource.scaledScreen', { scale: formatNumber(screenScale, 2) })
    : t(`report.frameSource.${way}`);
}
