import { defineContentScript } from 'wxt/utils/define-content-script';
import { listen } from '../../utils/browser/dom.ts';
import { inWorld, isExtensionAlive, onRewritten } from '../../utils/browser/frame-world.ts';
import type { AutomaticChecks, FrameWorld, RunningScript } from '../../utils/browser/frame-world.ts';
import { ask, handleMessages } from '../../utils/browser/messages.ts';
import type { BadgesOfFrame } from '../../utils/domain/automatic.ts';
import { watchPlayingVideos } from './playing-videos.ts';
import { createVideoWatch } from './video-watch.ts';

export default defineContentScript({
  // The manifest does not list this script: it is registered for a site when the user switches badges on there.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  async main() {
    // The tab still shows another page, and the background would decide by that one.
    if (isPrerendered()) {
      await new Promise((resolve) => listen(document, 'prerenderingchange', resolve, { once: true }));
    }
    const badges = await badgesOfThisFrame();
    if (!badges.isOn) return;
    // Switching a site on injects the script into its open pages, which may have it already.
    if (inWorld('trueFrameBadges')?.isAlive() === true) return;
    inWorld('trueFrameBadges')?.stop();
    begin(badges);
  },
});

const badgesOfThisFrame = (): Promise<BadgesOfFrame> => ask('background', 'getBadges', null);

function isPrerendered(): boolean {
  return (document as { readonly prerendering?: boolean }).prerendering === true;
}

function begin(badges: BadgesOfFrame): void {
  const world: FrameWorld = globalThis;
  world.trueFrameBadges = run(badges);
}

/** Watches for playing videos. The content script checks them; the background injects it for the first one. */
function run(atFirst: BadgesOfFrame): RunningScript {
  const life = new AbortController();
  const { signal } = life;
  let badges = atFirst;
  const stop = (): void => life.abort();
  const isAlive = (): boolean => !signal.aborted && isExtensionAlive();

  const checks = async (): Promise<AutomaticChecks | null> => {
    if (inWorld('trueFrame')?.isAlive() !== true) await ask('background', 'putContentScript', null);
    const automatic = inWorld('trueFrame')?.automatic ?? null;
    automatic?.showInFullScreen(badges.showsInFullScreen);
    return automatic;
  };
  const pauseLeft = async (): Promise<number | null> => (await badgesOfThisFrame()).pauseLeftMilliseconds;
  const watch = createVideoWatch({ checks, isAlive, pauseLeft, onExtensionGone: stop }, signal);
  watchPlayingVideos(watch.add, signal);
  onRewritten(() => {
    stop();
    begin(badges);
  }, signal);

  const askAgain = async (): Promise<void> => {
    // The extension was updated or removed, so the script can't ask.
    const now = isAlive() ? await badgesOfThisFrame().catch(() => null) : null;
    if (now?.isOn !== true) {
      stop();
      return;
    }
    badges = now;
    inWorld('trueFrame')?.automatic.showInFullScreen(badges.showsInFullScreen);
    if (!badges.isPaused) watch.decideOnAll();
  };
  const stopMessages = handleMessages('badges', { badgesChanged: () => askAgain().then(() => null) });
  // A page that the browser kept for "back" has missed the messages.
  listen(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && void askAgain(), {
    signal,
  });
  signal.addEventListener('abort', () => {
    // After an update the browser has removed the listeners already, and removing one would throw.
    if (isExtensionAlive()) stopMessages();
    inWorld('trueFrame')?.automatic.endAll();
  });
  return { isAlive, stop };
}
