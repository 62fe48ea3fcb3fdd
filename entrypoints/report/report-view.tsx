import { formatMoment, formatTook, isWebAddress, siteOf } from '../../components/format.ts';
import { Facts } from '../../components/facts.tsx';
import type { Fact } from '../../components/facts.tsx';
import { deviceName, modelName } from '../../components/install/model-label.ts';
import { ScoreChart, ScoreTable } from '../../components/report/score-chart.tsx';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import {
  framesText,
  scoreText,
  shownScore,
  wordsOfVerdict,
  doubtSentence,
  scoreOf100,
} from '../../components/report/verdict-words.ts';
import { formatNumber, t, tRich } from '../../components/texts.tsx';
import type { FrameSourceKind } from '../../utils/domain/report.ts';
import { CropsSection } from './crops-section.tsx';
import type { LoadedScan } from './load-report.ts';
import type { PersonVerdict, Verdict } from '../../utils/domain/verdict.ts';

/** A finished check: verdict, why, the scores over time, the faces, and what was used. */
export function ReportView({ loaded }: { readonly loaded: LoadedScan }) {
  const { report, crops } = loaded;
  const { verdict, bands, frameScores } = report;
  const isDemo = report.used.model?.isDemo ?? false;
  return (
    <main class={`column ${isDemo ? 'is-demo' : ''}`}>
      {isDemo ? <p class="demo-banner demo-ground">{t('demo.banner')}</p> : null}
      <Head loaded={loaded} />
      {frameScores.length === 0 ? null : (
        <section class="stack" aria-labelledby="over-time">
          <h2 id="over-time">{t('report.scores')}</h2>
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
        <bdi>{isWebAddress(pageUrl) ? <a href={pageUrl}>{name}</a> : name}</bdi> ·{' '}
        <bdi>{siteOf(pageUrl)}</bdi> · {formatMoment(at)}
      </p>
      <div class="verdict">
        <VerdictMark shape={words.shape} tone={words.tone} sizePixels={48} />
        <div>
          <h1 class={`tone-${words.tone}`}>{words.title}</h1>
          <p class="quiet number">
            {score === null ? null : <>{scoreText(score)} · </>}
            {framesText(
              verdict.kind === 'refused' ? verdict.framesScanned : verdict.framesUsed,
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

function Basis({ loaded: { report, scanId, pageUrl } }: { readonly loaded: LoadedScan }) {
  const { used, timings } = report;
  const { model, source, screenScale } = used;
  const facts: Fact[] = [];
  if (source !== null) facts.push([t('report.basis.frames'), frameSourceText(source, screenScale), 'number']);
  if (model !== null) {
    facts.push(
      [t('report.basis.network'), modelName(model)],
      [t('report.basis.modelId'), <code>{model.modelId}</code>],
      [t('report.basis.weights'), model.dtype],
      [t('report.basis.device'), deviceName(model.device)],
    );
  }
  if (timings !== null) {
    const total = formatTook(timings.totalMilliseconds);
    const detection = formatTook(timings.detectionMilliseconds);
    const inference = formatTook(timings.inferenceMilliseconds);
    facts.push([t('report.basis.time'), t('report.basis.times', { total, detection, inference }), 'number']);
  }
  facts.push([t('report.basis.check'), <code>{scanId}</code>]);
  return (
    <section class="stack" aria-labelledby="basis">
      <h2 id="basis">{t('report.basis.title')}</h2>
      <Facts facts={facts} />
      <p class="small quiet">
        {t(
          source === 'source' && isWebAddress(pageUrl)
            ? 'report.basis.fileAskedFor'
            : 'report.basis.nothingLeft',
        )}
      </p>
    </section>
  );
}

/** From where a scan's frames came. @param screenScale captured pixels for each of the video's own, along a side */
function frameSourceText(source: FrameSourceKind, screenScale: number | null): string {
  return source === 'screen' && screenScale !== null && screenScale < 0.99
    ? t('report.frameSource.scaledScreen', { scale: formatNumber(screenScale, 2) })
    : t(`report.frameSource.${source}`);
}

type PeopleTableProps = { readonly verdict: Verdict; readonly isDemo: boolean };

/** Each person's own verdict, where there is more than one person: the one with the highest score decides. */
function PeopleTable({ verdict, isDemo }: PeopleTableProps) {
  if (verdict.kind === 'refused' || verdict.people.length < 2) return null;
  return (
    <table class="small">
      <thead>
        <tr>
          <th scope="col">{t('report.column.person')}</th>
          <th scope="col">{t('report.column.verdict')}</th>
          <th scope="col" class="number">
            {t('report.column.frames')}
          </th>
          <th scope="col" class="number">
            {t('report.column.score')}
          </th>
        </tr>
      </thead>
      <tbody>
        {verdict.people.map((person) => (
          <tr key={person.personId}>
            <td class="nowrap">
              {person.personId === verdict.decidingPersonId
                ? tRich('report.decides', {
                    person: person.personId,
                    quiet: (words) => <span class="quiet">{words}</span>,
                  })
                : formatNumber(person.personId)}
            </td>
            <td>
              <PersonWords person={person} verdict={verdict} isDemo={isDemo} />
            </td>
            <td class="number">{formatNumber(person.framesUsed)}</td>
            <td class="number">{person.kind === 'refused' ? '–' : scoreOf100(person.score)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PersonWords({ person, verdict, isDemo }: PeopleTableProps & { readonly person: PersonVerdict }) {
  const { framesScanned, framesAsked } = verdict;
  const frames = { framesScanned, framesAsked };
  const own: Verdict =
    person.kind === 'refused'
      ? { ...person, ...frames }
      : {
          ...person,
          ...frames,
          decidingPersonId: person.personId,
          pooledScore: person.score,
          people: [person],
        };
  const words = wordsOfVerdict(own, isDemo);
  const doubts = person.kind === 'refused' ? [] : person.doubts;
  return (
    <>
      <span class={`tone-${words.tone}`}>{words.title}</span>
      {doubts.length === 0 ? null : <span class="quiet"> {doubts.map(doubtSentence).join(' ')}</span>}
    </>
  );
}
