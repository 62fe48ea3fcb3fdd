import { defineContentScript } from 'wxt/utils/define-content-script';
import type { FrameWorld, RunningContent } from '../../utils/browser/frame-world.ts';
import { handleMessages } from '../../utils/browser/messages.ts';
import { createChecks } from './checks.ts';
import { findForeignFrames } from './foreign-frames.ts';
import { isExtensionAlive } from './host-port.ts';
import type { Point } from './pointed-videos.ts';
import { forgetScreenFinder } from './screen-finder.ts';
import { tellVideos } from './tell-videos.ts';

/** A menu that stays open longer says nothing about where the pointer is now. */
const POINT_LIFETIME_MILLISECONDS = 60_000;

export default defineContentScript({
  // In no manifest: the background puts it into the one frame that the user asked about.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  main() {
    const world: FrameWorld = globalThis;
    // Every check injects the script again, since the background can't know whether it is there.
    if (world.trueFrame?.isAlive()) return;
    world.trueFrame?.stop();
    world.trueFrame = run();
  },
});

function run(): RunningContent {
  const life = new AbortController();
  const { signal } = life;
  const stop = (): void => life.abort();
  let lastPoint: Point | null = null;
  let pointedAt = 0;
  const freshPoint = (): Point | null =>
    performance.now() - pointedAt < POINT_LIFETIME_MILLISECONDS ? lastPoint : null;
  const checks = createChecks(freshPoint, stop, signal);

  const stopListening = handleMessages('content', {
    checkVideo: ({ target, framesAsked, way }) => checks.check(target, framesAsked, way),
    listVideos: () => checks.list(),
    listForeignFrames: () => findForeignFrames(document),
    cancelScan: ({ scanId }) => {
      checks.cancel(scanId);
      return null;
    },
  });
  tellVideos(checks.list, signal);
  signal.addEventListener('abort', () => {
    // After an update nobody can be told any more, and listening ends by itself.
    if (isExtensionAlive()) stopListening();
    forgetScreenFinder();
  });

  // Where the menu was opened is where the user means; the menu itself covers the pointer afterwards.
  addEventListener(
    'contextmenu',
    ({ clientX, clientY }) => {
      lastPoint = { x: clientX, y: clientY };
      pointedAt = performance.now();
    },
    { capture: true, passive: true, signal },
  );

  return { isAlive: () => isExtensionAlive() && !signal.aborted, stop, automatic: checks.automatic };
}
