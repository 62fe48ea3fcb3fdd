import { hasCanvasNoise } from '../image/canvas-noise.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import { createPictureCutter } from '../image/picture-cutter.ts';
import type { ContentToHost, ScanMessage, StoredPicture } from '../../utils/domain/frames-port.ts';
import { openStored } from '../image/stored-picture.ts';
import type { PortChannel } from '../host/scan-channel.ts';
import type { Way } from './local-frames.ts';

type StoredFrameMessage = Extract<ContentToHost, { readonly type: 'stored-frame' }>;

/**
 * The element in the page. What it sends whole is converted and cut here, and of larger frames the content script is
 * asked for the cuts: a scan notices no difference.
 */
export function createElementWay(page: PortChannel): Way {
  let cutter = createPictureCutter();
  const answers: ScanMessage[] = [];
  /** The frame that lies here; null where it lies in the page. */
  let restoredIndex: number | null = null;

  async function restore({ stored, ...facts }: StoredFrameMessage): Promise<ScanMessage> {
    // The page has looked for itself; this document's canvases may be treated in another way.
    if (hasCanvasNoise()) return { type: 'refuse', reason: 'canvas-noise' };
    const picture = open(stored);
    try {
      await cutter.place(picture, facts.widthPixels, facts.heightPixels);
    } finally {
      picture.close();
    }
    restoredIndex = facts.frameIndex;
    return { ...facts, ...cutter.frame(), type: 'frame' };
  }

  return {
    post: (message) => {
      if (message.type !== 'cut' || message.frameIndex !== restoredIndex) {
        page.post(message);
        return;
      }
      answers.push({ type: 'cuts', frameIndex: message.frameIndex, cuts: cutter.cut(message.regions) });
    },
    next: async (timeoutMilliseconds, signal) => {
      signal.throwIfAborted();
      const answer = answers.shift();
      if (answer !== undefined) return answer;
      const message = await page.next(timeoutMilliseconds, signal);
      if (message?.type === 'stored-frame') return await restore(message);
      if (message?.type === 'frame') restoredIndex = null;
      return message;
    },
    rest: () => {
      cutter.release();
      cutter = createPictureCutter();
    },
    release: () => cutter.release(),
  };
}

/** @throws DetectorError `internal` */
function open(stored: StoredPicture): VideoFrame {
  try {
    return openStored(stored);
  } catch (cause) {
    throw new DetectorError('internal', 'a stored frame from the content script that is no picture', {
      cause,
    });
  }
}
