import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { FRAMES_PORT } from '../../utils/domain/frames-port.ts';
import type { ContentToHost } from '../../utils/domain/content-messages.ts';
import type { HostToContent } from '../../utils/domain/frames-port.ts';
import { ask } from '../../utils/browser/messages.ts';

export type HostPort = {
  /** Nothing is sent once the port is closed: the scan is over then. */
  readonly send: (message: ContentToHost) => void;
  readonly close: () => void;
};

/**
 * Makes sure of the host and opens the port to it. Closing it is how a scan is cancelled.
 * @param onLost the host went away; not called after `close`
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
  return {
    send: (message) => port?.postMessage(message),
    close: () => {
      const open = port;
      port = null;
      open?.disconnect();
    },
  };
}

export { isExtensionAlive } from '../../utils/browser/frame-world.ts';
