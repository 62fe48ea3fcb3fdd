import { formatMoment, isWebAddress, siteOf } from '../../components/format.ts';
import { Facts } from '../../components/facts.tsx';
import type { Fact } from '../../components/facts.tsx';
import { basisFacts } from '../../components/report/basis-facts.tsx';
import { ColumnNames, ScoreChart, ScoreTable } from '../../components/report/score-chart.tsx';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import {
  doubtSentence,
  isDemoReport,
  pooledSentence,
  reasonSentence,
  scoreAndFramesText,
  scoreMeaning,
  scoreOf100,
  wordsOfVerdict,
} from '../../components/report/verdict-words.ts';
import { formatNumber, quiet, t, tRich } from '../../components/texts.tsx';
import type { ScanReport } from '../../utils/domain/report.ts';
import { ExportSection } from './export-section.tsx';
import type { LoadedScan } from './load-report.ts';
import { ReasonsSection } from './reasons-section.tsx';
import type { PersonVerdict, Verdict } from '../../utils/domain/verdict.ts';

/**
 * A finished check: the verdict, its reasons, the scores over time, the faces, and the models and settings that were
 * used.
 */
export function ReportView({ loaded }: { readonly loaded: LoadedScan }) {
  const { report } = loaded;
  const { bands, frameScores } = report;
  const isDemo = isDemoReport(report);
  return (
    <main class={`column ${isDemo ? 'is-demo' : ''}`}>
      {isDemo ? <p class="demo-banner demo-ground">{t('demo.banner')}</p> : null}
      <Head loaded={loaded} />
      {frameScores.length === 0 ? null : (
        <section class="stack" aria-labelledby="over-time">
          <h2 id="over-time">{t('report.scores')}</h2>
          <ScoreChart scores={frameScores} bands={bands} />
          <PeopleTable report={report} />
          <ScoreTable scores={frameScores} bands={bands} />
        </section>
      )}
      <ReasonsSection loaded={loaded} />
      <Basis loaded={loaded} />
      <ExportSection loaded={loaded} />
    </main>
  );
}

function Head({ loaded: { report, title, pageUrl, at } }: { readonly loaded: LoadedScan }) {
  const { verdict } = report;
  const isDemo = isDemoReport(report);
  const words = wordsOfVerdict(verdict, isDemo);
  const pooled = pooledSentence(report);
  const meaning = verdict.kind === 'refused' ? '' : scoreMeaning(verdict.kind, report.calibration);
  const site = siteOf(pageUrl);
  const name = title === '' ? site : title;
  return (
    <header class="stack">
      <p class="quiet">
        <bdi>{isWebAddress(pageUrl) ? <a href={pageUrl}>{name}</a> : name}</bdi>
        {/* A file's name is said once. */}
        {site === name ? null : (
          <>
            {' · '}
            <bdi>{site}</bdi>
          </>
        )}
        {' · '}
        {formatMoment(at)}
      </p>
      <div class="verdict">
        <VerdictMark shape={words.shape} tone={words.tone} sizePixels={48} />
        <div>
          <h1 class={`tone-${words.tone}`}>{words.title}</h1>
          <p class="quiet number">{scoreAndFramesText(report)}</p>
        </div>
      </div>
      <p>{words.sentence}</p>
      {meaning === '' ? null : <p>{meaning}</p>}
      {report.calibration?.isOfSameNetworks === false ? <p>{t('verdict.otherNetworks')}</p> : null}
      {verdict.kind === 'refused' || !verdict.reasons || isDemo ? null : (
        <p class="quiet number">{t('score.text', { score: scoreOf100(verdict.score, report.bands) })}</p>
      )}
      {pooled === null ? null : <p>{pooled}</p>}
      <p class="quiet small">{t('verdict.limits')}</p>
    </header>
  );
}

function Basis({ loaded: { report, scanId, pageUrl } }: { readonly loaded: LoadedScan }) {
  const facts: readonly Fact[] = [...basisFacts(report), [t('report.basis.check'), <code>{scanId}</code>]];
  return (
    <section class="stack" aria-labelledby="basis">
      <h2 id="basis">{t('report.basis.title')}</h2>
      <Facts facts={facts} />
      <p class="small quiet">
        {t(
          report.used.source === 'source' && isWebAddress(pageUrl)
            ? 'report.basis.fileAskedFor'
            : 'report.basis.nothingLeft',
        )}
      </p>
    </section>
  );
}

/** Each person's own verdict, where there is more than one person: the one with the highest score decides. */
function PeopleTable({ report }: { readonly report: ScanReport }) {
  const { verdict, bands } = report;
  if (verdict.kind === 'refused' || verdict.people.length < 2) return null;
  return (
    <table class="small">
      <ColumnNames names={['person', 'verdict', 'frames', 'score']} />
      <tbody>
        {verdict.people.map((person) => (
          <tr key={person.personId}>
            <td class="nowrap">
              {person.personId === verdict.decidingPersonId
                ? tRich('report.decides', {
                    person: person.personId,
                    quiet,
                  })
                : formatNumber(person.personId)}
            </td>
            <td>
              <PersonWords person={person} report={report} />
            </td>
            <td class="number">{formatNumber(person.framesUsed)}</td>
            <td class="number">{person.kind === 'refused' ? '–' : scoreOf100(person.score, bands)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type PersonWordsProps = { readonly person: PersonVerdict; readonly report: ScanReport };

function PersonWords({ person, report }: PersonWordsProps) {
  const { framesScanned, framesAsked } = report.verdict;
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
  const words = wordsOfVerdict(own, isDemoReport(report));
  const { doubts, reasons = [] } = person.kind === 'refused' ? { doubts: [] } : person;
  const why = [...reasons.map(reasonSentence), ...doubts.map(doubtSentence)];
  return (
    <>
      <span class={`tone-${words.tone}`}>{words.title}</span>
      {why.length === 0 ? null : <span class="quiet"> {why.join(' ')}</span>}
    </>
  );
}
