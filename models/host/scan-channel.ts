import type { Browser } from 'wxt/browser';
import type { ScanChannel } from '../scan/channel.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { ContentToHost } from '../../utils/domain/frames-port.ts';
import { readContentMessage } from './content-messages.ts';

/** One frame, its cuts, and an end: a content script that sends more than is asked for is none of ours. */
const MAX_UNREAD_MESSAGES = 8;

export type PortChannel = Pick<ScanChannel, 'post'> & {
  /** As of {@link ScanChannel}: the content script's own messages. */
  readonly next: (timeoutMilliseconds: number, signal: AbortSignal) => Promise<ContentToHost | null>;
  /** Whether that was said: the content script closes its port right after, before anybody may have read it. */
  readonly sawVideoGone: () => boolean;
};

/**
 * A port to a content script as a channel whose messages wait until they are asked for.
 * @param onHold the video of an automatic check is out of sight, or back again
 */
export function createScanChannel(
  port: Browser.runtime.Port,
  onHold: (isHeld: boolean) => void = () => undefined,
): PortChannel {
  const unread: (ContentToHost | DetectorError)[] = [];
  let wake: () => void = () => undefined;
  let isOpen = true;
  let hasVideoGone = false;
  port.onDisconnect.addListener(() => {
    isOpen = false;
  });

  port.onMessage.addListener((received: unknown) => {
    const message = readContentMessage(received);
    if (message?.type === 'hold') {
      // Not for the scan but for its place among others; it may come in the middle of anything.
      onHold(message.isHeld);
      return;
    }
    if (unread.length >= MAX_UNREAD_MESSAGES) return;
    if (message?.type === 'video-gone') hasVideoGone = true;
    const isLast = unread.length === MAX_UNREAD_MESSAGES - 1;
    unread.push(
      message === null || isLast
        ? new DetectorError('internal', 'a message from the content script that cannot be')
        : message,
    );
    wake();
  });

  return {
    sawVideoGone: () => hasVideoGone,
    post: (message) => {
      // The scan's signal says that the other end is gone; what was under way may still want to say something.
      if (isOpen) port.postMessage(message);
    },
    next: async (timeoutMilliseconds, signal) => {
      signal.throwIfAborted();
      if (unread.length === 0) await someMessage(timeoutMilliseconds, signal);
      const message = unread.shift();
      if (message instanceof DetectorError) throw message;
      return message ?? null;
    },
  };

  function someMessage(timeoutMilliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        wake = () => undefined;
      };
      const onAbort = (): void => {
        finish();
        reject(signal.reason as Error);
      };
      wake = () => {
        finish();
        resolve();
      };
      const timer = setTimeout(wake, timeoutMilliseconds);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
