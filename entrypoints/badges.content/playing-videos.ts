/** Pages with more shadow roots than this are listened to as far as that. */
const MAX_ROOTS = 2000;
/** Custom elements may get their shadow root long after they came; so many of the latest are looked at again. */
const MAX_PENDING = 200;

/**
 * Tells of every video that begins to play, or plays already, in this document and its open shadow roots. Nothing of it
 * costs anything while the page does nothing: it waits for events and for elements that are added, without a timer.
 *
 * Media events don't bubble but can be captured (DOM, "event path"), so one listener at the document hears all of its
 * videos. They are not composed: out of a shadow tree none of them comes, so each root has its own listener. There is no
 * event for a root that is attached; roots are found on elements as these are added, later ones when something is added or
 * scrolled again, and, at the latest, under the pointer, whose events do come out of shadow trees.
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
    // HTML, "valid custom element name": what has a hyphen may be upgraded, and get its root, at any time.
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

  const quietly = { capture: true, passive: true, signal } as const;
  for (const type of ['pointerover', 'touchstart']) document.addEventListener(type, onPointer, quietly);
  document.addEventListener('scroll', searchPending, quietly);
  signal.addEventListener('abort', () => additions.disconnect());
  listenIn(document);
}

function isPlaying(video: HTMLVideoElement): boolean {
  return !video.paused && !video.ended && video.readyState >= video.HAVE_CURRENT_DATA;
}
