import { DetectorError } from '../../utils/domain/errors.ts';
import type { ContentToHost, SeenVideo, StoredPicture } from '../../utils/domain/content-messages.ts';
import {
  FRAME_PART_BYTE_LENGTH,
  MAX_STORED_BYTE_LENGTH,
  type HostToContent,
} from '../../utils/domain/frames-port.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import type { ContentPort } from '../frames/port-source.ts';
import { readContentMessage } from '../../utils/domain/content-messages.ts';

/** The part of the browser's `runtime.Port` that we use. */
export type HostPort = {
  readonly name: string;
  /** The browser's own statements about the other end. */
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
              readonly title?: string | undefined;
            }
          | undefined;
      }
    | undefined;
  readonly onMessage: { readonly addListener: (listener: (message: unknown) => void) => void };
  readonly onDisconnect: { readonly addListener: (listener: () => void) => void };
  readonly postMessage: (message: unknown) => void;
  readonly disconnect: () => void;
};

/** The search of a page of 50,000 elements takes some seconds, since the page draws between its parts. */
const LOOK_TIMEOUT_MILLISECONDS = 8000;

/** Between two requests our content script sends at most a frame, its cuts and an end. */
const MAX_UNREAD_MESSAGES = 8;
/** Our content script sends full parts. Millions of empty ones would take memory, too. */
const MAX_PARTS = Math.ceil(MAX_STORED_BYTE_LENGTH / FRAME_PART_BYTE_LENGTH);

/**
 * A port to a content script, whose messages wait until they are asked for.
 * @param onHold called when the video of an automatic scan goes out of sight, and when it is back
 */
export function createContentPort(port: HostPort, onHold: (isHeld: boolean) => void): ContentPort {
  const unread: (ContentToHost | DetectorError)[] = [];
  let wake: () => void = () => undefined;
  let isOpen = true;
  let hasVideoGone = false;
  const parts = createFrameParts();
  let seen: (seen: SeenVideo | null) => void = () => undefined;
  port.onDisconnect.addListener(() => {
    isOpen = false;
  });

  port.onMessage.addListener((received) => {
    const message = readContentMessage(parts.join(received));
    if (message?.type === 'frame-part' && parts.add(message.bytes)) return;
    if (message?.type === 'hold') {
      // The message changes the scan's place among the others, and may come at any time.
      onHold(message.isHeld);
      return;
    }
    if (message?.type === 'seen') {
      seen(message.seen);
      return;
    }
    if (unread.length >= MAX_UNREAD_MESSAGES) return;
    if (message?.type === 'video-gone') hasVideoGone = true;
    const isLast = unread.length === MAX_UNREAD_MESSAGES - 1;
    unread.push(
      message === null || message.type === 'frame-part' || isLast
        ? new DetectorError('internal', 'a message that our content script does not send')
        : message,
    );
    wake();
  });

  return {
    sawVideoGone: () => hasVideoGone,
    look: async (signal) => {
      if (!isOpen) return null;
      const { promise: answered, resolve } = Promise.withResolvers<SeenVideo | null>();
      seen = resolve;
      const timer = setTimeout(() => resolve(null), LOOK_TIMEOUT_MILLISECONDS);
      port.postMessage({ type: 'look' } satisfies HostToContent);
      return await untilAborted(answered, signal).finally(() => clearTimeout(timer));
    },
    post: (message) => {
      // Work that has not ended may still post a message after the port has closed.
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

/** Keeps the bytes of a stored frame until the frame's own message comes with the last ones. */
function createFrameParts() {
  let parts: Uint8ClampedArray<ArrayBuffer>[] = [];
  let byteLength = 0;
  return {
    /**
     * Adds bytes.
     * @returns false where there are more than a frame has
     */
    add: (part: Uint8ClampedArray<ArrayBuffer>): boolean => {
      byteLength += part.length;
      if (byteLength > MAX_STORED_BYTE_LENGTH || parts.length >= MAX_PARTS) return false;
      parts.push(part);
      return true;
    },
    /**
     * Adds the kept bytes to a stored frame's message; returns every other message as it is. It does not validate
     * messages.
     */
    join: (message: unknown): unknown => {
      const frame = message as { readonly type?: unknown; readonly stored?: StoredPicture } | null;
      const last: unknown = frame?.stored?.bytes;
      if (frame?.type !== 'stored-frame' || parts.length === 0 || !(last instanceof Uint8ClampedArray)) {
        return message;
      }
      const bytes = new Uint8ClampedArray(byteLength + last.length);
      let at = 0;
      for (const part of [...parts, last]) {
        bytes.set(part, at);
        at += part.length;
      }
      parts = [];
      byteLength = 0;
      return { ...frame, stored: { ...frame.stored, bytes } };
    },
  };
}
