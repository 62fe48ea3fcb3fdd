import { VerdictMark } from '../report/verdict-mark.tsx';
import { t } from '../texts.tsx';

export type VideoChooserProps = {
  /** One for each video, in the same order; the owner keeps them over the videos. */
  readonly labels: readonly string[];
  readonly onChoose: (index: number) => void;
  readonly onLeave: () => void;
};

/**
 * Lets the user choose where several videos could be meant. Each video has a frame, a click on a frame chooses, and a
 * click elsewhere closes the chooser.
 */
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
