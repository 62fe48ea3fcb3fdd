import type { DescribedVideo } from '../../utils/domain/content-messages.ts';
import type { HostToContent } from '../../utils/domain/frames-port.ts';
import { ask } from '../../utils/browser/messages.ts';
import type { EvidenceFace, ScanFailureCode, ScanState } from '../../utils/domain/scan.ts';
import { describeScannedVideo } from './describe-video.ts';
import { decodedSoFar, grabFrame } from '../../models/image/grab-frame.ts';
import { createPictureCutter } from '../../models/image/picture-cutter.ts';
import { canShowPicture, createFrameLoop } from './frame-loop.ts';
import { isExtensionAlive, openHostPort } from './host-port.ts';
import type { HostPort } from './host-port.ts';
import { INITIAL_SCAN_CLIENT, mayBeginFrames, reduceScanClient } from './scan-client-state.ts';
import type { ScanClientEvent } from './scan-client-state.ts';
import { onDemand } from './on-demand.ts';

export type ScanView = {
  readonly scanId: string;
  readonly state: ScanState;
  readonly evidence: readonly EvidenceFace[];
};

/** The cause of a scan, and the source of its frames. */
export type AskedScan = {
  /** null for a check by hand. */
  readonly automatic: AutomaticScan | null;
  /** Only of a check by hand: the ticket that the background has issued for the user's action. */
  readonly ticket?: string;
  /** The user has asked for the screen. Left out, the host chooses the source. */
  readonly source?: 'screen' | undefined;
  /** Hides our badges while the screen is captured. @returns shows them again */
  readonly clearScreen: () => () => void;
};

export type ScanClient = {
  readonly view: () => ScanView;
  /** Ends the scan at once, without a verdict. */
  readonly cancel: () => void;
  /** Tells the host whether the video of an automatic check is out of sight (true) or back again (false). */
  readonly hold: (isHeld: boolean) => void;
};

/** The facts that only an automatic scan has. */
export type AutomaticScan = { readonly postUrl: string | null };

/**
 * Scans one video: takes its frames and sends them to the host. Of a frame that is too large to be sent, it keeps the
 * picture until the host has the parts that it asks for.
 * @param framesAsked from 1; null for as many as the video has to give
 * @param asked the cause of the scan, and the source of its frames
 * @param onView called with every change, up to the final state
 * @param onExtensionGone called where the extension was updated or removed, so that this script can reach no host
 * @param signal aborted where the page or the extension goes away: the scan ends without a further state
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
  const described: DescribedVideo = { ...describeScannedVideo(video), ...automatic };
  const cutter = createPictureCutter();
  const over = new AbortController();
  let client = INITIAL_SCAN_CLIENT;
  let port: HostPort | null = null;
  let restoreScreen: (() => void) | null = null;

  const view = (): ScanView => ({ scanId, state: client.scan, evidence: client.evidence });

  const dispatch = (event: ScanClientEvent): void => {
    const before = client;
    client = reduceScanClient(before, event);
    if (client.scan !== before.scan) onView(view());
    if (client.isOver && !before.isOver) finish();
    if (mayBeginFrames(client)) beginFrames();
  };

  const finish = (): void => {
    over.abort();
    cutter.release();
    restoreScreen?.();
    port?.close();
  };

  const fail = (code: ScanFailureCode, message: string = code): void => {
    if (client.isOver) return;
    const state: ScanState = { kind: 'failed', code, message };
    dispatch({ kind: 'ended', state });
    if (code === 'host-lost' && automatic === null) reportLoss(scanId, described, startedAt);
  };

  const loop = createFrameLoop(
    {
      video,
      framesAsked,
      take: async (mediaTimeSeconds) => {
        const grabbed = await grabFrame(video, cutter);
        // Meanwhile the scan was cancelled, or the element got another video, which this scan must not judge.
        if (client.isOver) return 'stop';
        switch (grabbed.kind) {
          case 'not-ready':
            return 'not-ready';
          case 'refused':
            port?.send({ type: 'refuse', reason: grabbed.reason, isForeign: grabbed.isForeign });
            return 'stop';
          case 'placed':
          case 'stored': {
            const facts = {
              frameIndex: client.framesSent,
              mediaTimeSeconds,
              decoded: decodedSoFar(video),
            };
            dispatch({ kind: 'frame-sent' });
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
        // The video has never shown a picture: it is not loaded, is hidden, or can't be decoded.
        if (framesTaken === 0) port?.send({ type: 'refuse', reason: 'unreadable' });
        else port?.send({ type: 'end', isStill });
      },
      onVideoGone: () => {
        port?.send({ type: 'video-gone' });
        fail('video-gone');
      },
    },
    AbortSignal.any([signal, over.signal]),
  );

  const onHostMessage = (message: HostToContent): void => {
    if (client.isOver) return;
    dispatch({ kind: 'host-says', message });
    const frameIndex = client.framesSent - 1;
    switch (message.type) {
      case 'state':
      case 'source':
        return;
      case 'find-place':
        if (video.mediaKeys) {
          port?.send({ type: 'refuse', reason: 'protected' });
          return;
        }
        restoreScreen ??= asked.clearScreen();
        void sendPlace(message.askId);
        return;
      case 'look':
        void onDemand('trueFrameScreen')
          .then((finder) => finder?.look(video))
          .catch(() => null)
          .then((seen) => port?.send({ type: 'seen', seen: seen ?? null }));
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

  const sendPlace = async (askId: number): Promise<void> => {
    // The browser refuses the script once the permission of the user's click has ended with its page.
    const finder = await onDemand('trueFrameScreen').catch(() => undefined);
    if (finder === undefined) {
      port?.send({ type: 'refuse', reason: 'unreadable' });
      return;
    }
    const place = await finder.findPlace(video);
    const { currentTime: mediaTimeSeconds, paused, ended } = video;
    port?.send({
      type: 'place',
      askId,
      place,
      mediaTimeSeconds,
      isPaused: paused || ended,
      // A video without a picture has size 0, which the message does not allow. Nothing of it is visible.
      widthPixels: video.videoWidth || 1,
      heightPixels: video.videoHeight || 1,
    });
  };

  const beginFrames = (): void => {
    dispatch({ kind: 'frames-begun' });
    if (canShowPicture(video)) loop.begin();
    else port?.send({ type: 'refuse', reason: 'unreadable' });
  };

  const failAsLost = (message?: string): void => {
    if (isExtensionAlive()) fail('host-lost', message);
    else onExtensionGone();
  };

  const connect = async (): Promise<void> => {
    try {
      const opened = await openHostPort(onHostMessage, () => failAsLost());
      port = opened;
      if (client.isOver) {
        opened.close();
        return;
      }
      opened.send({
        type: 'start',
        scanId,
        video: described,
        framesAsked,
        ...(asked.source !== undefined && { source: asked.source }),
        ...(asked.ticket !== undefined && { ticket: asked.ticket }),
        ...(automatic !== null && { isAutomatic: true }),
      });
      if (client.isHeld) opened.send({ type: 'hold', isHeld: true });
    } catch (error) {
      failAsLost(String(error));
    }
  };

  signal.addEventListener('abort', () => dispatch({ kind: 'abandoned' }), { signal: over.signal });
  if (signal.aborted) dispatch({ kind: 'abandoned' });
  onView(view());
  void connect();

  return {
    view,
    cancel: () => dispatch({ kind: 'ended', state: { kind: 'cancelled' } }),
    hold: (isHeld) => {
      dispatch({ kind: 'held', isHeld });
      port?.send({ type: 'hold', isHeld });
    },
  };
}

/** The host can't report its own end, so this script tells the background. */
function reportLoss(scanId: string, video: DescribedVideo, startedAt: number): void {
  ask('background', 'scanLost', { scanId, video, startedAt }).catch(() => {
    // The background is gone: the extension is being updated, and the popup loses the scan as well.
  });
}

/** `randomUUID` is missing in pages without https. */
function randomId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
