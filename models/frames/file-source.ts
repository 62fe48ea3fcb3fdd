import { isDetectorError } from '../../utils/domain/errors.ts';
import type { Sampling } from '../../utils/domain/evaluation.ts';
import type { FileProblem, ScannedVideo } from '../../utils/domain/scan.ts';
import { decodedSoFar, openShownFrame } from '../image/grab-frame.ts';
import { UNREADABLE } from './frame-source.ts';
import type { FrameSource, FrameSourceEnd, UncutFrame } from './frame-source.ts';
import { openSourceVideo, problemOf } from './seekable-video.ts';
import type { SourceAddress, SourceVideo } from './seekable-video.ts';

/** The page's statements about its video, which the file must match; null without a page. */
export type ExpectedVideo = Pick<ScannedVideo, 'widthPixels' | 'heightPixels' | 'durationSeconds'> | null;

/** Servers choose a size for each client, so another size of the same film is the same film. */
const MAX_ASPECT_DIFFERENCE = 0.02;
const MAX_DURATION_DIFFERENCE_SECONDS = 0.5;

export const PROTECTED: FrameSourceEnd = { kind: 'refused', reason: 'protected', isForeign: false };

export type FileSource = FrameSource<UncutFrame> & {
  /** Why the file could not be read, by the first address; null if it could be read, or if the reason is not known. */
  readonly problem: () => FileProblem | null;
};

export type FileSourceOptions = {
  /** From 1; null for as many as the file has to give. */
  readonly framesAsked: number | null;
  /** `linspace` where it is left out. */
  readonly sampling?: Sampling | undefined;
  readonly expected: ExpectedVideo;
  /** Whether the page has meanwhile put another video into the element. */
  readonly hasVideoGone: () => boolean;
};

/**
 * Frames from the file itself, at the original's own places in it, without waiting for anything to be played.
 * @param addresses tried in this order, until one opens
 */
export function createFileSource(
  addresses: readonly SourceAddress[],
  { framesAsked, sampling, expected, hasVideoGone }: FileSourceOptions,
): FileSource {
  let source: SourceVideo | null = null;
  let positions: readonly number[] = [];
  let nextPosition = 0;
  let frameIndex = 0;
  let lastSeconds = Number.NEGATIVE_INFINITY;
  let ending: FrameSourceEnd | null = null;
  let isClosed = false;
  let problem: FileProblem | null = null;

  const open = async (signal: AbortSignal): Promise<SourceVideo | null> => {
    for (const address of addresses) {
      try {
        const opened = await openSourceVideo(address, signal);
        if (!isClosed && isSameVideo(opened.video, expected)) return opened;
        opened.release();
      } catch (error) {
        if (!isDetectorError(error, 'source-refused')) throw error;
        problem ??= problemOf(error);
      }
    }
    return null;
  };

  /**
   * A frame that is shown for long lies at several places, but is only one frame.
   * @returns null at the end
   */
  const showNext = async ({ showFrame }: SourceVideo, signal: AbortSignal): Promise<number | null> => {
    while (nextPosition < positions.length) {
      const seconds = await showFrame(positions[nextPosition++]!, signal);
      if (seconds <= lastSeconds) continue;
      lastSeconds = seconds;
      return seconds;
    }
    return null;
  };

  const takeNext = async (signal: AbortSignal): Promise<UncutFrame | FrameSourceEnd> => {
    if (hasVideoGone()) return { kind: 'gone' };
    try {
      if (source === null) {
        source = await open(signal);
        if (source === null) return UNREADABLE;
        positions = framePositions(source.frameCount, framesAsked, sampling);
      }
      const mediaTimeSeconds = await showNext(source, signal);
      if (mediaTimeSeconds === null) return { kind: 'end' };
      // The page may have gone on to its next video while this one's file was being read.
      if (hasVideoGone()) return { kind: 'gone' };
      const { video } = source;
      const shown = openShownFrame(video);
      if (shown.kind !== 'frame') return shown.kind === 'refused' ? shown : UNREADABLE;
      return {
        frameIndex: frameIndex++,
        mediaTimeSeconds,
        size: { width: video.videoWidth, height: video.videoHeight },
        decoded: decodedSoFar(video),
        pixels: { kind: 'video-frame', picture: shown.picture },
      };
    } catch (error) {
      if (isDetectorError(error, 'source-protected')) return PROTECTED;
      if (!isDetectorError(error, 'source-refused')) throw error;
      problem ??= problemOf(error);
      // A file that breaks off in the middle is judged by the frames before.
      return frameIndex > 0 ? { kind: 'end' } : UNREADABLE;
    }
  };

  return {
    kind: 'source',
    problem: () => problem,
    nextFrame: async (signal) => {
      signal.throwIfAborted();
      if (ending !== null) return null;
      const taken = await takeNext(signal);
      if ('pixels' in taken) return taken;
      ending = taken;
      return null;
    },
    ending: () => ending,
    close: () => {
      isClosed = true;
      source?.release();
    },
  };
}

function isSameVideo(video: HTMLVideoElement, expected: ExpectedVideo): boolean {
  if (expected === null) return true;
  const { widthPixels, heightPixels, durationSeconds } = expected;
  const isOfThatLength =
    durationSeconds === null || Math.abs(video.duration - durationSeconds) <= MAX_DURATION_DIFFERENCE_SECONDS;
  // The page has not loaded its video yet, so there is nothing to compare with.
  if (widthPixels === 0 || heightPixels === 0) return isOfThatLength;
  const aspect = video.videoWidth / video.videoHeight;
  return isOfThatLength && Math.abs(aspect / (widthPixels / heightPixels) - 1) <= MAX_ASPECT_DIFFERENCE;
}

/** The most frames of a whole file, so that a scan of a film ends too: as many as of a playing video. */
export const MAX_FRAMES_OF_FILE = 600;

/**
 * The frames of a file that are examined. `linspace`, as the published results were made: `linspace(0, frameCount - 1,
 * framesAsked)` cut down to whole numbers. A file with fewer frames gives each once. `step`, as the authors' later code:
 * every ⌊frameCount / framesAsked⌋-th frame from the first one on, which is up to twice as many as were asked for.
 * @param framesAsked from 1; null for as many as the file has to give
 * @returns frame numbers from 0, rising
 */
export function framePositions(
  frameCount: number,
  framesAsked: number | null,
  sampling: Sampling = 'linspace',
): readonly number[] {
  const last = Math.max(0, Math.floor(frameCount) - 1);
  if (sampling === 'step' && framesAsked !== null) {
    const every = Math.max(1, Math.floor((last + 1) / framesAsked));
    return Array.from({ length: Math.floor(last / every) + 1 }, (_, index) => index * every);
  }
  const count = Math.min(framesAsked ?? MAX_FRAMES_OF_FILE, last + 1);
  if (count <= 1) return [0];
  const step = last / (count - 1);
  // numpy sets the last value to the end itself; a product could fall just below it.
  const positions = Array.from({ length: count }, (_, index) =>
    index === count - 1 ? last : Math.trunc(index * step),
  );
  return [...new Set(positions)];
}
