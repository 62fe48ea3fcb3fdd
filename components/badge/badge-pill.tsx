import type { EvidenceFace, ScanState } from '../../utils/domain/scan.ts';
import { CrossSign } from '../cross-sign.tsx';
import { framesText, wordsOfState } from '../report/verdict-words.ts';
import { VerdictMark } from '../report/verdict-mark.tsx';
import { isDemoState, isWorking, progressOf } from '../scan-progress.ts';
import { t } from '../texts.tsx';

export type ScanBadgeProps = {
  readonly state: ScanState;
  readonly evidence: readonly EvidenceFace[];
  readonly isOpen: boolean;
  /** Whether there is anything for "Details" to show. */
  readonly hasDetails: boolean;
  /** Whether the closed pill shows its words without hovering. */
  readonly isWide: boolean;
  /** Whether the whole pill is shown and takes clicks without hovering. It must not depend on the verdict. */
  readonly isFull: boolean;
  /** Whether a screen reader is told nothing of the scan: a feed has dozens of badges. */
  readonly isSilent: boolean;
  readonly onToggle: (isOpen: boolean) => void;
  /** The user closes the pill after the scan. */
  readonly onHide: () => void;
  /** The user cancels the scan, with the card's button or by closing the pill. */
  readonly onCancel: () => void;
  readonly onCheckAgain: () => void;
  readonly onDetails: () => void;
  readonly onInstallModel: () => void;
  readonly onUseScreen: () => void;
  readonly onAllowHost: (host: string) => void;
};

/**
 * The closed badge: the mark in a pill of 28 px, with words where it is hovered, focused, or has something to say. Its boxes
 * are the same for each verdict, since the page can test what lies over it.
 */
export function BadgePill({ state, isWide, isFull, onToggle, onCancel, onHide }: ScanBadgeProps) {
  const { shape, tone, title } = wordsOfState(state);
  const working = isWorking(state);
  const classes = ['pill', 'numbers'];
  if (isWide) classes.push('is-wide');
  if (isFull) classes.push('is-full');
  return (
    <div class={classes.join(' ')}>
      <span class="size" data-text={longestTitle()} aria-hidden="true" />
      <span class={isDemoState(state) ? 'plate glass is-demo' : 'plate glass'} aria-hidden="true">
        <VerdictMark shape={shape} tone={tone} progress={progressOf(state)} sizePixels={18} />
        <span class="words">
          <span data-text={title} />
        </span>
      </span>
      <button
        type="button"
        class="open"
        aria-expanded="false"
        aria-label={t('badge.pill', { title })}
        onClick={() => onToggle(true)}
      />
      <button
        type="button"
        class="close"
        aria-label={t(working ? 'action.cancel' : 'badge.hideThis')}
        title={t(working ? 'action.cancel' : 'badge.hide')}
        onClick={working ? onCancel : onHide}
      >
        <CrossSign />
      </button>
    </div>
  );
}

/** The longest title that a pill usually shows; a longer one, of a failure, is cut off. */
function longestTitle(): string {
  return [
    t('verdict.likelyManipulated.title'),
    t('verdict.noManipulationFound.title'),
    t('demo.refusal', { title: t('refusal.unreadable.title') }),
    framesText(15, 15),
  ].reduce((longest, title) => (title.length > longest.length ? title : longest));
}
