import { describeScannedVideo, postLinksOf } from './describe-video.ts';
import { listen, trusted } from '../../utils/browser/dom.ts';
import { isExtensionAlive } from '../../utils/browser/frame-world.ts';
import type { AutomaticChecks, AutomaticOutcome } from '../../utils/browser/frame-world.ts';
import { ask } from '../../utils/browser/messages.ts';
import type { RequestOf } from '../../utils/browser/protocol.ts';
import type { CheckOutcome } from '../../utils/domain/page-video.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import { createBadge } from './badge.tsx';
import type { Badge, BadgeActions } from './badge.tsx';
import { createBadgePositioner } from './badge-positioner.ts';
import { automaticOutcome, decideOnEvent, decideOnRequest } from './check-policy.ts';
import type { CheckEvent, CheckStatus, Manner } from './check-policy.ts';
import type { Overlay } from './overlay.ts';
import { startScan } from './scan-client.ts';
import type { AskedScan, ScanClient, ScanView } from './scan-client.ts';

/** A check by hand, without its video. */
type CheckRequest = Omit<RequestOf<'checkVideo'>, 'target'>;

/** The checks of this frame's videos. */
export type Checks = {
  readonly checkByHand: (video: HTMLVideoElement, request: CheckRequest) => CheckOutcome;
  readonly cancel: (scanId: string) => void;
  readonly isByHand: (video: HTMLVideoElement) => boolean;
  /** Id of the scan behind the video's badge; null if the video has no badge. */
  readonly scanIdOf: (video: HTMLVideoElement) => string | null;
  readonly automatic: AutomaticChecks;
};

type Check = {
  readonly video: HTMLVideoElement;
  readonly manner: Manner;
  /** Called when an automatic check is over and may be asked for again. */
  readonly onEnd: (outcome: AutomaticOutcome) => void;
  /** Ends the scan and removes the badge. */
  readonly life: AbortController;
  /** Aborted by `life`, and at the end of the script. */
  readonly signal: AbortSignal;
  scan: ScanClient | null;
  badge: Badge | null;
  /** The scan's state as the badge shows it. */
  view: ScanView | null;
  /** The video is out of sight or paused. */
  isHeld: boolean;
};

/**
 * Holds one check for each video element: by hand or automatic, running or ended, with its badge.
 * @param endScript ends the whole content script: the extension is gone, or only automatic checks needed the script
 */
export function createChecks(overlay: Overlay, endScript: () => void, signal: AbortSignal): Checks {
  const checks = new Map<HTMLVideoElement, Check>();
  let showsQuietInFullScreen = false;
  const positioner = createBadgePositioner(overlay, () => showsQuietInFullScreen);

  const add = (asked: Pick<Check, 'video' | 'manner' | 'onEnd'>): Check => {
    const { video } = asked;
    const present = checks.get(video);
    if (present) end(present);
    const life = new AbortController();
    const ofCheck = AbortSignal.any([signal, life.signal]);
    const check = { ...asked, life, signal: ofCheck, scan: null, badge: null, view: null, isHeld: false };
    checks.set(video, check);
    // Sites play the next video in the same element, on which the last video's verdict must not stay.
    const onEmptied = trusted(() => tell(check, 'video-replaced'));
    video.addEventListener('emptied', onEmptied, { signal: ofCheck });
    return check;
  };

  const end = (check: Check): void => {
    if (checks.get(check.video) === check) checks.delete(check.video);
    check.life.abort();
  };

  const tell = (check: Check, event: CheckEvent): void => {
    switch (decideOnEvent(statusOf(check), event)) {
      case 'cancel-scan':
        check.scan?.cancel();
        return;
      case 'end':
        end(check);
        return;
      case 'end-for-now':
        end(check);
        check.onEnd('later');
        return;
      case 'keep':
    }
  };

  const scan = (check: Check, framesAsked: number | null, asked: AskedScan): void => {
    const onView = (view: ScanView): void => showScan(check, view);
    check.scan = startScan(check.video, framesAsked, asked, onView, endScript, check.signal);
    if (check.isHeld) check.scan.hold(true);
  };

  const showScan = (check: Check, view: ScanView): void => {
    if (check.signal.aborted) return;
    if (check.manner === 'by-hand') {
      show(check, view);
      return;
    }
    // An automatic check shows the user nothing before its verdict.
    if (!isFinal(view.state)) return;
    const outcome = automaticOutcome(view.state);
    if (outcome === 'shown') show(check, view);
    else end(check);
    check.onEnd(outcome === 'shown' ? 'done' : outcome);
  };

  const show = (check: Check, view: ScanView): void => {
    check.view = view;
    check.badge ??= createBadge(
      check.video,
      { overlay, positioner, manner: check.manner, actions: actionsOf(check) },
      check.signal,
    );
    check.badge.show(view);
  };

  const actionsOf = (check: Check): BadgeActions => ({
    onCancel: () => check.scan?.cancel(),
    onCheckAgain: () => void checkAgain(check),
    onUseScreen: () => void checkAgain(check, 'screen'),
    onAllowHost: (host) => void checkOnceAllowed(check, host),
    onDetails: () =>
      void answerOf(ask('background', 'openPage', { page: 'report', scanId: check.view?.scanId ?? null })),
    onInstallModel: () => void answerOf(ask('background', 'openPage', { page: 'welcome', scanId: null })),
    onGone: () => tell(check, check.video.isConnected ? 'badge-dismissed' : 'video-removed'),
  });

  /** @returns undefined if the background does not answer; after an update it never does, and this script ends */
  const answerOf = async <Value>(question: Promise<Value>): Promise<Value | undefined> => {
    try {
      return await question;
    } catch {
      if (!isExtensionAlive()) endScript();
      return undefined;
    }
  };

  const checkAgain = async (check: Check, source?: 'screen'): Promise<void> => {
    const scanId = check.view?.scanId ?? '';
    const request = await answerOf(ask('background', 'askAgain', { scanId, source }));
    if (request !== undefined) checkByHand(check.video, { ...request, ...(source && { source }) });
  };

  /** The browser asks the user for the permission, which it does only upon a click. */
  const checkOnceAllowed = async (check: Check, host: string): Promise<void> => {
    if (await answerOf(ask('background', 'requestHost', { host }))) await checkAgain(check);
  };

  const checkByHand: Checks['checkByHand'] = (video, { framesAsked, ...request }) => {
    const present = checks.get(video);
    const decision = decideOnRequest('by-hand', present ? statusOf(present) : null);
    if (present?.view && decision === 'open-badge') {
      present.badge?.open();
      return { kind: 'running', scanId: present.view.scanId };
    }
    const check =
      present && decision === 'scan-again'
        ? present
        : add({ video, manner: 'by-hand', onEnd: () => undefined });
    scan(check, framesAsked, { automatic: null, ...request, clearScreen: overlay.hide });
    return { kind: 'started', scanId: check.scan!.view().scanId };
  };

  const begin = async (check: Check): Promise<void> => {
    const { fileUrl, isServed = false, durationSeconds } = describeScannedVideo(check.video);
    const request = { links: postLinksOf(check.video), fileUrl, isServed, durationSeconds };
    const beginning = await ask('background', 'beginAutomatic', request);
    if (check.signal.aborted) return;
    switch (beginning.kind) {
      case 'not-now':
        end(check);
        check.onEnd('later');
        return;
      case 'remembered':
        show(check, { scanId: beginning.scanId, state: beginning.state, evidence: [] });
        check.onEnd('done');
        return;
      case 'check':
        // An automatic check never captures the screen, so no badge has to be hidden for it.
        scan(check, beginning.framesAsked, {
          automatic: { postUrl: beginning.postUrl },
          clearScreen: () => () => undefined,
        });
    }
  };

  const startAutomatic: AutomaticChecks['start'] = (video, onEnd) => {
    const present = checks.get(video);
    if (decideOnRequest('automatic', present ? statusOf(present) : null) === 'refuse') return null;
    const check = add({ video, manner: 'automatic', onEnd });
    begin(check).catch(() => {
      // The background does not answer: the extension is being updated.
      if (check.signal.aborted) return;
      end(check);
      onEnd('failed');
    });
    return {
      hold: (isHeld) => {
        check.isHeld = isHeld;
        check.scan?.hold(isHeld);
      },
      end: () => end(check),
    };
  };

  const onPageHide = trusted(() => {
    for (const check of [...checks.values()]) tell(check, 'page-left');
  });
  listen(window, 'pagehide', onPageHide, { signal });

  return {
    checkByHand,
    cancel: (scanId) => {
      for (const { view, scan: running } of checks.values()) if (view?.scanId === scanId) running?.cancel();
    },
    isByHand: (video) => checks.get(video)?.manner === 'by-hand',
    scanIdOf: (video) => checks.get(video)?.view?.scanId ?? null,
    automatic: {
      start: startAutomatic,
      endAll: () => {
        for (const check of [...checks.values()]) if (check.manner === 'automatic') end(check);
        // Without a check by hand nothing of the extension stays in the page.
        if (checks.size === 0) endScript();
      },
      showInFullScreen: (isShown) => {
        showsQuietInFullScreen = isShown;
      },
    },
  };
}

function statusOf({ manner, view }: Check): CheckStatus {
  return { manner, shown: view?.state ?? null };
}
