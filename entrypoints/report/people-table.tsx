import { DOUBT_SENTENCES, scoreOf100, wordsOfVerdict } from '../../components/report/verdict-words.ts';
import type { PersonVerdict, Verdict } from '../../utils/domain/verdict.ts';

/** Everybody's own verdict, where there is more than one person: the most suspicious one decides. */
export function PeopleTable({ verdict, isDemo }: { readonly verdict: Verdict; readonly isDemo: boolean }) {
  if (verdict.kind === 'refused' || verdict.people.length < 2) return null;
  return (
    <table class="small">
      <thead>
        <tr>
          <th scope="col">Person</th>
          <th scope="col">Verdict</th>
          <th scope="col" class="number">
            Frames
          </th>
          <th scope="col" class="number">
            Score of 100
          </th>
        </tr>
      </thead>
      <tbody>
        {verdict.people.map((person) => (
          <tr key={person.personId}>
            <td class="nowrap">
              {person.personId}
              {person.personId === verdict.decidingPersonId ? <span class="quiet"> (decides)</span> : null}
            </td>
            <td>
              <PersonWords person={person} verdict={verdict} isDemo={isDemo} />
            </td>
            <td class="number">{person.framesUsed}</td>
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
      {doubts.length === 0 ? null : (
        <span class="quiet"> {doubts.map((doubt) => DOUBT_SENTENCES[doubt]).join(' ')}</span>
      )}
    </>
  );
}
