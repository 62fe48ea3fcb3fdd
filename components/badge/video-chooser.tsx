import { VerdictMark } from '../report/verdict-mark.tsx';
import { t } from '../texts.tsx';

export type VideoChooserProps = {
  /** One for each video, in the same order; the owner keeps them over the videos. */
  readonly labels: readonly string[];
  readonly onChoose: (index: number) => void;
  readonly onLeave: () => void;
};

/** Several videos could be meant: each is framed, a click chooses, a click elsewhere leaves. */
export function VideoChooser({ labels, onChoose, onLeave }: VideoChooserProps) {
  return (
    <div
      class="chooser"
      role="dialog"
      aria-modal="true"
      aria-label={t('chooser.title')}
      onClick={(event) => {
        if (event.target === event.currentTarget) onLeave();
      }}
    >
      {labels.map((label, index) => (
        <button
          key={index}
          type="button"
          class="choice"
          aria-label={t('chooser.choice', { number: index + 1, title: label })}
          onClick={() => onChoose(index)}
        >
          <span class="glass" aria-hidden="true">
            <VerdictMark shape="dot" tone="neutral" />
            {t('chooser.choose')}
          </span>
        </button>
      ))}
      <p class="hint glass">{t('chooser.hint')}</p>
    </div>
  );
}
