import { isConnected, listen, localNameOf, queryAll, shadowRootOf } from '../../utils/browser/dom.ts';
import { MAX_ROOTS } from '../../utils/browser/page-elements.ts';

/** Custom elements may get their shadow root late. This many of the latest elements are examined again. */
const MAX_PENDING = 200;

/**
 * Calls back for each video that begins to play, or plays already, in this document and its shadow roots. It waits for
 * events and for added elements, without a timer, so that it costs nothing while the page does nothing.
 *
 * Media events don't bubble but can be captured (DOM, "event path"), so one listener at the document hears all of its
 * videos. They are not composed, so they don't leave a shadow tree, and each root needs its own listener. The browser has no
 * event for an attached root: the script finds roots on elements when these are added, later roots at the next addition or
 * scrolling, and at the latest under the pointer, whose events do leave shadow trees.
 */
export function watchPlayingVideos(onPlaying: (video: HTMLVideoElement) => void, signal: AbortSignal): void {
  const known = new WeakSet<Node>();
  /** Roots that may still be in the page: a long feed creates and removes thousands. */
  let listening: WeakRef<Document | ShadowRoot>[] = [];
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
    if (known.has(root) || signal.aborted || !hasRoom()) return;
    known.add(root);
    listening.push(new WeakRef(root));
    listen(root, 'playing', onMedia, { capture: true, passive: true, signal });
    additions.observe(root, { childList: true, subtree: true });
    for (const element of queryAll(root, '*')) visit(element);
  };

  const hasRoom = (): boolean => {
    if (listening.length < MAX_ROOTS) return true;
    listening = listening.filter((each) => {
      const root = each.deref();
      return root !== undefined && isConnected(root);
    });
    return listening.length < MAX_ROOTS;
  };

  const visit = (element: Element): void => {
    const root = shadowRootOf(element);
    if (root !== null) listenIn(root);
    // An element with a hyphen in its name may get its root at any time (HTML, "valid custom element name").
    else if (localNameOf(element).includes('-')) pending.push(element);
    else if (element instanceof HTMLVideoElement && isPlaying(element)) onPlaying(element);
  };

  const search = (element: Element): void => {
    visit(element);
    for (const inner of queryAll(element, '*')) visit(inner);
  };

  const searchPending = (): void => {
    if (pending.length === 0) return;
    const waiting = pending.slice(-MAX_PENDING);
    pending = [];
    for (const element of waiting) {
      if (isConnected(element)) visit(element);
    }
  };

  const onPointer = (event: Event): void => {
    // The path leaves out the elements in a closed root; the root's host is then the target.
    for (const node of event.composedPath()) {
      if (node instanceof Element) visit(node);
    }
  };

  const passively = { capture: true, passive: true, signal } as const;
  for (const type of ['pointerover', 'touchstart']) listen(document, type, onPointer, passively);
  listen(document, 'scroll', searchPending, passively);
  signal.addEventListener('abort', () => additions.disconnect());
  listenIn(document);
}

function isPlaying(video: HTMLVideoElement): boolean {
  return !video.paused && !video.ended && video.readyState >= video.HAVE_CURRENT_DATA;
}
