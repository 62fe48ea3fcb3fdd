/** Runs in a page of headless Chromium: encodes a video with an encoder, and cuts a face out of the decoded frames. */
import {
  ALL_FORMATS,
  BlobSource,
  BufferSource,
  BufferTarget,
  CanvasSink,
  CanvasSource,
  Input,
  Mp4OutputFormat,
  Output,
  Quality,
  WebMOutputFormat,
} from 'mediabunny';
import { drawScene, type Scene } from '../fixtures/videos/scenes.ts';

export type SqueezeRequest = {
  readonly picture:
    | { readonly kind: 'scene'; readonly scene: Scene; readonly width: number; readonly height: number }
    | { readonly kind: 'file'; readonly url: string };
  /** null: the picture is not encoded (again). */
  readonly encoding: { readonly codec: 'avc' | 'vp9'; readonly bitsPerSecond: number } | null;
  /** The frames that are examined. */
  readonly frames: readonly number[];
  /** The face's square in each frame, in pixels of the frame. */
  readonly squares: readonly Square[];
};
export type Square = { readonly left: number; readonly top: number; readonly side: number };

export type Squeezed = {
  /** RGBA, one picture for each frame. */
  readonly crops: readonly { readonly side: number; readonly base64: string }[];
  /** The encoder's rate; null where there was no encoder. */
  readonly bitsPerSecond: number | null;
};

const SQUEEZE_FRAMES = 75;
const FRAMES_PER_SECOND = 25;

export async function squeeze({ picture, encoding, frames, squares }: SqueezeRequest): Promise<Squeezed> {
  const drawn = picture.kind === 'scene' ? await openScene(picture) : await openFile(picture.url);
  const { canvas, draw } = drawn;
  if (encoding === null) {
    const crops = [];
    for (const [index, frame] of frames.entries()) {
      await draw(frame);
      crops.push(cropOf(canvas, squares[index]!));
    }
    return { crops, bitsPerSecond: null };
  }

  const target = new BufferTarget();
  const isMp4 = encoding.codec === 'avc';
  const format = isMp4 ? new Mp4OutputFormat({ fastStart: 'in-memory' }) : new WebMOutputFormat();
  const output = new Output({ format, target });
  const source = new CanvasSource(canvas, {
    codec: encoding.codec,
    quality: new Quality({ bitrate: encoding.bitsPerSecond }),
    keyFrameInterval: SQUEEZE_FRAMES / FRAMES_PER_SECOND,
  });
  output.addVideoTrack(source, { frameRate: FRAMES_PER_SECOND });
  await output.start();
  for (let frame = 0; frame < SQUEEZE_FRAMES; frame++) {
    await draw(frame);
    await source.add(frame / FRAMES_PER_SECOND, 1 / FRAMES_PER_SECOND);
  }
  await output.finalize();
  if (!target.buffer) throw new Error('nothing was written');

  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(target.buffer) });
  const sink = await sinkOf(input);
  const crops = [];
  for (const [index, frame] of frames.entries()) {
    const wrapped = await sink.getCanvas((frame + 0.5) / FRAMES_PER_SECOND);
    if (wrapped === null) throw new Error(`no frame ${frame}`);
    crops.push(cropOf(wrapped.canvas as OffscreenCanvas, squares[index]!));
  }
  const seconds = SQUEEZE_FRAMES / FRAMES_PER_SECOND;
  return { crops, bitsPerSecond: (target.buffer.byteLength * 8) / seconds };
}

/** Width and height of a file's picture, in pixels. */
export async function sizeOf(url: string): Promise<[number, number]> {
  const { canvas } = await openFile(url);
  return [canvas.width, canvas.height];
}

type Drawn = { readonly canvas: OffscreenCanvas; readonly draw: (frame: number) => Promise<void> };

async function openScene({
  scene,
  width,
  height,
}: {
  readonly scene: Scene;
  readonly width: number;
  readonly height: number;
}): Promise<Drawn> {
  const context = contextOf(width, height);
  const photographs = new Map<string, ImageBitmap>();
  if ('photograph' in scene) {
    const response = await fetch(`/photographs/${scene.photograph}`);
    photographs.set(scene.photograph, await createImageBitmap(await response.blob()));
  }
  return {
    canvas: context.canvas,
    draw: (frame) => {
      drawScene(context, scene, photographs, frame / SQUEEZE_FRAMES);
      return Promise.resolve();
    },
  };
}

async function openFile(url: string): Promise<Drawn> {
  const response = await fetch(url);
  const input = new Input({ formats: ALL_FORMATS, source: new BlobSource(await response.blob()) });
  const sink = await sinkOf(input);
  const first = await sink.getCanvas(0);
  if (first === null) throw new Error(`${url}: no picture`);
  const context = contextOf(first.canvas.width, first.canvas.height);
  return {
    canvas: context.canvas,
    draw: async (frame) => {
      const wrapped = await sink.getCanvas((frame + 0.5) / FRAMES_PER_SECOND);
      if (wrapped !== null) context.drawImage(wrapped.canvas, 0, 0);
    },
  };
}

async function sinkOf(input: Input): Promise<CanvasSink> {
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no video track');
  return new CanvasSink(track);
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) throw new Error('no 2D context');
  return context;
}

function cropOf(
  picture: OffscreenCanvas,
  { left, top, side }: Square,
): { readonly side: number; readonly base64: string } {
  const context = contextOf(side, side);
  context.drawImage(picture, left, top, side, side, 0, 0, side, side);
  const { data } = context.getImageData(0, 0, side, side);
  const CHUNK_BYTES = 8192;
  let binary = '';
  for (let start = 0; start < data.byteLength; start += CHUNK_BYTES) {
    binary += String.fromCharCode(...data.subarray(start, start + CHUNK_BYTES));
  }
  return { side, base64: btoa(binary) };
}
