import { defineContentScript } from 'wxt/utils/define-content-script';
import { listen } from '../../utils/browser/dom.ts';
import { inWorld, isExtensionAlive, onRewritten } from '../../utils/browser/frame-world.ts';
import type { FrameWorld, RunningContent } from '../../utils/browser/frame-world.ts';
import { ask, handleMessages } from '../../utils/browser/messages.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import { createChecks } from './checks.ts';
import { forgetOnDemand } from './on-demand.ts';
import { createOverlay } from './overlay.ts';
import { createPageCommands } from './page-commands.tsx';
import { tellVideos } from './tell-videos.ts';

/** After this time an open menu says no longer where the pointer is. */
const POINT_LIFETIME_MILLISECONDS = 60_000;

export default defineContentScript({
  // The manifest does not list this script: the background injects it into the one frame that the user asked about.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  main() {
    const world: FrameWorld = globalThis;
    const running = inWorld('trueFrame');
    // The background injects the script before each check, since it can't know whether the script is there.
    if (running?.isAlive() !== true) {
      running?.stop();
      world.trueFrame = run();
    }
    // If the background does not hear this, it still gets the browser's own answer.
    void ask('background', 'contentRuns', null).catch(() => undefined);
  },
});

function run(): RunningContent {
  const life = new AbortController();
  const { signal } = life;
  const stop = (): void => life.abort();
  const overlay = createOverlay(signal);
  const checks = createChecks(overlay, stop, signal);
  const lastPoint = watchContextMenu(signal);
  const { checkVideo, listVideos } = createPageCommands({ checks, overlay, lastPoint }, signal);

  const stopListening = handleMessages('content', {
    checkVideo,
    listVideos,
    cancelScan: ({ scanId }) => {
      checks.cancel(scanId);
      return null;
    },
  });
  const stopTelling = tellVideos(listVideos, signal);
  // The next request or badge injects the script again.
  onRewritten(stop, signal);
  signal.addEventListener('abort', () => {
    // After an update the browser has removed the listeners already, and removing them would throw.
    if (isExtensionAlive()) {
      stopListening();
      stopTelling();
    }
    forgetOnDemand();
  });

  return { isAlive: () => isExtensionAlive() && !signal.aborted, stop, automatic: checks.automatic };
}

/**
 * Remembers the point at which the user opens a context menu: the user means the video there, and later the menu covers
 * the pointer.
 * @returns the last point; null if there is none, or none of the last minute
 */
function watchContextMenu(signal: AbortSignal): () => Point | null {
  let last: { readonly point: Point; readonly at: number } | null = null;
  const onMenu = (event: Event): void => {
    const { clientX, clientY, isTrusted } = event as PointerEvent;
    if (isTrusted) last = { point: { x: clientX, y: clientY }, at: performance.now() };
  };
  listen(window, 'contextmenu', onMenu, { capture: true, passive: true, signal });
  return () => (last && performance.now() - last.at < POINT_LIFETIME_MILLISECONDS ? last.point : null);
}
