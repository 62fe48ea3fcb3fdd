import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import type { MarkShape, Tone } from '../../components/report/verdict-words.ts';

type Answer = {
  readonly shape: MarkShape;
  readonly tone: Tone;
  readonly title: string;
  readonly meaning: string;
};

const ANSWERS: readonly Answer[] = [
  {
    shape: 'diamond',
    tone: 'manipulated',
    title: 'Likely manipulated',
    meaning: 'A measurement, not a verdict on a person. The score is 70 of 100 or more.',
  },
  {
    shape: 'half-circle',
    tone: 'not-sure',
    title: 'Not sure',
    meaning: 'The score lies between 30 and 70, where the network is often wrong.',
  },
  {
    shape: 'circle',
    tone: 'no-finding',
    title: 'No manipulation found',
    meaning: 'The score is 30 or less. That is no proof that nothing was changed.',
  },
  {
    shape: 'dash',
    tone: 'neutral',
    title: 'No answer',
    meaning: 'No face, a face that is too small, or a picture that can’t be read. TrueFrame says which.',
  },
];

/** What a check can say, and how far it is to be trusted. */
export function VerdictsSection() {
  return (
    <section class="stack" aria-labelledby="answers">
      <h2 id="answers">What it can say</h2>
      <ul class="answers">
        {ANSWERS.map(({ shape, tone, title, meaning }) => (
          <li key={title}>
            <VerdictMark shape={shape} tone={tone} sizePixels={24} />
            <div>
              <p class={`answer tone-${tone}`}>{title}</p>
              <p class="quiet">{meaning}</p>
            </div>
          </li>
        ))}
      </ul>
      <p>
        A score is not a probability. Footage that was compressed, cut or filmed off a screen often looks
        manipulated to the network, and a careful manipulation may not. On videos from social media it is much
        weaker than on the test sets it is known for.
      </p>
    </section>
  );
}
