import type { ScanState } from '../../utils/domain/scan.ts';
import { CrossSign } from '../cross-sign.tsx';
import { wordsOfState } from '../report/verdict-words.ts';
import { VerdictMark } from '../report/verdict-mark.tsx';
import { isDemoState, isWorking, progressOf } from '../scan-progress.ts';
import { t } from '../texts.tsx';

type BadgePillProps = {
  readonly state: ScanState;
  /** Words are shown without hovering. */
  readonly isWide: boolean;
  readonly onOpen: () => void;
  /** Stops the scan while it works, takes the badge away afterwards. */
  readonly onClose: () => void;
};

/** The closed badge: the mark in a pill of 28 px, with words where it is hovered, focused, or has something to say. */
export function BadgePill({ state, isWide, onOpen, onClose }: BadgePillProps) {
  const { shape, tone, title } = wordsOfState(state);
  const working = isWorking(state);
  const classes = ['pill', 'glass'];
  if (isWide) classes.push('is-wide');
  if (working) classes.push('is-working');
  if (isDemoState(state)) classes.push('is-demo');
  return (
    <div class={classes.join(' ')}>
      <button
        type="button"
        class="open"
        aria-expanded="false"
        aria-label={t('badge.pill', { title })}
        onClick={onOpen}
      >
        <VerdictMark shape={shape} tone={tone} scheme="dark" progress={progressOf(state)} sizePixels={18} />
        <span class="words numbers" aria-hidden="true">
          <span>{title}</span>
        </span>
      </button>
      <span class="side">
        <button
          type="button"
          aria-label={t(working ? 'action.cancel' : 'badge.hideThis')}
          title={t(working ? 'action.cancel' : 'badge.hide')}
          onClick={onClose}
        >
          <CrossSign />
        </button>
      </span>
    </div>
  );
}
