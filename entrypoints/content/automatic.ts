import type { AutomaticChecks, AutomaticOutcome } from '../../utils/browser/frame-world.ts';
import { ask } from '../../utils/browser/messages.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { ScanState } from '../../utils/domain/scan.ts';
import { createBadge } from './badge.tsx';
import type { Badge } from './badge.tsx';
import { describeScannedVideo } from './describe-video.ts';
import type { Overlay } from './overlay.ts';
import { postOfVideo } from './post-of-video.ts';
import { createQuietFollower } from './quiet-follower.ts';
import { startScan } from './scan-client.ts';
import type { ScanClient, ScanView } from './scan-client.ts';

/** As the badges' script sees it, and what the checks by hand need of it. */
export type Automatic = AutomaticChecks & {
  /** A check by hand of this video begins: what was begun by itself ends, and its badge goes. */
  readonly giveWay: (video: HTMLVideoElement) => void;
  /** Of the last automatic check that has led to a badge on this video. */
  readonly scanIdOf: (video: HTMLVideoElement) => string | null;
};

export type AutomaticDeps = {
  readonly overlay: Overlay;
  /** Whether it is or was checked by hand: that says more, and has a badge already. */
  readonly isCheckedByHand: (video: HTMLVideoElement) => boolean;
  readonly checkByHand: (video: HTMLVideoElement) => void;
  readonly openPage: (page: 'welcome' | 'report', scanId: string | null) => void;
  readonly onExtensionGone: () => void;
};

type Running = {
  readonly life: AbortController;
  readonly onEnd: (outcome: AutomaticOutcome) => void;
  scan: ScanClient | null;
  badge: Badge | null;
  scanId: string | null;
  isHeld: boolean;
};

/** Automatic checks: nothing is shown before there is a verdict, and then a small mark. */
export function createAutomatic(deps: AutomaticDeps, signal: AbortSignal): Automatic {
  const running = new Map<HTMLVideoElement, Running>();
  let showsInFullScreen = false;
  const follow = createQuietFollower(deps.overlay, () => showsInFullScreen, signal);

  const end = (video: HTMLVideoElement): void => {
    const own = running.get(video);
    if (own === undefined) return;
    running.delete(video);
    own.life.abort();
    own.scan?.cancel();
    own.badge?.remove();
  };

  const show = (video: HTMLVideoElement, own: Running, view: ScanView): void => {
    own.scanId = view.scanId;
    own.badge ??= createBadge(
      video,
      deps.overlay,
      {
        onCancel: () => end(video),
        onCheckAgain: () => deps.checkByHand(video),
        onDetails: () => deps.openPage('report', own.scanId),
        onInstallModel: () => deps.openPage('welcome', null),
        // Never offered by a check that nobody has asked for.
        onUseScreen: () => deps.checkByHand(video),
        onAllowHost: () => deps.checkByHand(video),
        onGone: () => {
          end(video);
          // Lists take elements out and put them back, with the same video: then it is shown again.
          if (!video.isConnected) own.onEnd('later');
        },
      },
      own.life.signal,
      { isQuiet: true, follow },
    );
    own.badge.show(view);
  };

  const begin = async (video: HTMLVideoElement, own: Running): Promise<void> => {
    const { onEnd } = own;
    const { signal: life } = own.life;
    const { fileUrl, durationSeconds } = describeScannedVideo(video);
    const postUrl = postOfVideo(video);
    const beginning = await ask('background', 'beginAutomatic', { postUrl, fileUrl, durationSeconds });
    if (life.aborted) return;
    switch (beginning.kind) {
      case 'not-now':
        end(video);
        onEnd('later');
        return;
      case 'remembered':
        show(video, own, { scanId: beginning.scanId, state: beginning.state, evidence: [] });
        onEnd('done');
        return;
      case 'check': {
        const onView = (view: ScanView): void => {
          if (life.aborted || !isFinal(view.state)) return;
          const outcome = outcomeOf(view.state);
          if (outcome === 'shown') show(video, own, view);
          else end(video);
          onEnd(outcome === 'shown' ? 'done' : outcome);
        };
        own.scan = startScan(
          video,
          beginning.framesAsked,
          // Its own badge is no part of what the element shows, and the screen is never looked at unasked.
          { automatic: { postUrl }, clearScreen: () => () => undefined },
          onView,
          deps.onExtensionGone,
          AbortSignal.any([signal, life]),
        );
        if (own.isHeld) own.scan.hold(true);
      }
    }
  };

  const endAll = (): void => {
    for (const video of [...running.keys()]) end(video);
  };

  // The browser closes the ports of a page that it keeps for "back"; when that comes back its verdicts are as they were.
  addEventListener(
    'pagehide',
    () => {
      for (const [video, { badge, onEnd }] of running) {
        if (badge) continue;
        end(video);
        onEnd('later');
      }
    },
    { signal },
  );

  return {
    start: (video, onEnd) => {
      if (deps.isCheckedByHand(video)) return null;
      end(video);
      const own: Running = {
        life: new AbortController(),
        onEnd,
        scan: null,
        badge: null,
        scanId: null,
        isHeld: false,
      };
      running.set(video, own);
      // Sites play the next video in the same element: nothing that was said of the last one may stay on it.
      video.addEventListener('emptied', () => end(video), { signal: own.life.signal });
      begin(video, own).catch(() => {
        // The extension is being updated: whatever was begun here ends with it.
        end(video);
        onEnd('failed');
      });
      return {
        hold: (isHeld) => {
          own.isHeld = isHeld;
          own.scan?.hold(isHeld);
        },
        end: () => {
          if (running.get(video) === own) end(video);
        },
      };
    },
    endAll,
    showInFullScreen: (isShown) => {
      showsInFullScreen = isShown;
    },
    giveWay: end,
    scanIdOf: (video) => running.get(video)?.scanId ?? null,
  };
}

/** What failed is not shown where nobody has asked; where it may go better the next time it is tried again. */
function outcomeOf(state: ScanState): 'shown' | AutomaticOutcome {
  switch (state.kind) {
    case 'finished': {
      const { verdict } = state.report;
      if (verdict.kind !== 'refused') return 'shown';
      switch (verdict.reason) {
        case 'too-few-frames':
          return 'failed';
        case 'model-missing':
          return 'later';
        case 'no-face':
        case 'face-too-small':
          return 'shown';
        default:
          // What the browser keeps closed: a mark on every post of a site would say nothing of any.
          return 'done';
      }
    }
    case 'failed':
      return state.code === 'model-invalid' || state.code === 'internal' ? 'done' : 'failed';
    case 'cancelled':
    case 'waiting':
    case 'loading-model':
    case 'running':
      return 'done';
  }
}
