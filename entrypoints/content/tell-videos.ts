import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { VIDEOS_PORT } from '../../utils/domain/page-video.ts';
import type { PageVideo, VideosMessage } from '../../utils/domain/page-video.ts';
import { isExtensionAlive } from './host-port.ts';

/** Listing walks through all elements of the page. A page that changes at every moment is listed this often at most. */
const MIN_INTERVAL_MILLISECONDS = 250;
/** Pages with more shadow roots than this are observed as far as that. */
const MAX_ROOTS = 2000;

/** After these a video may be drawn, be another one, or have other facts. A transition's end is that of a fade. */
const VIDEO_EVENTS = [
  'loadedmetadata',
  'durationchange',
  'resize',
  'emptied',
  'play',
  'pause',
  'transitionend',
];
/** What a page changes to show or hide an element, or to name it. */
const ATTRIBUTES = ['class', 'style', 'hidden', 'title', 'aria-label', 'src'];

/** Tells each popup that opens the port of the videos in this frame. Between popups nothing of it runs. */
export function tellVideos(list: () => readonly PageVideo[], signal: AbortSignal): void {
  const onConnect = (port: Browser.runtime.Port): void => {
    if (port.name !== VIDEOS_PORT || port.sender?.id !== browser.runtime.id) return;
    const closed = new AbortController();
    port.onDisconnect.addListener(() => closed.abort());
    signal.addEventListener('abort', () => port.disconnect(), { signal: closed.signal });
    const send = (message: VideosMessage): void => port.postMessage(message);
    const listAgain = observe(list, send, AbortSignal.any([signal, closed.signal]));
    port.onMessage.addListener(listAgain);
  };
  browser.runtime.onConnect.addListener(onConnect);
  signal.addEventListener('abort', () => {
    // After an update listening has ended by itself.
    if (isExtensionAlive()) browser.runtime.onConnect.removeListener(onConnect);
  });
}

/** @returns asks for the list once more */
function observe(
  list: () => readonly PageVideo[],
  send: (message: VideosMessage) => void,
  signal: AbortSignal,
): () => void {
  const observed = new WeakSet<Node>();
  let told = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  let listedAt = -Infinity;

  const tell = (): void => {
    timer = undefined;
    listedAt = performance.now();
    for (const root of openRoots()) observeRoot(root);
    const videos = list();
    const text = JSON.stringify(videos);
    if (text === told) return;
    told = text;
    send({ type: 'videos', videos });
  };
  const listAgain = (): void => {
    if (signal.aborted) return;
    timer ??= setTimeout(tell, Math.max(0, listedAt + MIN_INTERVAL_MILLISECONDS - performance.now()));
  };

  const quietly = { capture: true, passive: true, signal } as const;
  const mutations = new MutationObserver(listAgain);
  const observeRoot = (root: Document | ShadowRoot): void => {
    if (observed.has(root)) return;
    observed.add(root);
    mutations.observe(root, {
      childList: true,
      characterData: true,
      subtree: true,
      attributeFilter: ATTRIBUTES,
    });
    // Events of media don't bubble and don't leave a shadow root, but are captured in it.
    for (const type of VIDEO_EVENTS) root.addEventListener(type, listAgain, quietly);
    root.addEventListener(
      'load',
      ({ target }) => {
        if (target instanceof HTMLIFrameElement) send({ type: 'frame-loaded' });
      },
      quietly,
    );
  };
  // What is in sight is listed first.
  for (const type of ['scroll', 'resize']) addEventListener(type, listAgain, quietly);
  signal.addEventListener('abort', () => {
    mutations.disconnect();
    clearTimeout(timer);
  });
  tell();
  return listAgain;
}

/** The document and the open shadow roots in it. */
function openRoots(): readonly (Document | ShadowRoot)[] {
  const roots: (Document | ShadowRoot)[] = [document];
  for (let at = 0; at < roots.length && roots.length < MAX_ROOTS; at++) {
    for (const { shadowRoot } of roots[at]!.querySelectorAll('*')) {
      if (shadowRoot !== null) roots.push(shadowRoot);
    }
  }
  return roots;
}
