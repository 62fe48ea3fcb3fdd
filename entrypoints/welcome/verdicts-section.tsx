import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { camelCase, t } from '../../components/texts.tsx';
import { VERDICT_MARKS } from '../../components/report/verdict-words.ts';
import type { Words } from '../../components/report/verdict-words.ts';
import { borders } from '../../utils/domain/calibration.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';

const KINDS = ['likely-manipulated', 'not-sure', 'no-manipulation-found'] as const;

/** The possible answers of a check, and their limits. */
export function VerdictsSection({ bands }: { readonly bands: ScoreBands }) {
  return (
    <section class="stack" aria-labelledby="answers">
      <h2 id="answers">{t('welcome.answers')}</h2>
      <ul class="answers">
        {KINDS.map((kind) => (
          <Answer
            key={kind}
            {...VERDICT_MARKS[kind]}
            title={t(`verdict.${camelCase(kind)}.title`)}
            meaning={t(`verdict.${camelCase(kind)}.answer`, borders(bands))}
          />
        ))}
        <Answer
          shape="dash"
          tone="neutral"
          title={t('welcome.noAnswer')}
          meaning={t('welcome.noAnswerMeaning')}
        />
      </ul>
      <p>{t('limits.welcome')}</p>
    </section>
  );
}

type AnswerProps = Pick<Words, 'shape' | 'tone' | 'title'> & { readonly meaning: string };

function Answer({ shape, tone, title, meaning }: AnswerProps) {
  return (
    <li>
      <VerdictMark shape={shape} tone={tone} sizePixels={24} />
      <div>
        <p class={`answer tone-${tone}`}>{title}</p>
        <p class="quiet">{meaning}</p>
      </div>
    </li>
  );
}
