/** In pages with more shadow roots the script listens in this many. */
const MAX_ROOTS = 2000;
/** Custom elements may get their shadow root late; this many of the latest are visited again. */
const MAX_PENDING = 200;

/**
 * Calls back for each video that begins to play, or plays already, in this document and its open shadow roots. It waits for
 * events and for added elements, without a timer, so that it costs nothing while the page does nothing.
 *
 * Media events don't bubble but can be captured (DOM, "event path"), so one listener at the document hears all of its
 * videos. They are not composed, so they don't leave a shadow tree, and each root needs its own listener. The browser has no
 * event for an attached root: the script finds roots on elements when these are added, later roots at the next addition or
 * scrolling, and at the latest under the pointer, whose events do leave shadow trees.
 */
export function watchPlayingVideos(onPlaying: (video: HTMLVideoElement) => void, signal: AbortSignal): void {
  const known = new WeakSet<Node>();
  let rootCount = 0;
  let pending: Element[] = [];

  const onMedia = ({ target }: Event): void => {
    if (target instanceof HTMLVideoElement) onPlaying(target);
  };

  const additions = new MutationObserver((mutations) => {
    for (const { addedNodes } of mutations) {
      for (const node of addedNodes) {
        if (node instanceof Element) search(node);
      }
    }
    searchPending();
  });

  const listenIn = (root: Document | ShadowRoot): void => {
    if (known.has(root) || rootCount >= MAX_ROOTS || signal.aborted) return;
    known.add(root);
    rootCount++;
    root.addEventListener('playing', onMedia, { capture: true, passive: true, signal });
    additions.observe(root, { childList: true, subtree: true });
    for (const element of root.querySelectorAll('*')) visit(element);
  };

  const visit = (element: Element): void => {
    if (element.shadowRoot !== null) listenIn(element.shadowRoot);
    // An element with a hyphen in its name may get its root at any time (HTML, "valid custom element name").
    else if (element.localName.includes('-')) pending.push(element);
    else if (element instanceof HTMLVideoElement && isPlaying(element)) onPlaying(element);
  };

  const search = (element: Element): void => {
    visit(element);
    if (element.firstElementChild === null) return;
    for (const inner of element.getElementsByTagName('*')) visit(inner);
  };

  const searchPending = (): void => {
    if (pending.length === 0) return;
    const waiting = pending.slice(-MAX_PENDING);
    pending = [];
    for (const element of waiting) {
      if (element.isConnected) visit(element);
    }
  };

  const onPointer = (event: Event): void => {
    for (const node of event.composedPath()) {
      if (node instanceof ShadowRoot) listenIn(node);
    }
  };

  const passively = { capture: true, passive: true, signal } as const;
  for (const type of ['pointerover', 'touchstart']) document.addEventListener(type, onPointer, passively);
  document.addEventListener('scroll', searchPending, passively);
  signal.addEventListener('abort', () => additions.disconnect());
  listenIn(document);
}

function isPlaying(video: HTMLVideoElement): boolean {
  return !video.paused && !video.ended && video.readyState >= video.HAVE_CURRENT_DATA;
}
