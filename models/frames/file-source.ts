import { decodedSoFar } from '../image/decoded-so-far.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { grabFrame } from '../image/grab-frame.ts';
import type { ScanMessage } from '../../utils/domain/frames-port.ts';
import type { ScannedVideo } from '../../utils/domain/scan.ts';
import { framePositions } from './frame-positions.ts';
import { createLocalWay } from './local-frames.ts';
import type { Way } from './local-frames.ts';
import { openSourceVideo } from './seekable-video.ts';
import type { SourceAddress, SourceVideo } from './seekable-video.ts';

/** What the page says of the video that it shows, to tell that the file is the same one; null where no page does. */
export type ExpectedVideo = Pick<ScannedVideo, 'widthPixels' | 'heightPixels' | 'durationSeconds'> | null;

/** Servers choose a quality by what they are asked from: another size of the same film is the same film. */
const MAX_ASPECT_DIFFERENCE = 0.02;
const MAX_DURATION_DIFFERENCE_SECONDS = 0.5;

const UNREADABLE: ScanMessage = { type: 'refuse', reason: 'unreadable' };
const PROTECTED: ScanMessage = { type: 'refuse', reason: 'protected' };

/**
 * Frames from the file itself, at the original's own places in it, without waiting for anything to be played.
 * @param addresses tried in this order, until one opens
 * @param framesAsked from 1; null for as many as the file has to give
 * @param hasVideoGone whether the page has meanwhile put another video in its place
 */
export function createSourceWay(
  addresses: readonly SourceAddress[],
  framesAsked: number | null,
  expected: ExpectedVideo,
  hasVideoGone: () => boolean,
): Way {
  let source: SourceVideo | null = null;
  let positions: readonly number[] = [];
  let nextPosition = 0;
  let lastSeconds = Number.NEGATIVE_INFINITY;
  let isReleased = false;

  const open = async (signal: AbortSignal): Promise<SourceVideo | null> => {
    for (const address of addresses) {
      try {
        const opened = await openSourceVideo(address, signal);
        if (!isReleased && isSameVideo(opened.video, expected)) return opened;
        opened.release();
      } catch (error) {
        if (!isDetectorError(error, 'source-refused')) throw error;
      }
    }
    return null;
  };

  /** Where one frame is shown for long it lies at several places, and is one frame all the same. @returns null at the end */
  const showNext = async ({ showFrame }: SourceVideo, signal: AbortSignal): Promise<number | null> => {
    while (nextPosition < positions.length) {
      const seconds = await showFrame(positions[nextPosition++]!, signal);
      if (seconds <= lastSeconds) continue;
      lastSeconds = seconds;
      return seconds;
    }
    return null;
  };

  return createLocalWay(
    async (cutter, frameIndex, signal) => {
      if (hasVideoGone()) return { type: 'video-gone' };
      try {
        if (source === null) {
          source = await open(signal);
          if (source === null) return UNREADABLE;
          positions = framePositions(source.frameCount, framesAsked);
        }
        const mediaTimeSeconds = await showNext(source, signal);
        if (mediaTimeSeconds === null) return { type: 'end' };
        // The page may have gone on to its next video while this one's file was being read.
        if (hasVideoGone()) return { type: 'video-gone' };
        const grabbed = await grabFrame(source.video, cutter, false);
        signal.throwIfAborted();
        if (grabbed.kind === 'placed') {
          const decoded = decodedSoFar(source.video);
          return { type: 'frame', frameIndex, mediaTimeSeconds, decoded, ...cutter.frame() };
        }
        return grabbed.kind === 'refused' ? { type: 'refuse', reason: grabbed.reason } : UNREADABLE;
      } catch (error) {
        if (isDetectorError(error, 'source-protected')) return PROTECTED;
        if (!isDetectorError(error, 'source-refused')) throw error;
        // A file that breaks off in the middle is judged by what there was.
        return frameIndex > 0 ? { type: 'end' } : UNREADABLE;
      }
    },
    () => {
      isReleased = true;
      source?.release();
    },
  );
}

function isSameVideo(video: HTMLVideoElement, expected: ExpectedVideo): boolean {
  if (expected === null) return true;
  const { widthPixels, heightPixels, durationSeconds } = expected;
  const isOfThatLength =
    durationSeconds === null || Math.abs(video.duration - durationSeconds) <= MAX_DURATION_DIFFERENCE_SECONDS;
  // Not loaded yet in the page: nothing to compare with.
  if (widthPixels === 0 || heightPixels === 0) return isOfThatLength;
  const aspect = video.videoWidth / video.videoHeight;
  return isOfThatLength && Math.abs(aspect / (widthPixels / heightPixels) - 1) <= MAX_ASPECT_DIFFERENCE;
}
