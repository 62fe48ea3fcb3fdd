import { DetectorError } from '../../utils/domain/errors.ts';
import type { ContentToHost } from '../../utils/domain/frames-port.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import type { ContentPort } from '../frames/port-source.ts';
import { readContentMessage } from './content-messages.ts';

/** What is used of the browser's `runtime.Port`. */
export type HostPort = {
  readonly name: string;
  /** What the browser itself says of the other end. */
  readonly sender?:
    | {
        readonly id?: string | undefined;
        readonly url?: string | undefined;
        readonly frameId?: number | undefined;
        readonly tab?:
          | {
              readonly id?: number | undefined;
              readonly incognito: boolean;
              readonly url?: string | undefined;
            }
          | undefined;
      }
    | undefined;
  readonly onMessage: { readonly addListener: (listener: (message: unknown) => void) => void };
  readonly onDisconnect: { readonly addListener: (listener: () => void) => void };
  readonly postMessage: (message: unknown) => void;
  readonly disconnect: () => void;
};

/** One frame, its cuts, and an end: a content script that sends more than is asked for is none of ours. */
const MAX_UNREAD_MESSAGES = 8;

/**
 * A port to a content script, whose messages wait until they are asked for.
 * @param onHold the video of an automatic check is out of sight, or back again
 */
export function createContentPort(port: HostPort, onHold: (isHeld: boolean) => void): ContentPort {
  const unread: (ContentToHost | DetectorError)[] = [];
  let wake: () => void = () => undefined;
  let isOpen = true;
  let hasVideoGone = false;
  port.onDisconnect.addListener(() => {
    isOpen = false;
  });

  port.onMessage.addListener((received) => {
    const message = readContentMessage(received);
    if (message?.type === 'hold') {
      // Not for the scan but for its place among others; it may come at any time.
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
      // The scan's signal says that the other end is gone; work that is under way may still post a message.
      if (isOpen) port.postMessage(message);
    },
    next: async (timeoutMilliseconds, signal) => {
      signal.throwIfAborted();
      if (unread.length === 0) {
        const { promise: woken, resolve } = Promise.withResolvers<null>();
        wake = () => resolve(null);
        const timer = setTimeout(wake, timeoutMilliseconds);
        await untilAborted(woken, signal).finally(() => clearTimeout(timer));
      }
      const message = unread.shift();
      if (message instanceof DetectorError) throw message;
      return message ?? null;
    },
  };
}
