import type { Sampling } from '../../../utils/domain/evaluation.ts';
import type { FileProblem } from '../../../utils/domain/scan.ts';
import type { FileSource } from '../file-source.ts';
import { PROTECTED } from '../file-source.ts';
import { UNREADABLE } from '../frame-source.ts';
import type { FrameSourceEnd, UncutFrame } from '../frame-source.ts';
import type { DecodeReply, DecodeRequest } from './decode-protocol.ts';

export type FfmpegSourceOptions = {
  /** From 1; null for as many as the file has to give. */
  readonly framesAsked: number | null;
  /** `linspace` where it is left out. */
  readonly sampling?: Sampling | undefined;
  /** The source ends this Worker. */
  readonly startWorker: () => Worker;
  /** Given by tests only. */
  readonly maxSilenceMilliseconds?: number;
};

/**
 * The longest time for one answer, in which the file is opened or up to 32 frames are decoded. HEVC at 4K takes a
 * quarter of a second a frame, and key frames lie up to ten seconds apart. A damaged file may keep a decoder busy for
 * ever.
 */
const MAX_SILENCE_MILLISECONDS = 90_000;

/**
 * Frames of a file that the browser can't decode, at the same places as those of `createFileSource`. FFmpeg runs in a Worker,
 * which is started at the first frame and reads the file by ranges.
 */
export function createFfmpegSource(
  file: Blob,
  {
    framesAsked,
    sampling,
    startWorker,
    maxSilenceMilliseconds = MAX_SILENCE_MILLISECONDS,
  }: FfmpegSourceOptions,
): FileSource {
  let worker: Worker | null = null;
  let frameIndex = 0;
  let ending: FrameSourceEnd | null = null;
  let problem: FileProblem | null = null;
  let isClosed = false;

  const end = (): void => {
    worker?.terminate();
    worker = null;
  };

  const openWorker = (): Worker => {
    const opened = startWorker();
    opened.postMessage({ type: 'open', file, framesAsked, sampling } satisfies DecodeRequest);
    return opened;
  };

  const ask = async (signal: AbortSignal): Promise<DecodeReply> => {
    worker ??= openWorker();
    const current = worker;
    const over = new AbortController();
    const reply = new Promise<DecodeReply>((resolve, reject) => {
      const options = { signal: over.signal };
      const fail = (message: string): void => resolve({ type: 'refused', problem: 'damaged', message });
      const timer = setTimeout(() => fail('the decoder does not answer'), maxSilenceMilliseconds);
      over.signal.addEventListener('abort', () => clearTimeout(timer));
      current.addEventListener('message', ({ data }: MessageEvent<DecodeReply>) => resolve(data), options);
      current.addEventListener('error', ({ message }) => fail(message), options);
      signal.addEventListener('abort', () => reject(signal.reason as Error), options);
    });
    current.postMessage({ type: 'next' } satisfies DecodeRequest);
    try {
      return await reply;
    } catch (error) {
      // A run can be interrupted in no other way.
      end();
      throw error;
    } finally {
      over.abort();
    }
  };

  const take = (reply: DecodeReply): UncutFrame | FrameSourceEnd => {
    switch (reply.type) {
      case 'frame': {
        const { mediaTimeSeconds, size, averageByteLength, picture } = reply;
        const frames = frameIndex + 1;
        return {
          frameIndex: frameIndex++,
          mediaTimeSeconds,
          size,
          ...(averageByteLength !== null && {
            decoded: { byteLength: Math.max(1, Math.round(frames * averageByteLength)), frames },
          }),
          pixels: { kind: 'video-frame', picture },
        };
      }
      case 'end':
        return { kind: 'end' };
      case 'protected':
        return PROTECTED;
      case 'refused':
        problem = reply.problem;
        // A file that breaks off in the middle is judged by the frames before.
        return frameIndex > 0 ? { kind: 'end' } : UNREADABLE;
      default:
        return reply satisfies never;
    }
  };

  return {
    kind: 'ffmpeg',
    problem: () => problem,
    nextFrame: async (signal) => {
      signal.throwIfAborted();
      if (ending !== null || isClosed) return null;
      const taken = take(await ask(signal));
      if ('pixels' in taken) return taken;
      end();
      ending = taken;
      return null;
    },
    ending: () => ending,
    close: () => {
      isClosed = true;
      end();
    },
  };
}
