import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { listen } from '../../utils/browser/dom.ts';
import { rootsIn } from '../../utils/browser/page-elements.ts';
import { VIDEOS_PORT } from '../../utils/domain/page-video.ts';
import type { PageVideo, VideosMessage } from '../../utils/domain/page-video.ts';

/**
 * Listing the videos walks through all elements of the page. On a page that changes all the time, this is the shortest
 * time between two lists.
 */
const INTERVAL_MILLISECONDS = 250;

/**
 * After one of these events a video may be drawn, have another file or other facts, or be in sight. After the `load` of
 * a frame element, the frame may hold videos. Media events neither bubble nor leave a shadow root, but a listener at
 * the root can capture them.
 */
const EVENTS = 'loadedmetadata resize emptied play pause transitionend scroll load'.split(' ');

/**
 * Sends the list of this frame's videos to each popup that opens the port. Without a popup it does nothing.
 * @returns stops listening for popups
 */
export function tellVideos(list: () => readonly PageVideo[], signal: AbortSignal): () => void {
  const onConnect = (port: Browser.runtime.Port): void => {
    if (port.name === VIDEOS_PORT) observe(port, list, signal);
  };
  browser.runtime.onConnect.addListener(onConnect);
  return () => browser.runtime.onConnect.removeListener(onConnect);
}

function observe(port: Browser.runtime.Port, list: () => readonly PageVideo[], life: AbortSignal): void {
  const closed = new AbortController();
  const signal = AbortSignal.any([life, closed.signal]);
  const send = (message: VideosMessage): void => port.postMessage(message);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (): void => {
    timer = undefined;
    for (const root of rootsIn(document)) observeRoot(root);
    send(list());
  };
  const tellSoon = (): void => {
    timer ??= setTimeout(tell, INTERVAL_MILLISECONDS);
  };
  const mutations = new MutationObserver(tellSoon);
  const onEvent = ({ target }: Event): void => {
    if (target instanceof HTMLIFrameElement) send('frame-loaded');
    tellSoon();
  };
  const observeRoot = (root: Document | ShadowRoot): void => {
    // Observing a root again, or adding the same listener again, changes nothing.
    mutations.observe(root, { childList: true, subtree: true, attributes: true });
    for (const type of EVENTS) listen(root, type, onEvent, { capture: true, passive: true, signal });
  };

  port.onMessage.addListener(tellSoon);
  port.onDisconnect.addListener(() => closed.abort());
  signal.addEventListener('abort', () => {
    mutations.disconnect();
    clearTimeout(timer);
    port.disconnect();
  });
  tell();
}
