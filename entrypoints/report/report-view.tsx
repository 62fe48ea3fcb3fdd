import { dateLocale, formatMoment, formatTook, isWebAddress, siteOf } from '../../components/format.ts';
import { deviceName, modelName } from '../../components/install/model-label.ts';
import { shownScore } from '../../components/report/scan-score.ts';
import { ScoreChart } from '../../components/report/score-chart.tsx';
import { ScoreTable } from '../../components/report/score-table.tsx';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import {
  DEMO_TITLE,
  framesText,
  LIMITS_SENTENCE,
  scoreText,
  wordsOfVerdict,
} from '../../components/report/verdict-words.ts';
import { CropsSection } from './crops-section.tsx';
import { wayText } from '../../components/report/way-words.ts';
import type { LoadedScan } from './load-report.ts';
import { PeopleTable } from './people-table.tsx';

/** A finished check: verdict, why, the scores over time, the faces, and what was used. */
export function ReportView({ loaded }: { readonly loaded: LoadedScan }) {
  const { report, crops } = loaded;
  const { verdict, bands, frameScores } = report;
  const isDemo = report.used.model?.isDemo ?? false;
  return (
    <main class={`column ${isDemo ? 'is-demo' : ''}`}>
      {isDemo ? (
        <p class="demo-banner demo-ground">{DEMO_TITLE}. Every number here comes from made-up weights.</p>
      ) : null}
      <Head loaded={loaded} />
      {frameScores.length === 0 ? null : (
        <section class="stack" aria-labelledby="over-time">
          <h2 id="over-time">Scores over time</h2>
          <ScoreChart scores={frameScores} bands={bands} />
          <PeopleTable verdict={verdict} isDemo={isDemo} />
          <ScoreTable scores={frameScores} />
        </section>
      )}
      <CropsSection loaded={loaded} crops={crops} />
      <Basis loaded={loaded} />
    </main>
  );
}

function Head({ loaded: { report, title, pageUrl, at } }: { readonly loaded: LoadedScan }) {
  const { verdict, used } = report;
  const words = wordsOfVerdict(verdict, used.model?.isDemo ?? false);
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
      <p class="quiet small">{LIMITS_SENTENCE}</p>
    </header>
  );
}

function Basis({ loaded: { report, scanId, pageUrl } }: { readonly loaded: LoadedScan }) {
  const { used, timings } = report;
  const { model, source, screenScale } = used;
  return (
    <section class="stack" aria-labelledby="basis">
      <h2 id="basis">What was used</h2>
      <dl class="facts small">
        {source === null ? null : (
          <>
            <dt>Frames</dt>
            <dd class="number">{wayText(source, screenScale)}</dd>
          </>
        )}
        {model === null ? null : (
          <>
            <dt>Network</dt>
            <dd>{modelName(model)}</dd>
            <dt>Model id</dt>
            <dd>
              <code>{model.modelId}</code>
            </dd>
            <dt>Weights</dt>
            <dd>{model.dtype}</dd>
            <dt>Computed on</dt>
            <dd>{deviceName(model.device)}</dd>
          </>
        )}
        {timings === null ? null : (
          <>
            <dt>Time</dt>
            <dd class="number">
              {formatTook(timings.totalMilliseconds)} in all: {formatTook(timings.detectionMilliseconds)}{' '}
              finding faces, {formatTook(timings.inferenceMilliseconds)} in the network
            </dd>
          </>
        )}
        <dt>Check</dt>
        <dd>
          <code>{scanId}</code>
        </dd>
      </dl>
      <p class="small quiet">
        {source === 'source' && isWebAddress(pageUrl)
          ? 'Everything was computed on this computer. No frame and no face has left it; the video’s own server was asked for the file once more, and nobody else.'
          : 'Everything was computed on this computer. No frame, no face and no address has left it.'}
      </p>
    </section>
  );
}
