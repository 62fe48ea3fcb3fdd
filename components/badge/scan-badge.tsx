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
  readonly onHide: () => void;
  readonly onCancel: () => void;
  readonly onCheckAgain: () => void;
  readonly onDetails: () => void;
  readonly onInstallModel: () => void;
  readonly onUseScreen: () => void;
  readonly onAllowHost: (host: string) => void;
};

/** Pill or card, with what a screen reader is told when a scan begins and when it ends. */
export function ScanBadge(props: ScanBadgeProps) {
  const { state, evidence, isOpen, isWide, isFull, isSilent, onToggle, onHide, onCancel } = props;
  const working = isWorking(state);
  return (
    <>
      {isOpen ? (
        <BadgeCard
          state={state}
          evidence={evidence}
          hasDetails={props.hasDetails}
          onCollapse={() => onToggle(false)}
          onCancel={onCancel}
          onCheckAgain={props.onCheckAgain}
          onDetails={props.onDetails}
          onInstallModel={props.onInstallModel}
          onUseScreen={props.onUseScreen}
          onAllowHost={props.onAllowHost}
        />
      ) : (
        <BadgePill
          state={state}
          isWide={isWide}
          isFull={isFull}
          onOpen={() => onToggle(true)}
          onClose={working ? onCancel : onHide}
        />
      )}
      {/* Not each frame: a count that is read out fifteen times is noise. */}
      {!isSilent && (
        <span
          class="status"
          role="status"
          data-text={working ? t('badge.working') : t('badge.name', { title: wordsOfState(state).title })}
        />
      )}
    </>
  );
}
