import { browser } from 'wxt/browser';
import { defineContentScript } from 'wxt/utils/define-content-script';
import { isRuntimeAlive } from '../../utils/browser/frame-world.ts';
import type { AutomaticChecks, FrameWorld, RunningScript } from '../../utils/browser/frame-world.ts';
import { ask, handleMessages } from '../../utils/browser/messages.ts';
import { badgeSettingsInPage } from '../../utils/browser/stored-in-page.ts';
import { isOnForPage } from './on-for-page.ts';
import { watchPlayingVideos } from './playing-videos.ts';
import { createVideoWatch } from './video-watch.ts';
import { isPausedByUser } from '../../utils/domain/badge-settings.ts';

export default defineContentScript({
  // In no manifest: it is registered for a site when the user switches badges on there.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  async main() {
    const world: FrameWorld = globalThis;
    if (!(await isOnForPage())) return;
    // Switching a site on puts it into pages that are open, which may have it already.
    if (world.trueFrameBadges?.isAlive() === true) return;
    world.trueFrameBadges?.stop();
    world.trueFrameBadges = run(world);
  },
});

/** Looks out for videos that play. The checks themselves are the content script's, which comes with the first video. */
function run(world: FrameWorld): RunningScript {
  const life = new AbortController();
  const { signal } = life;
  const badgeSettings = badgeSettingsInPage();
  const stop = (): void => life.abort();
  const isAlive = (): boolean => !signal.aborted && isRuntimeAlive(browser.runtime);

  const checks = async (): Promise<AutomaticChecks | null> => {
    if (world.trueFrame?.isAlive() !== true) await ask('background', 'putContentScript', null);
    const automatic = world.trueFrame?.automatic ?? null;
    automatic?.showInFullScreen((await badgeSettings.read()).showsInFullScreen);
    return automatic;
  };
  const pauseLeft = async (): Promise<number | null> => {
    const { isPausedEverywhere, pausedUntil } = await badgeSettings.read();
    const left = isPausedEverywhere || pausedUntil === null ? 0 : pausedUntil - Date.now();
    return left > 0 ? left : null;
  };
  const watch = createVideoWatch({ checks, isAlive, pauseLeft, onExtensionGone: stop }, signal);
  watchPlayingVideos(watch.add, signal);

  const endIfOff = async (): Promise<void> => {
    // Without its extension there is no list, either.
    if (!isAlive() || !(await isOnForPage().catch(() => false))) stop();
  };
  const stopSettings = badgeSettings.watch((settings) => {
    world.trueFrame?.automatic.showInFullScreen(settings.showsInFullScreen);
    if (!isPausedByUser(settings, Date.now())) watch.lookAgain();
  });
  const stopMessages = handleMessages('badges', {
    // Said to every page, since the browser may not tell any more which are the site's.
    endBadges: () => endIfOff().then(() => null),
  });
  // A page that the browser has kept for "back" was told nothing meanwhile.
  addEventListener('pageshow', ({ persisted }) => persisted && void endIfOff(), { signal });
  signal.addEventListener('abort', () => {
    // After an update nobody can be told any more, and listening ends by itself.
    if (isRuntimeAlive(browser.runtime)) {
      stopSettings();
      stopMessages();
    }
    world.trueFrame?.automatic.endAll();
  });
  return { isAlive, stop };
}
