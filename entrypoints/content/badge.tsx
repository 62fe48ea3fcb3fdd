import { render } from 'preact';
import { browser } from 'wxt/browser';
import { ScanBadge } from '../../components/badge/scan-badge.tsx';
import type { ScanBadgeProps } from '../../components/badge/scan-badge.tsx';
import { wordsOfState } from '../../components/report/verdict-words.ts';
import { isWorking } from '../../components/scan-progress.ts';
import { ask } from '../../utils/browser/messages.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import type { BadgePositioner } from './badge-positioner.ts';
import type { Manner } from './check-policy.ts';
import { onDemand } from './on-demand.ts';
import type { Overlay } from './overlay.ts';
import type { ScanView } from './scan-client.ts';

export type BadgeActions = Pick<
  ScanBadgeProps,
  'onCancel' | 'onCheckAgain' | 'onDetails' | 'onInstallModel' | 'onUseScreen' | 'onAllowHost'
> & {
  /** The user has dismissed the badge, or its video has left the page: the badge is to be removed. */
  readonly onGone: () => void;
};

export type Badge = {
  readonly show: (view: ScanView) => void;
  /** Opens the card, as a second check of the same video does. */
  readonly open: () => void;
};

/** How long the result of a check by hand keeps its whole pill before it shrinks to its icon. */
const SETTLING_MILLISECONDS = 5000;

/** The badge on one video, until `signal`. */
export function createBadge(
  video: HTMLVideoElement,
  deps: {
    readonly overlay: Overlay;
    readonly positioner: BadgePositioner;
    readonly manner: Manner;
    readonly actions: BadgeActions;
  },
  signal: AbortSignal,
): Badge {
  const { overlay, positioner, manner, actions } = deps;
  const isQuiet = manner === 'automatic';
  const place = overlay.addPlace('place', signal);
  const refreshPlace = positioner.add({ video, place, manner, onRemoved: actions.onGone }, signal);
  let view: ScanView | null = null;
  let shown = {
    isOpen: false,
    isSettling: false,
    hasDetails: !isQuiet && !browser.extension.inIncognitoContext,
  };
  let faces = new AbortController();
  let followed: ScanReport | null = null;
  let settling: ReturnType<typeof setTimeout> | undefined;

  const change = (changed: Partial<typeof shown>): void => {
    shown = { ...shown, ...changed };
    draw();
  };

  const draw = (): void => {
    if (view === null || signal.aborted) return;
    render(
      <ScanBadge
        state={view.state}
        evidence={view.evidence}
        isOpen={shown.isOpen}
        hasDetails={shown.hasDetails}
        isSilent={isQuiet && !isLoud(view)}
        isWide={isQuiet ? isLoud(view) : needsWords(view)}
        isFull={!isQuiet && (shown.isSettling || isWorking(view.state))}
        onToggle={toggle}
        onHide={actions.onGone}
        {...actions}
      />,
      place,
    );
    refreshPlace(shown.isOpen);
    followFaces(shown.isOpen && view.state.kind === 'finished' ? view.state.report : null);
  };

  /**
   * The judged faces are drawn on the video only while the card is open, since a closed badge must not tell the page
   * the verdict.
   */
  const followFaces = (report: ScanReport | null): void => {
    if (report === followed) return;
    followed = report;
    faces.abort();
    if (!report?.frameScores.length) return;
    faces = new AbortController();
    const { signal: whileOpen } = faces;
    // Without the script the card still says the same in words.
    onDemand('trueFrameFaces').then(
      (script) => script?.follow({ video, place, overlay, report }, whileOpen),
      () => undefined,
    );
  };

  const toggle = (isOpen: boolean): void => {
    change({ isOpen });
    if (isOpen && isQuiet && view) askForDetails(view.scanId);
    // The pressed button has disappeared, so the keyboard's focus goes to the button in its place.
    place.querySelector<HTMLElement>(isOpen ? 'header button' : '.open')?.focus({ preventScroll: true });
  };

  /** The host keeps the details of an automatic check for a while only, and may have none of a remembered verdict. */
  const askForDetails = (scanId: string): void => {
    ask('background', 'hasDetails', { scanId }).then(
      (hasDetails) => change({ hasDetails }),
      // The extension was updated or removed, and its details page has gone with it.
      () => undefined,
    );
  };

  const settle = (): void => {
    shown = { ...shown, isSettling: true };
    clearTimeout(settling);
    settling = setTimeout(() => {
      // A user who cancels a check wants the badge to disappear, once it has said that the check was cancelled.
      if (view?.state.kind === 'cancelled' && !shown.isOpen) actions.onGone();
      else change({ isSettling: false });
    }, SETTLING_MILLISECONDS);
  };

  place.addEventListener('keydown', ({ key, isTrusted }) => {
    if (isTrusted && key === 'Escape' && shown.isOpen) toggle(false);
  });
  signal.addEventListener('abort', () => {
    clearTimeout(settling);
    faces.abort();
    render(null, place);
  });

  return {
    show: (next) => {
      // A scan that ends because its badge was removed must not start the timer.
      if (signal.aborted) return;
      if (view !== null && isWorking(view.state) && !isWorking(next.state)) settle();
      view = next;
      draw();
    },
    open: () => {
      if (!shown.isOpen) toggle(true);
    },
  };
}

/** Whether a quiet badge shows its words by itself: it does for *likely manipulated* only. */
function isLoud({ state }: ScanView): boolean {
  return (
    state.kind === 'finished' &&
    state.report.used.model?.isDemo !== true &&
    state.report.verdict.kind === 'likely-manipulated'
  );
}

/**
 * Whether a badge by hand keeps showing its words: for a verdict that the user must not miss, for a step that the user
 * has to take, and for a demonstration model, whose verdict means nothing.
 */
function needsWords({ state }: ScanView): boolean {
  if (wordsOfState(state).remedy === 'install-model') return true;
  if (state.kind !== 'finished') return false;
  return state.report.used.model?.isDemo === true || state.report.verdict.kind === 'likely-manipulated';
}
