import type { ScanChannel } from '../scan/channel.ts';
import type { ScanMessage } from '../../utils/domain/frames-port.ts';
import { createPictureCutter } from '../image/picture-cutter.ts';
import type { PictureCutter } from '../image/picture-cutter.ts';

/** One way to get frames, spoken to as the content script is. */
export type Way = ScanChannel & {
  /** The next frame may be long in coming, and of the last one nothing more is needed. */
  readonly rest: () => void;
  /** Gives back what it holds; it is not asked again. */
  readonly release: () => void;
};

/**
 * A way whose frames are taken in the host itself: cuts are answered from the picture at hand.
 * @param takeNext the next frame, which the cutter has, or the end
 */
export function createLocalWay(
  takeNext: (cutter: PictureCutter, frameIndex: number, signal: AbortSignal) => Promise<ScanMessage | null>,
  onRelease: () => void,
): Way {
  let cutter = createPictureCutter();
  const answers: ScanMessage[] = [];
  let frameIndex = 0;
  return {
    post: (message) => {
      if (message.type !== 'cut') return;
      answers.push({ type: 'cuts', frameIndex: message.frameIndex, cuts: cutter.cut(message.regions) });
    },
    next: async (_timeoutMilliseconds, signal) => {
      signal.throwIfAborted();
      const answer = answers.shift();
      if (answer !== undefined) return answer;
      const message = await takeNext(cutter, frameIndex, signal);
      if (message?.type === 'frame') frameIndex++;
      return message;
    },
    rest: () => {
      cutter.release();
      cutter = createPictureCutter();
    },
    release: () => {
      cutter.release();
      onRelease();
    },
  };
}
