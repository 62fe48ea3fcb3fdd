import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { FRAME_PART_BYTE_LENGTH, FRAMES_PORT } from '../../utils/domain/frames-port.ts';
import type { ContentToHost } from '../../utils/domain/content-messages.ts';
import type { HostToContent } from '../../utils/domain/frames-port.ts';
import { ask } from '../../utils/browser/messages.ts';

type StoredFrame = Extract<ContentToHost, { readonly type: 'stored-frame' }>;

/** Between so many bytes the page gets its turn: they take 2 to 5 ms, and the whole frame of full HD took up to 90 ms. */
const BYTES_AT_ONCE = 8 * FRAME_PART_BYTE_LENGTH;

export type HostPort = {
  /** Sends a message, unless the port is closed: the scan is over then. A stored frame is sent in parts. */
  readonly send: (message: ContentToHost) => void;
  readonly close: () => void;
};

/**
 * Opens the host if it is not open, and a port to it. Closing the port cancels the scan.
 * @param onLost called when the host has ended; not called after `close`
 * @throws DetectorError `unreachable`, or as the background failed to open the host
 */
export async function openHostPort(
  onMessage: (message: HostToContent) => void,
  onLost: () => void,
): Promise<HostPort> {
  await ask('background', 'openHost', null);
  let port: Browser.runtime.Port | null = browser.runtime.connect({ name: FRAMES_PORT });
  port.onMessage.addListener((message: unknown) => {
    // Only the host listens on this port, so only the host speaks on it.
    if (port) onMessage(message as HostToContent);
  });
  port.onDisconnect.addListener(() => {
    if (!port) return;
    port = null;
    onLost();
  });
  const sendStored = async (frame: StoredFrame): Promise<void> => {
    const { bytes } = frame.stored;
    // Posting copies it, so one part's memory does for all.
    const part = new Uint8ClampedArray(FRAME_PART_BYTE_LENGTH);
    let at = 0;
    while (at + part.length < bytes.length) {
      if (at % BYTES_AT_ONCE === 0) await new Promise((next) => setTimeout(next));
      part.set(bytes.subarray(at, (at += part.length)));
      port?.postMessage({ type: 'frame-part', bytes: part });
    }
    port?.postMessage({ ...frame, stored: { ...frame.stored, bytes: bytes.slice(at) } });
  };
  return {
    send: (message) => {
      if (message.type === 'stored-frame') void sendStored(message);
      else port?.postMessage(message);
    },
    close: () => {
      const open = port;
      port = null;
      open?.disconnect();
    },
  };
}

export { isExtensionAlive } from '../../utils/browser/frame-world.ts';
