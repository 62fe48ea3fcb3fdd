import { ask } from '../../utils/browser/messages.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import { createAutomatic } from './automatic.ts';
import type { Automatic } from './automatic.ts';
import { createBadge } from './badge.tsx';
import type { Badge, BadgeActions } from './badge.tsx';
import { openChooser } from './chooser.tsx';
import { describePageVideo, describeScannedVideo } from './describe-video.ts';
import { isExtensionAlive } from './host-port.ts';
import { createOverlay } from './overlay.ts';
import type { Point } from './pointed-videos.ts';
import { startScan } from './scan-client.ts';
import type { ScanClient } from './scan-client.ts';
import { chooseVideo, createVideoIds } from './video-choice.ts';
import { findVideos, isOfSize } from './videos-in-frame.ts';
import type { CheckOutcome, CheckTarget, PageVideo } from '../../utils/domain/page-video.ts';

/** What this frame's content script can do; the messages of the same names. */
export type Checks = {
  readonly check: (target: CheckTarget, framesAsked: number | null, way?: 'screen') => CheckOutcome;
  readonly list: () => readonly PageVideo[];
  readonly cancel: (scanId: string) => void;
  readonly automatic: Automatic;
};

type Checked = {
  readonly video: HTMLVideoElement;
  readonly badge: Badge;
  readonly scan: ScanClient;
};

/**
 * One scan and one badge for each video element, however often it is asked for.
 * @param end of the whole script: the extension is gone, or was here for automatic badges alone
 */
export function createChecks(lastPoint: () => Point | null, end: () => void, signal: AbortSignal): Checks {
  const videoIds = createVideoIds();
  const overlay = createOverlay(signal);
  const checked = new Map<HTMLVideoElement, Checked>();
  let chooser: { readonly close: () => void } | null = null;

  const start = (video: HTMLVideoElement, framesAsked: number | null, way?: 'screen'): CheckOutcome => {
    const known = checked.get(video);
    if (known && !isFinal(known.scan.view().state)) {
      known.badge.open();
      return { kind: 'running', scanId: known.scan.view().scanId };
    }
    automatic.giveWay(video);
    const badge = known?.badge ?? addBadge(video, framesAsked);
    const asked = { automatic: null, way, clearScreen: overlay.hide };
    const scan = startScan(video, framesAsked, asked, badge.show, end, signal);
    checked.set(video, { video, badge, scan });
    return { kind: 'started', scanId: scan.view().scanId };
  };

  const addBadge = (video: HTMLVideoElement, framesAsked: number | null): Badge => {
    const gone = new AbortController();
    const life = AbortSignal.any([signal, gone.signal]);
    const actions: BadgeActions = {
      onCancel: () => checked.get(video)?.scan.cancel(),
      onCheckAgain: () => void start(video, framesAsked),
      onUseScreen: () => void start(video, framesAsked, 'screen'),
      onAllowHost: (host) => void allowHost(host).then((isAllowed) => isAllowed && start(video, framesAsked)),
      onDetails: () => openPage('report', checked.get(video)?.scan.view().scanId ?? null),
      onInstallModel: () => openPage('welcome', null),
      onGone: () => {
        gone.abort();
        checked.get(video)?.scan.cancel();
        checked.delete(video);
      },
    };
    const badge = createBadge(video, overlay, actions, life);
    // Sites play the next video in the same element: the verdict on the last one must not stay on it. A scan that
    // is under way hears of it by itself and says so.
    const onEmptied = (): void => {
      const scan = checked.get(video)?.scan;
      if (scan && isFinal(scan.view().state)) badge.remove();
    };
    video.addEventListener('emptied', onEmptied, { signal: life });
    return badge;
  };

  // The browser closes the ports of a page that it keeps for "back": that is no failure of the host.
  addEventListener(
    'pagehide',
    () => {
      for (const { scan } of checked.values()) scan.cancel();
    },
    { signal },
  );

  const openPage = (page: 'welcome' | 'report', scanId: string | null): void => {
    ask('background', 'openPage', { page, scanId }).catch(() => {
      if (!isExtensionAlive()) end();
    });
  };

  /** The browser asks the user; the click that led here is what lets it. */
  const allowHost = async (host: string): Promise<boolean> => {
    try {
      return await ask('background', 'requestHost', { host });
    } catch {
      if (!isExtensionAlive()) end();
      return false;
    }
  };

  const checkByHand = async (video: HTMLVideoElement): Promise<void> => {
    try {
      start(video, await ask('background', 'getFramesAsked', null));
    } catch {
      if (!isExtensionAlive()) end();
    }
  };

  const automatic = createAutomatic(
    {
      overlay,
      isCheckedByHand: (video) => checked.has(video),
      checkByHand: (video) => void checkByHand(video),
      openPage,
      onExtensionGone: end,
    },
    signal,
  );

  return {
    automatic: {
      ...automatic,
      endAll: () => {
        automatic.endAll();
        // Where nobody has asked for anything by hand, nothing of ours is left in the page.
        if (checked.size === 0) end();
      },
    },
    check: (target, framesAsked, way) => {
      chooser?.close();
      const choice = chooseVideo(target, videoIds, lastPoint());
      switch (choice.kind) {
        case 'none':
          return { kind: 'no-video' };
        case 'video':
          return start(choice.video, framesAsked, way);
        case 'several': {
          const labels = choice.videos.map((video) => describeScannedVideo(video).title);
          const onChoose = (video: HTMLVideoElement): void => void start(video, framesAsked, way);
          chooser = openChooser(choice.videos, labels, overlay, onChoose, signal);
          return { kind: 'choosing' };
        }
      }
    },
    list: () =>
      findVideos(document)
        .filter((video) => isOfSize(video) || checked.has(video))
        .map((video) =>
          describePageVideo(
            video,
            videoIds.of(video),
            checked.get(video)?.scan.view().scanId ?? automatic.scanIdOf(video),
          ),
        ),
    cancel: (scanId) => {
      for (const { scan } of checked.values()) {
        if (scan.view().scanId === scanId) scan.cancel();
      }
    },
  };
}
