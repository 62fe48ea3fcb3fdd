import { hasCanvasNoise } from '../image/canvas-noise.ts';
import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import type { ScanMessage, PageBox, ScreenPlace } from '../../utils/domain/frames-port.ts';
import type { ScreenProblem } from '../../utils/domain/scan.ts';
import type { PortChannel } from '../host/scan-channel.ts';
import { createLocalWay } from './local-frames.ts';
import type { Way } from './local-frames.ts';
import { screenPart } from './screen-part.ts';
import type { ScreenPart } from './screen-part.ts';

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

const UNREADABLE: ScanMessage = { type: 'refuse', reason: 'unreadable' };

export type ScreenWay = Way & {
  /** Captured pixels for each of the video's own, the least of all frames; null before the first. */
  readonly scale: () => number | null;
  /** What kept it from giving a single frame; null where it gave one, or the matter is another. */
  readonly problem: () => ScreenProblem | null;
};

/**
 * Frames from the screen: the visible part of the video in what the tab shows. The page's process says where its
 * video is, and never gets the captured picture; of the faces found in it the content script is sent up to six as evidence, as
 * of every way.
 * @param page the content script
 * @param capture the tab's visible page; null where there is none just now. @throws DetectorError `page-refused`
 */
export function createScreenWay(
  page: PortChannel,
  capture: () => Promise<ImageBitmap | null>,
  framesAsked: number | null,
): ScreenWay {
  const framesWanted = framesAsked ?? MAX_FRAMES_OF_SCREEN;
  const taken: number[] = [];
  let lastCaptureAt = Number.NEGATIVE_INFINITY;
  let isStill = false;
  let scale: number | null = null;
  let problem: ScreenProblem | null = null;

  const askPlace = createPlaceAsker(page);

  const way = createLocalWay(
    async (cutter, frameIndex, signal): Promise<ScanMessage | null> => {
      // What is captured goes through a canvas.
      if (hasCanvasNoise()) return { type: 'refuse', reason: 'canvas-noise' };
      const startedAt = performance.now();
      while (frameIndex < framesWanted && !isStill) {
        if (performance.now() - startedAt > PATIENCE_MILLISECONDS) break;
        await pause(lastCaptureAt + CAPTURE_MILLISECONDS - performance.now(), signal);
        const answer = await askPlace(signal);
        // Frozen, or in a tab that draws nothing just now.
        if (answer === null) continue;
        if (answer.type !== 'place') {
          // Not even the script that finds the video could be put there.
          if (answer.type === 'refuse' && answer.reason === 'unreadable') problem = 'not-let-in';
          return answer;
        }
        const { place, mediaTimeSeconds, isPaused } = answer;
        const isTaken = taken.some((time) => Math.abs(time - mediaTimeSeconds) < MIN_MEDIA_GAP_SECONDS);
        lastCaptureAt = performance.now();
        if (isTaken || place.visible === null) continue;
        const captured = await captureOrRefusal(capture);
        if (captured === 'refused') {
          problem = 'not-let-in';
          return UNREADABLE;
        }
        if (captured === null) continue;
        try {
          signal.throwIfAborted();
          // Pages are scrolled and move their players: what was captured meanwhile may be another video's picture.
          const after = await askPlace(signal);
          if (after !== null && after.type !== 'place') return after;
          if (after === null || !isSamePlace(place, after.place)) continue;
          const found = screenPart(place, captured, answer);
          if (found === null) continue;
          cutter.paint(found.size.width, found.size.height, (context) =>
            paintScreen(context, captured, found),
          );
          taken.push(mediaTimeSeconds);
          isStill = isPaused;
          scale = Math.min(scale ?? Infinity, found.scale);
          return { type: 'frame', frameIndex, mediaTimeSeconds, ...cutter.frame() };
        } finally {
          captured.close();
        }
      }
      if (frameIndex > 0) return { type: 'end', isStill };
      problem = 'not-in-sight';
      return UNREADABLE;
    },
    () => undefined,
  );
  return { ...way, scale: () => scale, problem: () => problem };
}

/**
 * Asks the content script where its video is now.
 * @returns its answer, or null where none came in time; later it is left out
 */
export function createPlaceAsker(page: PortChannel): (signal: AbortSignal) => Promise<ScanMessage | null> {
  let lookId = 0;
  return async (signal) => {
    lookId++;
    page.post({ type: 'find-place', lookId });
    for (;;) {
      const answer = await page.next(PLACE_TIMEOUT_MILLISECONDS, signal);
      if (answer?.type === 'stored-frame') {
        throw new DetectorError('internal', 'a frame from the content script, whose screen is looked at');
      }
      // To a question that nobody waits for any more: where the video was then.
      if (answer?.type === 'place' && answer.lookId !== lookId) continue;
      return answer;
    }
  };
}

/** The video's part of the screen over the whole of the canvas; what in it is not the video's becomes black. */
function paintScreen(
  context: OffscreenCanvasRenderingContext2D,
  captured: ImageBitmap,
  { part: { left, top, width, height }, blanks, size }: ScreenPart,
): void {
  context.imageSmoothingEnabled = width !== size.width || height !== size.height;
  context.imageSmoothingQuality = 'high';
  context.drawImage(captured, left, top, width, height, 0, 0, size.width, size.height);
  const across = size.width / width;
  const down = size.height / height;
  for (const blank of blanks) {
    context.fillRect(
      (blank.left - left) * across,
      (blank.top - top) * down,
      blank.width * across,
      blank.height * down,
    );
  }
}

/** Whether nothing has moved by more than a pixel between two looks. */
export function isSamePlace(one: ScreenPlace, other: ScreenPlace): boolean {
  return (
    one.viewportWidth === other.viewportWidth &&
    one.viewportHeight === other.viewportHeight &&
    isSameBox(one.picture, other.picture) &&
    (one.visible === null || other.visible === null
      ? one.visible === other.visible
      : isSameBox(one.visible, other.visible)) &&
    one.covered.length === other.covered.length &&
    one.covered.every((box, index) => isSameBox(box, other.covered[index]!))
  );
}

function isSameBox(one: PageBox, other: PageBox): boolean {
  return (['left', 'top', 'width', 'height'] as const).every(
    (side) => Math.abs(one[side] - other[side]) <= 1,
  );
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
