import { doubtSentence, scoreOf100, wordsOfVerdict } from '../../components/report/verdict-words.ts';
import { formatNumber, t, tRich } from '../../components/texts.tsx';
import type { PersonVerdict, Verdict } from '../../utils/domain/verdict.ts';

/** Each person's own verdict, where there is more than one person: the one with the highest score decides. */
export function PeopleTable({ verdict, isDemo }: { readonly verdict: Verdict; readonly isDemo: boolean }) {
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

function PersonWords({
  person,
  verdict,
  isDemo,
}: {
  readonly person: PersonVerdict;
  readonly verdict: Verdict;
  readonly isDemo: boolean;
}) {
  const { framesLooked, framesAsked } = verdict;
  const own: Verdict =
    person.kind === 'refused'
      ? { kind: 'refused', reason: person.reason, framesLooked, framesAsked }
      : {
          ...person,
          decidingPersonId: person.personId,
          framesLooked,
          framesAsked,
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
