import type { ScanChannel } from '../../../models/scan/channel.ts';
import { isDetectorError } from '../../../utils/errors.ts';
import type { ContentToHost } from '../../../utils/frames-port.ts';
import { createLocalWay } from './local-frames.ts';
import type { Way } from './local-frames.ts';
import { screenPart } from './screen-part.ts';

/** The browser allows two captures a second (`MAX_CAPTURE_VISIBLE_TAB_CALLS_PER_SECOND`); a little under that. */
const CAPTURE_MILLISECONDS = 550;
/** A content script answers after two drawn frames; one that does not is frozen or gone. */
const PLACE_TIMEOUT_MILLISECONDS = 10_000;
/** As long as the element way waits for a video that stalls, is paused or is out of sight. */
const PATIENCE_MILLISECONDS = 20_000;
/** "As many as the video has to give", at two a second: a minute. */
const MAX_FRAMES_OF_SCREEN = 120;
/** One frame at 50 per second: what is closer to a taken frame is that frame again. */
const MIN_MEDIA_GAP_SECONDS = 0.02;

const UNREADABLE: ContentToHost = { type: 'refuse', reason: 'unreadable' };

export type ScreenWay = Way & {
  /** Captured pixels for each of the video's own, the least of all frames; null before the first. */
  readonly scale: () => number | null;
};

/**
 * Frames from the screen: the visible part of the video in what the tab shows. The page's process never gets the
 * picture; it only says where its video is.
 * @param page the content script
 * @param capture the tab's visible page; null where there is none just now. @throws DetectorError `page-refused`
 */
export function createScreenWay(
  page: ScanChannel,
  capture: () => Promise<ImageBitmap | null>,
  framesAsked: number | null,
  videoWidthPixels: number,
): ScreenWay {
  const framesWanted = framesAsked ?? MAX_FRAMES_OF_SCREEN;
  const taken: number[] = [];
  let lastCaptureAt = Number.NEGATIVE_INFINITY;
  let isStill = false;
  let scale: number | null = null;

  const way = createLocalWay(
    async (grabber, frameIndex, signal): Promise<ContentToHost | null> => {
      const startedAt = performance.now();
      while (frameIndex < framesWanted && !isStill) {
        if (performance.now() - startedAt > PATIENCE_MILLISECONDS) break;
        await pause(lastCaptureAt + CAPTURE_MILLISECONDS - performance.now(), signal);
        page.post({ type: 'find-place' });
        const answer = await page.next(PLACE_TIMEOUT_MILLISECONDS, signal);
        if (answer?.type !== 'place') return answer;
        const { place, mediaTimeSeconds, isPaused } = answer;
        const isTaken = taken.some((time) => Math.abs(time - mediaTimeSeconds) < MIN_MEDIA_GAP_SECONDS);
        lastCaptureAt = performance.now();
        if (isTaken || place.visible === null) continue;
        const captured = await captureOrRefusal(capture);
        signal.throwIfAborted();
        if (captured === 'refused') return UNREADABLE;
        if (captured === null) continue;
        const found = screenPart(place, captured, videoWidthPixels);
        const frame = found === null ? null : grabber.hold(captured, found.part, found.blanks, found.size);
        captured.close();
        if (found === null || frame === null) continue;
        taken.push(mediaTimeSeconds);
        isStill = isPaused;
        scale = Math.min(scale ?? Infinity, found.scale);
        return { type: 'frame', frameIndex, mediaTimeSeconds, ...frame };
      }
      return frameIndex === 0 ? UNREADABLE : { type: 'end', isStill };
    },
    () => undefined,
  );
  return { ...way, scale: () => scale };
}

/** The user's click counts for the page on which it was made: after a navigation the browser captures no more. */
async function captureOrRefusal(
  capture: () => Promise<ImageBitmap | null>,
): Promise<ImageBitmap | 'refused' | null> {
  try {
    return await capture();
  } catch (error) {
    if (isDetectorError(error, 'page-refused')) return 'refused';
    throw error;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
