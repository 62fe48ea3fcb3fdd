import { wordsOfState } from '../report/verdict-words.ts';
import { isWorking } from '../scan-progress.ts';
import { t } from '../texts.tsx';
import { BadgeCard } from './badge-card.tsx';
import { BadgePill } from './badge-pill.tsx';
import type { ScanBadgeProps } from './badge-pill.tsx';

export type { ScanBadgeProps };

/** Shows the pill or the card, and tells a screen reader when a scan begins and when it ends. */
export function ScanBadge(props: ScanBadgeProps) {
  const { state, isOpen, isSilent } = props;
  const { title } = wordsOfState(state);
  const status = isWorking(state) ? t('badge.working') : t('badge.name', { title });
  return (
    <>
      {isOpen ? <BadgeCard {...props} /> : <BadgePill {...props} />}
      {/* A screen reader does not read the count of frames aloud: it changes fifteen times. */}
      {!isSilent && <span class="status" role="status" data-text={status} />}
    </>
  );
}
