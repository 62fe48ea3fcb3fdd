import { decodedSoFar } from '../../models/image/decoded-so-far.ts';
import type { HostToContent } from '../../utils/domain/frames-port.ts';
import { ask } from '../../utils/browser/messages.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { EvidenceFace, ScanFailureCode, ScannedVideo, ScanState } from '../../utils/domain/scan.ts';
import { describeScannedVideo } from './describe-video.ts';
import { grabFrame } from '../../models/image/grab-frame.ts';
import { createPictureCutter } from '../../models/image/picture-cutter.ts';
import { canShowPicture, createFrameLoop } from './frame-loop.ts';
import { screenFinder } from './screen-finder.ts';
import { isExtensionAlive, openHostPort } from './host-port.ts';
import type { HostPort } from './host-port.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';

export type ScanView = {
  readonly scanId: string;
  readonly state: ScanState;
  readonly evidence: readonly EvidenceFace[];
};

/** What led to a check, and how its frames are to come. */
export type AskedScan = {
  /** null for a check by hand. */
  readonly automatic: AutomaticScan | null;
  /** The user has asked for the screen; without it the host chooses. */
  readonly way?: 'screen' | undefined;
  /** Takes our badges out of the picture while the screen is looked at. @returns puts them back */
  readonly clearScreen: () => () => void;
};

export type ScanClient = {
  readonly view: () => ScanView;
  /** Stops at once; nothing is said about what was seen so far. */
  readonly cancel: () => void;
  /** Of an automatic check: its video is out of sight, or back again. */
  readonly hold: (isHeld: boolean) => void;
};

/** What makes it a check that nobody has asked for. */
export type AutomaticScan = { readonly postUrl: string | null };

/**
 * Checks one video: samples its frames, and keeps the one in flight to answer the host's cuts from where it can't be sent whole.
 * @param framesAsked from 1; null for as many as the video has to give
 * @param asked what led to it, and how its frames are to come
 * @param onView every change, up to the final state
 * @param onExtensionGone this script belongs to an extension that was updated or removed: nobody is left to ask
 * @param signal the page or the extension goes away: everything ends quietly
 */
export function startScan(
  video: HTMLVideoElement,
  framesAsked: number | null,
  asked: AskedScan,
  onView: (view: ScanView) => void,
  onExtensionGone: () => void,
  signal: AbortSignal,
): ScanClient {
  const { automatic } = asked;
  const scanId = randomId();
  const startedAt = Date.now();
  const described: ScannedVideo = { ...describeScannedVideo(video), ...automatic };
  const cutter = createPictureCutter();
  const over = new AbortController();
  let view: ScanView = { scanId, state: { kind: 'loading-model' }, evidence: [] };
  let port: HostPort | null = null;
  let frameIndex = -1;
  let hasBegun = false;
  let isTurn = false;
  let way: FrameSourceKind = 'element';
  let restoreScreen: (() => void) | null = null;
  let isHeld = false;

  const show = (state: ScanState, evidence: readonly EvidenceFace[] = []): void => {
    view = { scanId, state, evidence };
    onView(view);
  };

  const finish = (): void => {
    over.abort();
    cutter.release();
    restoreScreen?.();
    port?.close();
  };

  const fail = (code: ScanFailureCode, message: string): void => {
    if (over.signal.aborted) return;
    finish();
    const state: ScanState = { kind: 'failed', code, message };
    show(state);
    if (code === 'host-lost' && automatic === null) reportLoss(scanId, described, startedAt);
  };

  const loop = createFrameLoop(
    {
      video,
      framesAsked,
      take: async (mediaTimeSeconds) => {
        const grabbed = await grabFrame(video, cutter, true);
        // Meanwhile it was cancelled, or the element was given another video, of which nothing must be said.
        if (over.signal.aborted || signal.aborted) return 'stop';
        switch (grabbed.kind) {
          case 'not-ready':
            return 'not-ready';
          case 'refused':
            port?.send({ type: 'refuse', reason: grabbed.reason, isForeign: grabbed.isForeign });
            return 'stop';
          case 'placed':
          case 'stored': {
            frameIndex += 1;
            const facts = { frameIndex, mediaTimeSeconds, decoded: decodedSoFar(video) };
            port?.send(
              grabbed.kind === 'stored'
                ? { type: 'stored-frame', ...facts, ...grabbed.frame }
                : { type: 'frame', ...facts, ...cutter.frame() },
            );
            return 'taken';
          }
        }
      },
      onEnd: (framesTaken, isStill) => {
        // A video that never showed a picture in all that time: not loaded, hidden, or not decodable.
        if (framesTaken === 0) port?.send({ type: 'refuse', reason: 'unreadable' });
        else port?.send({ type: 'end', isStill });
      },
      onVideoGone: () => {
        port?.send({ type: 'video-gone' });
        fail('video-gone', 'the video went away');
      },
    },
    AbortSignal.any([signal, over.signal]),
  );

  const onHostMessage = (message: HostToContent): void => {
    switch (message.type) {
      case 'state':
        show(message.state, message.evidence);
        if (isFinal(message.state)) finish();
        else if (message.state.kind !== 'waiting') {
          isTurn = true;
          beginFrames();
        }
        return;
      case 'way':
        way = message.way;
        // The host could not read the file after all.
        if (isTurn) beginFrames();
        return;
      case 'find-place':
        if (video.mediaKeys) {
          port?.send({ type: 'refuse', reason: 'protected' });
          return;
        }
        restoreScreen ??= asked.clearScreen();
        void sendPlace(message.lookId);
        return;
      case 'cut':
        if (message.frameIndex !== frameIndex) return;
        port?.send({ type: 'cuts', frameIndex, cuts: cutter.cut(message.regions) });
        return;
      case 'frame-done':
        if (message.frameIndex === frameIndex) loop.frameDone();
        return;
    }
  };

  const sendPlace = async (lookId: number): Promise<void> => {
    // Where the browser does not let the script in, its permission has ended with the page.
    const finder = await screenFinder().catch(() => null);
    if (finder === null) {
      port?.send({ type: 'refuse', reason: 'unreadable' });
      return;
    }
    const place = await finder.findPlace(video);
    const { currentTime: mediaTimeSeconds, paused, ended } = video;
    port?.send({
      type: 'place',
      lookId,
      place,
      mediaTimeSeconds,
      isPaused: paused || ended,
      // Nothing is visible of a video without any picture.
      widthPixels: video.videoWidth || 1,
      heightPixels: video.videoHeight || 1,
    });
  };

  /** A video that waits for others is not looked at before its turn: its frames would be old by then. */
  const beginFrames = (): void => {
    if (hasBegun || way !== 'element' || over.signal.aborted) return;
    hasBegun = true;
    if (!canShowPicture(video)) {
      port?.send({ type: 'refuse', reason: 'unreadable' });
      return;
    }
    loop.begin();
  };

  const failAsLost = (message: string): void => {
    if (isExtensionAlive()) fail('host-lost', message);
    else onExtensionGone();
  };

  const connect = async (): Promise<void> => {
    try {
      const opened = await openHostPort(onHostMessage, () => failAsLost('the host went away'));
      port = opened;
      if (over.signal.aborted || signal.aborted) {
        opened.close();
        return;
      }
      opened.send({
        type: 'start',
        scanId,
        video: described,
        framesAsked,
        ...(asked.way !== undefined && { way: asked.way }),
        ...(automatic !== null && { isAutomatic: true }),
      });
      if (isHeld) opened.send({ type: 'hold', isHeld });
    } catch (error) {
      failAsLost(String(error));
    }
  };

  signal.addEventListener('abort', finish, { signal: over.signal });
  show(view.state);
  void connect();

  return {
    view: () => view,
    cancel: () => {
      if (over.signal.aborted) return;
      finish();
      show({ kind: 'cancelled' });
    },
    hold: (held) => {
      isHeld = held;
      port?.send({ type: 'hold', isHeld });
    },
  };
}

/** The host can't say that it is gone, so the background hears it from here. */
function reportLoss(scanId: string, video: ScannedVideo, startedAt: number): void {
  ask('background', 'scanLost', { scanId, video, startedAt }).catch(() => {
    // Nobody is left to tell: the extension is being updated, and the popup forgets the scan with it.
  });
}

/** Not `randomUUID`, which pages without https don't have. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
