import { createCuttingSource } from '../../../models/frames/cutting-source.ts';
import { createFileSource } from '../../../models/frames/file-source.ts';
import type { FrameSource } from '../../../models/frames/frame-source.ts';
import { createElementSource } from '../../../models/frames/port-source.ts';
import type { ContentToHost, StoredPicture } from '../../../utils/domain/content-messages.ts';
import type { CutRegion, HostToContent } from '../../../utils/domain/frames-port.ts';
import { createPictureCutter } from '../../../models/image/picture-cutter.ts';
import type { RasterImage } from '../../../models/image/raster-image.ts';
import { copyStored } from '../../../models/image/stored-picture.ts';

type StoredFrame = Extract<ContentToHost, { readonly type: 'stored-frame' }>;

const { signal } = new AbortController();

/** The engine's version of a frame that was sent whole: its thumbnail, and a part of it. */
async function restoreFrame(
  message: StoredFrame,
  region: CutRegion,
): Promise<{ readonly thumbnail: RasterImage; readonly cut: RasterImage | undefined }> {
  const { source, asked } = elementSource([message]);
  const frame = await source.nextFrame(signal);
  const cuts = await frame?.cut([region]);
  if (!frame || !cuts || asked.length > 0) {
    throw new Error(`${JSON.stringify(source.ending())}, asked of the page: ${JSON.stringify(asked)}`);
  }
  const restored = { thumbnail: frame.thumbnail(), cut: cuts[0] };
  frame.close();
  source.close();
  return restored;
}

/**
 * The engine's source over a content script that sends these messages and then nothing, and the messages to that
 * script.
 */
function elementSource(messages: readonly ContentToHost[]): {
  readonly source: FrameSource;
  readonly asked: readonly HostToContent[];
} {
  const left = [...messages];
  const asked: HostToContent[] = [];
  const page = {
    post: (message: HostToContent) => void asked.push(message),
    next: () => Promise.resolve(left.shift() ?? null),
    sawVideoGone: () => false,
    look: () => Promise.resolve(null),
  };
  return { source: createCuttingSource(createElementSource(page)), asked };
}

/** The properties that TypeScript's library does not know yet. */
export type FrameDescription = Omit<VideoFrameBufferInit, 'timestamp' | 'colorSpace'> & {
  readonly rotation?: number;
  readonly flip?: boolean;
  readonly colorSpace?: Readonly<Record<string, string | boolean>>;
};

export type FrameComparison = {
  readonly isStored: boolean;
  /** Number of different pixels between the whole picture as shown and a canvas's drawing of the same frame. */
  readonly differentPixels: number;
};

/** Takes a frame of these properties, whose pixels are made up, the way that a video's frame takes. */
async function compareFrame(description: FrameDescription): Promise<FrameComparison> {
  const picture = new VideoFrame(madeUpBytes(description), {
    ...description,
    timestamp: 0,
  });
  const { width, height } = shownSize(picture, description);
  const stored = await copyStored(picture, (byteLength) => new Uint8ClampedArray(byteLength));
  const whole = { left: 0, top: 0, width, height, outWidth: width, outHeight: height };
  const cut = stored
    ? (await restoreFrame(asMessage(stored, width, height), whole)).cut
    : await cutHere(picture, whole);
  const expected = drawn(picture, width, height);
  picture.close();
  return { isStored: stored !== null, differentPixels: countDifferent(expected, cut) };
}

async function cutHere(picture: VideoFrame, whole: CutRegion): Promise<ImageData | undefined> {
  const cutter = createPictureCutter();
  await cutter.place(picture, whole.width, whole.height);
  return cutter.cut([whole])[0];
}

function asMessage(stored: StoredPicture, widthPixels: number, heightPixels: number): StoredFrame {
  return { type: 'stored-frame', frameIndex: 0, mediaTimeSeconds: 0, widthPixels, heightPixels, stored };
}

/** Smooth and rough, and enough for any format of 8 bits. */
function madeUpBytes({ codedWidth, codedHeight }: FrameDescription): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 4 * codedWidth * codedHeight }, (_, at) =>
    at % 3 === 0 ? (at * 37) & 255 : 60 + ((at >> 4) & 127),
  );
}

function shownSize({ visibleRect }: VideoFrame, { rotation = 0 }: FrameDescription): DOMRectReadOnly {
  if (visibleRect === null) throw new Error('a frame without a picture');
  const { width, height } = visibleRect;
  return rotation % 180 === 0 ? visibleRect : new DOMRectReadOnly(0, 0, height, width);
}

function drawn(picture: VideoFrame, width: number, height: number): ImageData {
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) throw new Error('no 2d context');
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

function countDifferent(expected: ImageData, found: Omit<RasterImage, 'channels'> | undefined): number {
  if (found?.width !== expected.width || found.height !== expected.height) return Infinity;
  let count = 0;
  for (let at = 0; at < expected.data.length; at += 4) {
    const isSame = [0, 1, 2, 3].every((channel) => expected.data[at + channel] === found.data[at + channel]);
    if (!isSame) count++;
  }
  return count;
}

/**
 * The messages that reach the page when frames are cut there, sent whole, and cut there again, and the result for each
 * frame.
 */
async function mixFrames(): Promise<{
  readonly asked: readonly string[];
  readonly given: readonly string[];
}> {
  const picture = new VideoFrame(madeUpBytes({ format: 'I420', codedWidth: 64, codedHeight: 48 }), {
    format: 'I420',
    codedWidth: 64,
    codedHeight: 48,
    timestamp: 0,
    colorSpace: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false },
  });
  const stored = await copyStored(picture, (byteLength) => new Uint8ClampedArray(byteLength));
  picture.close();
  if (stored === null) throw new Error('not stored');
  const thumbnail = new ImageData(64, 48);
  const facts = { mediaTimeSeconds: 0, widthPixels: 64, heightPixels: 48 };
  const cuts = (frameIndex: number): ContentToHost => ({
    type: 'cuts',
    frameIndex,
    cuts: [new ImageData(8, 8)],
  });
  const { source, asked } = elementSource([
    { type: 'frame', frameIndex: 0, thumbnail, ...facts },
    cuts(0),
    { ...asMessage(stored, 64, 48), frameIndex: 1 },
    { ...asMessage(stored, 64, 48), frameIndex: 2 },
    { type: 'frame', frameIndex: 3, thumbnail, ...facts },
    cuts(3),
    { type: 'end' },
  ]);
  const region = { left: 0, top: 0, width: 8, height: 8, outWidth: 8, outHeight: 8 };
  const given: string[] = [];
  for (let frame = await source.nextFrame(signal); frame; frame = await source.nextFrame(signal)) {
    const [cut] = (await frame.cut([region])) ?? [];
    given.push(`${String(frame.frameIndex)}: ${String(cut?.width)}×${String(cut?.height)}`);
    // Nothing is kept of the frame, but the next frame can still be restored.
    frame.close();
  }
  given.push(String(source.ending()?.kind));
  return {
    asked: asked.map((message) => `${message.type} ${'frameIndex' in message ? message.frameIndex : ''}`),
    given,
  };
}

/** The engine's answer to a frame sent whole, if this document's canvases alter the pixels that are read from them. */
async function restoreUnderNoise(): Promise<unknown> {
  addNoise();
  const bytes = new Uint8ClampedArray(96);
  const layout = [0, 64, 80].map((offset, plane) => ({ offset, stride: plane === 0 ? 8 : 4 }));
  const colorSpace = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;
  const stored = {
    format: 'I420',
    bytes,
    layout,
    codedWidth: 8,
    codedHeight: 8,
    colorSpace,
    rotation: 0,
    flip: false,
  } as const;
  return await firstOf(elementSource([asMessage(stored, 8, 8)]).source);
}

/** The first frame of a file at that address, or why there is none. */
async function readFile(url: string, isNoisy: boolean): Promise<unknown> {
  if (isNoisy) addNoise();
  const options = { framesAsked: 3, expected: null, hasVideoGone: () => false };
  return await firstOf(createCuttingSource(createFileSource([{ url, isWithCors: false }], options)));
}

async function firstOf(source: FrameSource): Promise<unknown> {
  const frame = await source.nextFrame(signal);
  frame?.close();
  source.close();
  return frame === null ? source.ending() : 'frame';
}

function addNoise(): void {
  const { prototype } = OffscreenCanvasRenderingContext2D;
  const read = Object.getOwnPropertyDescriptor(prototype, 'getImageData')
    ?.value as typeof prototype.getImageData;
  prototype.getImageData = function (...at) {
    const pixels = read.apply(this, at);
    pixels.data[5]! ^= 1;
    return pixels;
  };
}

Object.assign(globalThis, { restoreFrame, compareFrame, mixFrames, restoreUnderNoise, readFile });
