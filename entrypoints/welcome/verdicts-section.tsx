import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { t } from '../../components/texts.tsx';
import type { PlainKey } from '../../components/texts.tsx';
import type { MarkShape, Tone } from '../../components/report/verdict-words.ts';

type Answer = {
  readonly shape: MarkShape;
  readonly tone: Tone;
  readonly title: PlainKey;
  readonly meaning: PlainKey;
};

const ANSWERS: readonly Answer[] = [
  {
    shape: 'diamond',
    tone: 'manipulated',
    title: 'verdict.likelyManipulated.title',
    meaning: 'verdict.likelyManipulated.answer',
  },
  {
    shape: 'half-circle',
    tone: 'not-sure',
    title: 'verdict.notSure.title',
    meaning: 'verdict.notSure.answer',
  },
  {
    shape: 'circle',
    tone: 'no-finding',
    title: 'verdict.noManipulationFound.title',
    meaning: 'verdict.noManipulationFound.answer',
  },
  {
    shape: 'dash',
    tone: 'neutral',
    title: 'welcome.noAnswer',
    meaning: 'welcome.noAnswerMeaning',
  },
];

/** What a check can say, and how far it is to be trusted. */
export function VerdictsSection() {
  return (
    <section class="stack" aria-labelledby="answers">
      <h2 id="answers">{t('welcome.answers')}</h2>
      <ul class="answers">
        {ANSWERS.map(({ shape, tone, title, meaning }) => (
          <li key={title}>
            <VerdictMark shape={shape} tone={tone} sizePixels={24} />
            <div>
              <p class={`answer tone-${tone}`}>{t(title)}</p>
              <p class="quiet">{t(meaning)}</p>
            </div>
          </li>
        ))}
      </ul>
      <p>{t('limits.welcome')}</p>
    </section>
  );
}
