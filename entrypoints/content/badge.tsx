import { render } from 'preact';
import { ScanBadge } from '../../components/badge/scan-badge.tsx';
import { isWorking } from '../../components/badge/scan-progress.ts';
import { wordsOfState } from '../../components/report/verdict-words.ts';
import { ask } from '../../utils/browser/messages.ts';
import { followVideo } from './follow-video.ts';
import type { Overlay } from './overlay.ts';
import type { ScanView } from './scan-client.ts';

export type BadgeActions = {
  readonly onCancel: () => void;
  readonly onCheckAgain: () => void;
  readonly onDetails: () => void;
  readonly onInstallModel: () => void;
  readonly onUseScreen: () => void;
  readonly onAllowHost: (host: string) => void;
  /** The badge was dismissed, or its video has left the page. */
  readonly onGone: () => void;
};

export type Badge = {
  readonly show: (view: ScanView) => void;
  /** Opens the card, as a second check of the same video does. */
  readonly open: () => void;
  readonly remove: () => void;
};

/** How long a result that was asked for keeps its words before the pill shrinks to its icon. */
const SETTLING_MILLISECONDS = 5000;

/** Of a badge that nobody has asked for. */
export type BadgeManner = {
  /** Only *likely manipulated* is said without being asked. */
  readonly isQuiet: boolean;
  readonly follow: typeof followVideo;
};

/** The badge on one video. Gone with `signal`. */
export function createBadge(
  video: HTMLVideoElement,
  overlay: Overlay,
  actions: BadgeActions,
  signal: AbortSignal,
  { isQuiet, follow }: BadgeManner = { isQuiet: false, follow: followVideo },
): Badge {
  const gone = new AbortController();
  const life = AbortSignal.any([signal, gone.signal]);
  const place = overlay.addPlace('place', life);
  let view: ScanView | null = null;
  let isOpen = false;
  let isSettling = false;
  let hasDetails = !isQuiet;
  let settling: ReturnType<typeof setTimeout> | undefined;

  const leave = (): void => {
    gone.abort();
    actions.onGone();
  };

  /** Of a quiet check they are kept for a while only, and of a remembered verdict perhaps not at all. */
  const askForDetails = (scanId: string): void => {
    ask('background', 'hasDetails', { scanId }).then(
      (isKnown) => {
        hasDetails = isKnown;
        draw();
      },
      // The extension is gone, and every page of it.
      () => undefined,
    );
  };

  const toggle = (open: boolean): void => {
    isOpen = open;
    if (open && isQuiet && view) askForDetails(view.scanId);
    draw();
    // The button that was pressed is gone; the keyboard goes on where it was.
    place.querySelector<HTMLElement>(open ? 'header button' : '.open')?.focus({ preventScroll: true });
  };

  const draw = (): void => {
    if (view === null || life.aborted) return;
    render(
      <ScanBadge
        state={view.state}
        evidence={view.evidence}
        isOpen={isOpen}
        hasDetails={hasDetails}
        isSilent={isQuiet && !isLoud(view)}
        isWide={isQuiet ? isLoud(view) : isSettling || speaksUp(view)}
        onToggle={toggle}
        onHide={leave}
        {...actions}
      />,
      place,
    );
    lookAgain();
  };

  const lookAgain = follow(video, place, overlay, () => isOpen, leave, life);
  place.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen) toggle(false);
  });
  life.addEventListener('abort', () => {
    clearTimeout(settling);
    render(null, place);
  });

  return {
    show: (next) => {
      // A scan that ends because its badge has gone must not start the timer below: by then there may be another badge.
      if (life.aborted) return;
      const hasEnded = view !== null && isWorking(view.state) && !isWorking(next.state);
      view = next;
      if (hasEnded) {
        isSettling = true;
        clearTimeout(settling);
        settling = setTimeout(() => {
          isSettling = false;
          // Whoever cancels wants it gone; the words have said that it is.
          if (view?.state.kind === 'cancelled' && !isOpen) leave();
          else draw();
        }, SETTLING_MILLISECONDS);
      }
      draw();
    },
    open: () => {
      if (!isOpen) toggle(true);
    },
    remove: leave,
  };
}

function isLoud({ state }: ScanView): boolean {
  return (
    state.kind === 'finished' &&
    state.report.used.model?.isDemo !== true &&
    state.report.verdict.kind === 'likely-manipulated'
  );
}

/** Words at once: progress, what the user should not miss or has to do, and that a verdict means nothing. */
function speaksUp({ state }: ScanView): boolean {
  if (isWorking(state) || wordsOfState(state).remedy === 'install-model') return true;
  if (state.kind !== 'finished') return false;
  return state.report.used.model?.isDemo === true || state.report.verdict.kind === 'likely-manipulated';
}
