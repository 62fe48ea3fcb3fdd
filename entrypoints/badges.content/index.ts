import { defineContentScript } from 'wxt/utils/define-content-script';
import { listen } from '../../utils/browser/dom.ts';
import { inWorld, isExtensionAlive, onRewritten } from '../../utils/browser/frame-world.ts';
import type { AutomaticChecks, FrameWorld, RunningScript } from '../../utils/browser/frame-world.ts';
import { ask, handleMessages } from '../../utils/browser/messages.ts';
import { badgeSettingsInPage, badgeSitesInPage } from '../../utils/browser/stored-in-page.ts';
import { isPausedByUser } from '../../utils/domain/automatic.ts';
import { isOfOrigins } from '../../utils/domain/sites.ts';
import { watchPlayingVideos } from './playing-videos.ts';
import { createVideoWatch } from './video-watch.ts';

export default defineContentScript({
  // The manifest does not list this script: it is registered for a site when the user switches badges on there.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  async main() {
    if (!(await isOnForPage())) return;
    // Switching a site on injects the script into its open pages, which may have it already.
    if (inWorld('trueFrameBadges')?.isAlive() === true) return;
    inWorld('trueFrameBadges')?.stop();
    begin();
  },
});

function begin(): void {
  const world: FrameWorld = globalThis;
  world.trueFrameBadges = run();
}

/** Watches for playing videos. The content script checks them; the background injects it for the first one. */
function run(): RunningScript {
  const life = new AbortController();
  const { signal } = life;
  const badgeSettings = badgeSettingsInPage();
  const stop = (): void => life.abort();
  const isAlive = (): boolean => !signal.aborted && isExtensionAlive();

  const checks = async (): Promise<AutomaticChecks | null> => {
    if (inWorld('trueFrame')?.isAlive() !== true) await ask('background', 'putContentScript', null);
    const automatic = inWorld('trueFrame')?.automatic ?? null;
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
  onRewritten(() => {
    stop();
    begin();
  }, signal);

  const endIfOff = async (): Promise<void> => {
    // Without its extension the script can't read the list of sites.
    if (!isAlive() || !(await isOnForPage().catch(() => false))) stop();
  };
  const stopSettings = badgeSettings.watch((settings) => {
    inWorld('trueFrame')?.automatic.showInFullScreen(settings.showsInFullScreen);
    if (!isPausedByUser(settings, Date.now())) watch.decideOnAll();
  });
  const stopMessages = handleMessages('badges', {
    // The background tells every page, since the browser may no longer say which pages are the site's.
    endBadges: () => endIfOff().then(() => null),
  });
  // A page that the browser kept for "back" has missed the messages.
  listen(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && void endIfOff(), {
    signal,
  });
  signal.addEventListener('abort', () => {
    // After an update the browser has ended the listening already, and removing a listener would throw.
    if (isExtensionAlive()) {
      stopSettings();
      stopMessages();
    }
    inWorld('trueFrame')?.automatic.endAll();
  });
  return { isAlive, stop };
}

/**
 * Whether badges are on for the page around this frame. The script is registered for all hosts of a site, since the player
 * may be in a frame of the host of its videos. On that host's own pages, and in its frames on other sites, badges are off.
 */
async function isOnForPage(): Promise<boolean> {
  // Browsers without `ancestorOrigins` decide for each frame by itself.
  const { origin, ancestorOrigins = [] } = location as {
    readonly origin: string;
    readonly ancestorOrigins?: ArrayLike<string>;
  };
  const pageOrigin = Array.from(ancestorOrigins).at(-1) ?? origin;
  return (await badgeSitesInPage().read()).some(
    ({ pagePatterns, originPatterns }) =>
      isOfOrigins(pageOrigin, pagePatterns) && isOfOrigins(origin, originPatterns),
  );
}
