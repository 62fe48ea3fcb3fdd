import { isDetectorError } from '../../utils/domain/errors.ts';
import type { DecodeReply, DecodeRequest } from '../frames/ffmpeg/decode-protocol.ts';
import { createFfmpegRunner } from '../frames/ffmpeg/ffmpeg-runner.ts';
import type { FfmpegCore } from '../frames/ffmpeg/ffmpeg-runner.ts';
import { readFfmpegFrames } from '../frames/ffmpeg/ffmpeg-video.ts';
import type { FfmpegFrame } from '../frames/ffmpeg/ffmpeg-video.ts';
import { shownSize, toVideoFrame } from '../frames/ffmpeg/picture.ts';
import { problemOf } from '../frames/seekable-video.ts';

/** Decodes one file with FFmpeg. Its runs block this Worker: the document watches the time, and ends it. */

const inPackage = (path: string): string => new URL(`/ffmpeg/${path}`, self.location.origin).href;

/** 32 MB, compiled once; each core has its own memory. */
let compiled: Promise<WebAssembly.Module> | undefined;
let frames: AsyncGenerator<FfmpegFrame, void> | undefined;

self.addEventListener('message', ({ data }: MessageEvent<DecodeRequest>) => {
  switch (data.type) {
    case 'open':
      frames = readFfmpegFrames(createFfmpegRunner(startCore, data.file), data.framesAsked, data.sampling);
      break;
    case 'next':
      void answer();
      break;
    default:
      data satisfies never;
  }
});

async function answer(): Promise<void> {
  const reply = await nextReply();
  self.postMessage(reply, { transfer: reply.type === 'frame' ? [reply.picture] : [] });
}

async function nextReply(): Promise<DecodeReply> {
  try {
    const next = await frames!.next();
    if (next.done === true) return { type: 'end' };
    const { info, averageByteLength } = next.value;
    return {
      type: 'frame',
      mediaTimeSeconds: info.seconds,
      size: shownSize(info),
      averageByteLength,
      picture: toVideoFrame(next.value),
    };
  } catch (error) {
    if (isDetectorError(error, 'source-protected')) return { type: 'protected' };
    return { type: 'refused', problem: problemOf(error) ?? 'damaged', message: String(error) };
  }
}

async function startCore(): Promise<FfmpegCore> {
  const { default: createCore } = (await import(/* @vite-ignore */ inPackage('ffmpeg-core.js'))) as {
    readonly default: (options: object) => Promise<FfmpegCore>;
  };
  compiled ??= WebAssembly.compileStreaming(fetch(inPackage('ffmpeg-core.wasm')));
  const module = await compiled;
  return await new Promise((resolve, reject) => {
    const instantiateWasm = (
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance) => void,
    ): object => {
      // Emscripten does not notice a failure here, so it is passed on by hand.
      WebAssembly.instantiate(module, imports).then(receive, reject);
      return {};
    };
    createCore({ instantiateWasm }).then(resolve, reject);
  });
}
