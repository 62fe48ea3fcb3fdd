import { DetectorError } from '../../utils/domain/errors.ts';
import type { ContentToHost, SeenVideo } from '../../utils/domain/content-messages.ts';
import type { CutRegion, HostToContent } from '../../utils/domain/frames-port.ts';
import type { FrameSource, FrameSourceEnd, UncutFrame } from './frame-source.ts';

/** One scan's conversation with its content script. */
export type ContentPort = {
  readonly post: (message: HostToContent) => void;
  /**
   * The content script's next message.
   * @returns null where none comes within that time
   * @throws AbortError; DetectorError `internal` after a message that breaks the protocol
   */
  readonly next: (timeoutMilliseconds: number, signal: AbortSignal) => Promise<ContentToHost | null>;
  /** Whether the content script has said that the video is gone. It closes its port right after, maybe before that is read. */
  readonly sawVideoGone: () => boolean;
  /**
   * What the page does to the video's picture.
   * @returns null where that is not known in time
   * @throws AbortError
   */
  readonly look: (signal: AbortSignal) => Promise<SeenVideo | null>;
};

/** So long after the last frame a scan ends with the frames so far, since other scans wait for their turn. */
const FRAME_TIMEOUT_MILLISECONDS = 60_000;
/** A page that cuts pictures answers in milliseconds; one that does not is frozen or gone. */
const CUT_TIMEOUT_MILLISECONDS = 10_000;

/**
 * Frames of the element in the page, which a content script sends. Full HD and less comes whole; of larger frames the
 * content script sends a thumbnail, and is asked for the cuts.
 */
export function createElementSource(page: ContentPort): FrameSource<UncutFrame> {
  let ending: FrameSourceEnd | null = null;
  /** The open frame: the content script sends the next one after it is done. */
  let openIndex: number | null = null;

  async function cut(
    frameIndex: number,
    regions: readonly CutRegion[],
    signal: AbortSignal,
  ): Promise<readonly ImageData[] | null> {
    page.post({ type: 'cut', frameIndex, regions });
    for (;;) {
      const message = await page.next(CUT_TIMEOUT_MILLISECONDS, signal);
      if (message === null) throw new DetectorError('unreachable', 'the page does not answer');
      if (message.type === 'cuts') {
        assertAnswers(message, frameIndex, regions);
        return message.cuts;
      }
      ending = endingOf(message);
      if (ending === null) throw unexpected(message);
      // After an `end` no further frame comes, but this one can still be cut.
      if (message.type !== 'end') return null;
    }
  }

  return {
    kind: 'element',
    nextFrame: async (signal) => {
      if (ending !== null) return null;
      if (openIndex !== null) page.post({ type: 'frame-done', frameIndex: openIndex });
      openIndex = null;
      const message = await page.next(FRAME_TIMEOUT_MILLISECONDS, signal);
      if (message?.type !== 'frame' && message?.type !== 'stored-frame') {
        ending = message === null ? { kind: 'end' } : endingOf(message);
        if (message !== null && ending === null) throw unexpected(message);
        return null;
      }
      const { frameIndex, mediaTimeSeconds, widthPixels, heightPixels, decoded } = message;
      openIndex = frameIndex;
      const size = { width: widthPixels, height: heightPixels };
      const facts = { frameIndex, mediaTimeSeconds, size, decoded };
      return message.type === 'stored-frame'
        ? { ...facts, pixels: { kind: 'stored', stored: message.stored } }
        : {
            ...facts,
            pixels: { kind: 'remote', thumbnail: message.thumbnail },
            cut: (regions, cutSignal) => cut(frameIndex, regions, cutSignal),
          };
    },
    ending: () => ending,
    close: () => undefined,
  };
}

/** What a content script's message says about the end; null for a message of another kind. */
export function endingOf(message: ContentToHost): FrameSourceEnd | null {
  switch (message.type) {
    case 'end':
      return message.isStill === true ? { kind: 'still' } : { kind: 'end' };
    case 'video-gone':
      return { kind: 'gone' };
    case 'refuse':
      return { kind: 'refused', reason: message.reason, isForeign: message.isForeign === true };
    case 'start':
    case 'hold':
    case 'frame':
    case 'frame-part':
    case 'stored-frame':
    case 'cuts':
    case 'place':
    case 'seen':
      return null;
    default:
      return message satisfies never;
  }
}

export function unexpected({ type }: ContentToHost): DetectorError {
  return new DetectorError('internal', `unexpected ${type} from the content script`);
}

/** @throws DetectorError `internal` where the pictures are not those that were asked for */
function assertAnswers(
  { frameIndex, cuts }: Extract<ContentToHost, { readonly type: 'cuts' }>,
  askedFrameIndex: number,
  regions: readonly CutRegion[],
): void {
  const fits =
    frameIndex === askedFrameIndex &&
    cuts.length === regions.length &&
    regions.every(
      ({ outWidth, outHeight }, index) => cuts[index]?.width === outWidth && cuts[index].height === outHeight,
    );
  if (!fits) {
    throw new DetectorError('internal', `other pictures than were asked for of frame ${askedFrameIndex}`);
  }
}
