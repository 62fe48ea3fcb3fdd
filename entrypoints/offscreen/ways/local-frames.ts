import type { ScanChannel } from '../../../models/scan/channel.ts';
import { createFrameGrabber } from '../../../utils/frame-grabber.ts';
import type { FrameGrabber } from '../../../utils/frame-grabber.ts';
import type { ContentToHost } from '../../../utils/frames-port.ts';

/** One way to get frames, spoken to as the content script is. */
export type Way = ScanChannel & {
  /** Gives back what it holds; it is not asked again. */
  readonly release: () => void;
};

/**
 * A way whose frames are taken in the host itself: cuts are answered from the picture at hand.
 * @param takeNext the next frame, held by the grabber, or the end
 */
export function createLocalWay(
  takeNext: (grabber: FrameGrabber, frameIndex: number, signal: AbortSignal) => Promise<ContentToHost | null>,
  onRelease: () => void,
): Way {
  const grabber = createFrameGrabber();
  const answers: ContentToHost[] = [];
  let frameIndex = 0;
  return {
    post: (message) => {
      if (message.type !== 'cut') return;
      answers.push({ type: 'cuts', frameIndex: message.frameIndex, cuts: grabber.cut(message.regions) });
    },
    next: async (_timeoutMilliseconds, signal) => {
      signal.throwIfAborted();
      const answer = answers.shift();
      if (answer !== undefined) return answer;
      const message = await takeNext(grabber, frameIndex, signal);
      if (message?.type === 'frame') frameIndex++;
      return message;
    },
    release: () => {
      grabber.release();
      onRelease();
    },
  };
}
