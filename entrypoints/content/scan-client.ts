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
  /** Of a check by hand: the background's, for the user's action. */
  readonly ticket?: string;
  /** The user has asked for the screen; without it the host chooses. */
  readonly source?: 'screen' | undefined;
  /** Hides our badges while the screen is captured. @returns shows them again */
  readonly clearScreen: () => () => void;
};

export type ScanClient = {
  readonly view: () => ScanView;
  /** Stops at once, without a verdict. */
  readonly cancel: () => void;
  /** Of an automatic check: its video is out of sight, or back again. */
  readonly hold: (isHeld: boolean) => void;
};

/** What an automatic scan has in addition. */
export type AutomaticScan = { readonly postUrl: string | null };

/**
 * Scans one video: samples its frames, and keeps a frame that is too large to be sent until the host has its cuts.
 * @param framesAsked from 1; null for as many as the video has to give
 * @param asked the cause of the check, and where its frames are to come from
 * @param onView every change, up to the final state
 * @param onExtensionGone this script belongs to an extension that was updated or removed: no host can be asked
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

  const fail = (code: ScanFailureCode, message: string): void => {
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
        // Meanwhile it was cancelled, or the element was given another video, of which nothing must be said.
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
    // Where the browser does not let the script in, its permission has ended with the page.
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
      // Nothing is visible of a video without any picture.
      widthPixels: video.videoWidth || 1,
      heightPixels: video.videoHeight || 1,
    });
  };

  const beginFrames = (): void => {
    dispatch({ kind: 'frames-begun' });
    if (canShowPicture(video)) loop.begin();
    else port?.send({ type: 'refuse', reason: 'unreadable' });
  };

  const failAsLost = (message: string): void => {
    if (isExtensionAlive()) fail('host-lost', message);
    else onExtensionGone();
  };

  const connect = async (): Promise<void> => {
    try {
      const opened = await openHostPort(onHostMessage, () => failAsLost('the host went away'));
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

/** The host can't say that it is gone, so the background hears it from here. */
function reportLoss(scanId: string, video: DescribedVideo, startedAt: number): void {
  ask('background', 'scanLost', { scanId, video, startedAt }).catch(() => {
    // Nobody is left to tell: the extension is being updated, and the popup forgets the scan with it.
  });
}

/** Not `randomUUID`, which pages without https don't have. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
