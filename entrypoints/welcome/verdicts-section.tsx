import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { camelCase, t } from '../../components/texts.tsx';
import { VERDICT_MARKS } from '../../components/report/verdict-words.ts';

const NO_ANSWER = {
  shape: 'dash',
  tone: 'neutral',
  title: 'welcome.noAnswer',
  meaning: 'welcome.noAnswerMeaning',
} as const;

const ANSWERS = [
  ...(['likely-manipulated', 'not-sure', 'no-manipulation-found'] as const).map((kind) => {
    const key = `verdict.${camelCase(kind)}` as const;
    return { ...VERDICT_MARKS[kind], title: `${key}.title`, meaning: `${key}.answer` } as const;
  }),
  NO_ANSWER,
];

/** The possible answers of a check, and their limits. */
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
