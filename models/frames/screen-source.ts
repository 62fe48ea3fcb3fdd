import { isDetectorError } from '../../utils/domain/errors.ts';
import type { ContentToHost, PageBox, ScreenPlace } from '../../utils/domain/content-messages.ts';
import type { ScreenProblem } from '../../utils/domain/scan.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import { UNREADABLE } from './frame-source.ts';
import type { FrameSourceEnd, UncutFrame } from './frame-source.ts';
import { endingOf, unexpected } from './port-source.ts';
import type { ContentPort } from './port-source.ts';
import { screenPart } from './screen-part.ts';

/** The browser allows two captures a second (`MAX_CAPTURE_VISIBLE_TAB_CALLS_PER_SECOND`); a little under that. */
const CAPTURE_MILLISECONDS = 550;
/** A content script answers after two drawn frames; one that does not is frozen or gone. */
const PLACE_TIMEOUT_MILLISECONDS = 10_000;
/** A scan of the element waits as long for a video that stalls, is paused or is out of sight. */
const PATIENCE_MILLISECONDS = 20_000;
/** "As many as the video has to give", at two a second: a minute. */
const MAX_FRAMES_OF_SCREEN = 120;
/** One frame at 50 a second: a frame whose time is closer to a taken one's is the same frame. */
const MIN_MEDIA_GAP_SECONDS = 0.02;

type PlaceMessage = Extract<ContentToHost, { readonly type: 'place' }>;

export type ScreenSource = ReturnType<typeof createScreenSource>;

/**
 * Frames from the screen: the visible part of the video in the captured tab. The page's process says where its video is,
 * and never gets the captured picture. As with every source, the content script gets up to six faces as evidence.
 * @param page the content script
 * @param capture the tab's visible page as a `data:` URL in base64; null where there is none just now.
 *   @throws DetectorError `page-refused`
 */
export function createScreenSource(
  page: ContentPort,
  capture: () => Promise<string | null>,
  framesAsked: number | null,
) {
  const framesWanted = framesAsked ?? MAX_FRAMES_OF_SCREEN;
  const taken: number[] = [];
  let lastCaptureAt = Number.NEGATIVE_INFINITY;
  let isStill = false;
  let scale: number | null = null;
  let problem: ScreenProblem | null = null;
  let isAltered = false;
  let ending: FrameSourceEnd | null = null;

  const askPlace = createPlaceAsker(page);

  const takeNext = async (signal: AbortSignal): Promise<UncutFrame | FrameSourceEnd> => {
    const startedAt = performance.now();
    while (taken.length < framesWanted && !isStill) {
      if (performance.now() - startedAt > PATIENCE_MILLISECONDS) break;
      const wait = lastCaptureAt + CAPTURE_MILLISECONDS - performance.now();
      await untilAborted(new Promise((elapsed) => setTimeout(elapsed, wait)), signal);
      const answer = await askPlace(signal);
      // The page is frozen, or its tab draws nothing at the moment.
      if (answer === null) continue;
      if ('kind' in answer) {
        // The browser did not let the extension's script into the page.
        if (answer.kind === 'refused' && answer.reason === 'unreadable') problem = 'not-let-in';
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
      let isGiven = false;
      try {
        signal.throwIfAborted();
        // The user scrolls and pages move their players: the capture may show another video.
        const after = await askPlace(signal);
        if (after !== null && 'kind' in after) return after;
        if (after === null || !isSamePlace(place, after.place)) continue;
        const part = screenPart(place, captured, answer);
        if (part === null) continue;
        taken.push(mediaTimeSeconds);
        isStill = isPaused;
        isAltered ||= place.isAltered;
        scale = Math.min(scale ?? Infinity, part.scale);
        isGiven = true;
        return {
          frameIndex: taken.length - 1,
          mediaTimeSeconds,
          size: part.size,
          pixels: { kind: 'captured', captured, part },
        };
      } finally {
        if (!isGiven) captured.close();
      }
    }
    if (taken.length > 0) return { kind: isStill ? 'still' : 'end' };
    problem = 'not-in-sight';
    return UNREADABLE;
  };

  return {
    kind: 'screen' as const,
    nextFrame: async (signal: AbortSignal): Promise<UncutFrame | null> => {
      if (ending !== null) return null;
      const next = await takeNext(signal);
      if ('pixels' in next) return next;
      ending = next;
      return null;
    },
    ending: (): FrameSourceEnd | null => ending,
    close: () => undefined,
    /** Captured pixels for each of the video's own, the least of all frames; null before the first. */
    scale: (): number | null => scale,
    /** Whether the page altered the picture of any frame. */
    isAltered: (): boolean => isAltered,
    /** Why there was no frame at all; null where there was one, or where the screen is not the reason. */
    problem: (): ScreenProblem | null => problem,
  };
}

/**
 * Asks the content script where its video is now. A late answer is ignored.
 * @returns the place; the reason why no frame will come; or null where no answer came in time
 */
export function createPlaceAsker(
  page: ContentPort,
): (signal: AbortSignal) => Promise<PlaceMessage | FrameSourceEnd | null> {
  let askId = 0;
  return async (signal) => {
    askId++;
    page.post({ type: 'find-place', askId });
    for (;;) {
      const answer = await page.next(PLACE_TIMEOUT_MILLISECONDS, signal);
      if (answer === null) return null;
      if (answer.type === 'place') {
        if (answer.askId === askId) return answer;
        // The answer to an earlier question, which gives the video's former place.
        continue;
      }
      const end = endingOf(answer);
      if (end === null) throw unexpected(answer);
      return end;
    }
  };
}

/** Whether nothing has moved by more than a pixel between two answers. */
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
  capture: () => Promise<string | null>,
): Promise<ImageBitmap | 'refused' | null> {
  try {
    const dataUrl = await capture();
    return dataUrl === null ? null : await decodeDataUrl(dataUrl);
  } catch (error) {
    if (isDetectorError(error, 'page-refused')) return 'refused';
    throw error;
  }
}

/** `fetch` is not used, since the extension's own policy forbids it. */
function decodeDataUrl(dataUrl: string): Promise<ImageBitmap> {
  const bytes = Uint8Array.fromBase64(dataUrl.slice(dataUrl.indexOf(',') + 1));
  // The pixels stay the page's own: no colour profile of the screen is applied a second time.
  return createImageBitmap(new Blob([bytes]), { colorSpaceConversion: 'none' });
}
