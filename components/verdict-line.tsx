import { scoreText } from './verdict-words.ts';
import type { Words } from './verdict-words.ts';

type VerdictLineProps = {
  readonly words: Pick<Words, 'title' | 'tone'>;
  /** 0 to 1; null where there is none to say: refusals, stand-in networks. */
  readonly score: number | null;
};

/** "Likely manipulated · score 82 of 100", the words in their tone's colour. */
export function VerdictLine({ words, score }: VerdictLineProps) {
  return (
    <>
      <span class={`tone-${words.tone}`}>{words.title}</span>
      {score === null ? null : <span class="quiet number"> · {scoreText(score)}</span>}
    </>
  );
}
