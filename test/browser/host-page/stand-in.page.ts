import type { CutRegion, HostToContent } from '../../../utils/domain/frames-port.ts';
import type { EvidenceFace, ScanState } from '../../../utils/domain/scan.ts';

/**
 * Does with the host's port what a content script does, with pictures instead of a video. Runs in a page of the
 * extension; the types are stripped and the file is evaluated as it is, so it imports nothing.
 */
export type StandInScan = {
  readonly scanId: string;
  readonly framesAsked: number | null;
  /** Frames as PNG in base64, a second apart. */
  readonly pngs: readonly string[];
};

export type StandInEnd = {
  readonly states: readonly ScanState[];
  readonly evidence: readonly (Omit<EvidenceFace, 'picture'> & { readonly sidePixels: number })[];
  /** Regions that the host asked for, frame by frame, as drawn. */
  readonly cuts: readonly (readonly CutRegion[])[];
};

/** The part of the extension's API that is used here. */
declare const chrome: {
  readonly runtime: { readonly connect: (options: { readonly name: string }) => StandInPort };
};
type StandInPort = {
  readonly onMessage: { readonly addListener: (listener: (message: HostToContent) => void) => void };
  readonly onDisconnect: { readonly addListener: (listener: () => void) => void };
  readonly postMessage: (message: unknown) => void;
  readonly disconnect: () => void;
};

const THUMBNAIL_SIDE = 640;
const cancels = new Set<() => void>();

async function runStandIn(scan: StandInScan): Promise<StandInEnd> {
  const frames = await Promise.all(scan.pngs.map(decode));
  const states: ScanState[] = [];
  const cuts: (readonly CutRegion[])[] = [];
  let evidence: StandInEnd['evidence'] = [];
  const port = chrome.runtime.connect({ name: 'frames' });
  const ended = Promise.withResolvers<undefined>();
  const cancel = (): void => ended.resolve(undefined);
  cancels.add(cancel);

  const sendFrame = (frameIndex: number): void => {
    const frame = frames[frameIndex];
    if (frame === undefined) {
      port.postMessage({ type: 'end' });
      return;
    }
    const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(frame.width, frame.height));
    const width = Math.round(frame.width * scale);
    const height = Math.round(frame.height * scale);
    port.postMessage({
      type: 'frame',
      frameIndex,
      mediaTimeSeconds: frameIndex,
      widthPixels: frame.width,
      heightPixels: frame.height,
      thumbnail: draw(frame, {
        left: 0,
        top: 0,
        width: frame.width,
        height: frame.height,
        outWidth: width,
        outHeight: height,
      }),
    });
  };

  port.onMessage.addListener((message) => {
    switch (message.type) {
      case 'state': {
        states.push(message.state);
        evidence = message.evidence.map(({ picture, ...face }) => ({ ...face, sidePixels: picture.width }));
        if (['finished', 'failed', 'cancelled'].includes(message.state.kind)) ended.resolve(undefined);
        break;
      }
      case 'cut':
        cuts.push(message.regions);
        port.postMessage({
          type: 'cuts',
          frameIndex: message.frameIndex,
          cuts: message.regions.map((region) => draw(frames[message.frameIndex]!, region)),
        });
        break;
      case 'frame-done':
        sendFrame(message.frameIndex + 1);
        break;
      case 'look':
        // The stand-in has no page that could contain a video.
        port.postMessage({ type: 'seen', seen: null });
        break;
      case 'source':
      case 'find-place':
        // The stand-in has its frames already, and no screen.
        break;
      default:
        message satisfies never;
    }
  });
  port.onDisconnect.addListener(() => {
    // Not called for the own `disconnect`.
    ended.reject(new Error('the host has closed the port'));
  });
  port.postMessage({
    type: 'start',
    scanId: scan.scanId,
    framesAsked: scan.framesAsked,
    video: {
      pageUrl: 'http://localhost/',
      title: 'a video',
      fileUrl: null,
      widthPixels: frames[0]?.width ?? 0,
      heightPixels: frames[0]?.height ?? 0,
      durationSeconds: frames.length,
    },
  });
  sendFrame(0);
  await ended.promise;
  cancels.delete(cancel);
  port.disconnect();
  return { states, evidence, cuts };
}

/** Closes every port at once, as a content script does whose user cancels. */
function cancelStandIns(): void {
  for (const cancel of cancels) cancel();
}

async function decode(png: string): Promise<ImageBitmap> {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  return await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
}

function draw(frame: ImageBitmap, region: CutRegion): ImageData {
  const { left, top, width, height, outWidth, outHeight } = region;
  const context = new OffscreenCanvas(outWidth, outHeight).getContext('2d', { alpha: false })!;
  context.setTransform(outWidth / width, 0, 0, outHeight / height, 0, 0);
  context.drawImage(frame, -left, -top);
  return context.getImageData(0, 0, outWidth, outHeight);
}

Object.assign(globalThis, { runStandIn, cancelStandIns });
