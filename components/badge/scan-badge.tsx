import type { EvidenceFace, ScanState } from '../../utils/domain/scan.ts';
import { wordsOfState } from '../report/verdict-words.ts';
import { isWorking } from '../scan-progress.ts';
import { t } from '../texts.tsx';
import { BadgeCard } from './badge-card.tsx';
import { BadgePill } from './badge-pill.tsx';

export type ScanBadgeProps = {
  readonly state: ScanState;
  readonly evidence: readonly EvidenceFace[];
  readonly isOpen: boolean;
  /** Whether there is anything for "Details" to show. */
  readonly hasDetails: boolean;
  /** The closed pill paints its words without hovering. */
  readonly isWide: boolean;
  /** The whole pill is shown and takes clicks without hovering. It must not depend on the verdict. */
  readonly isFull: boolean;
  /** Screen readers are not told by themselves: a feed has dozens. */
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

/** Pill or card, with what a screen reader is told when a scan begins and when it ends. */
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
