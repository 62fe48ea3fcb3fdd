import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import { t } from '../../components/texts.tsx';
import { readBadgeSettings, watchBadgeSettings } from '../../utils/browser/badge-settings.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { listModels } from '../../models/store/model-directory.ts';
import { listPartialDownloads } from '../../models/store/download/partial-download.ts';
import { clearHistory, deleteHistoryEntry, putHistoryEntries } from '../../utils/browser/history-db.ts';
import { handleMessages, sendMessage } from '../../utils/browser/messages.ts';
import { askForHost, hostOf, isHostAllowed } from '../../utils/browser/host-permission.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { forgetVerdict, forgetVerdicts, restoreVerdicts } from '../../utils/browser/verdict-memory-db.ts';
import { beginAutomatic } from './automatic.ts';
import {
  awaitPermission,
  onPermissionsAdded,
  onPermissionsRemoved,
  restoreBadges,
  switchBadgesOff,
  switchBadgesOn,
} from './badge-sites.ts';
import { captureTab } from './capture-tab.ts';
import { checkInTab, listVideosInTab } from './check-in-tab.ts';
import { listClosedHosts, openFrameOfClick } from './closed-frames.ts';
import { injectContentScript, injectScreenScript } from './content-injection.ts';
import { createMenu, readMenuClick } from './menu.ts';
import { closeOffscreenDocument, ensureOffscreenDocument } from './offscreen-document.ts';
import { openPage } from './pages.ts';
import { forgetGoneDocuments, forgetTab, hasDetails, recordScan } from './scan-records.ts';
import { showProblem } from './toolbar.ts';
import type { BadgeSettings } from '../../utils/domain/badge-settings.ts';
import type { CheckTarget } from '../../utils/domain/page-video.ts';

/** The manifest's name of the keyboard command. */
const CHECK_COMMAND = 'check-video';

export default defineBackground({
  type: 'module',
  main() {
    // All listeners are there at once: the service worker is started for an event and must find its listener.
    browser.runtime.onInstalled.addListener(({ reason }) => {
      void createMenu();
      void restoreBadges({ isUpdated: true });
      // Without a network nothing works, so the first thing to see is how to get one.
      if (reason === 'install') void openPage('welcome', null);
    });
    browser.runtime.onStartup.addListener(() => {
      void createMenu();
      void restoreBadges({ isUpdated: false });
    });
    browser.permissions.onAdded.addListener(() => void onPermissionsAdded());
    browser.permissions.onRemoved.addListener(() => void onPermissionsRemoved());
    watchBadgeSettings((settings) => void tellHost(settings));

    browser.contextMenus.onClicked.addListener((info, tab) => {
      const click = readMenuClick(info, tab);
      if (click === null) return;
      // In the click's own task: later the browser would not ask the user any more.
      const isOpen = openFrameOfClick(info);
      void isOpen.then(() => checkAndExplain(click.tabId, click.frameId, click.target));
    });
    browser.commands.onCommand.addListener((command, tab) => {
      if (command !== CHECK_COMMAND || tab?.id === undefined) return;
      void checkAndExplain(tab.id, null, { kind: 'largest' });
    });

    browser.tabs.onUpdated.addListener((tabId, { status }) => {
      if (status !== undefined) void forgetGoneDocuments(tabId);
    });
    browser.tabs.onRemoved.addListener((tabId) => void forgetTab(tabId));

    handleMessages(
      {
        openHost: () => ensureOffscreenDocument().then(() => null),
        hostIdle: () => closeOffscreenDocument().then(() => null),
        getSettings: () => readSettings(),
        checkInTab: ({ tabId, frameId, target, way }) => checkInTab(tabId, frameId, target, way),
        listVideosInTab: ({ tabId }) => listVideosInTab(tabId),
        listClosedHosts: ({ tabId }) => listClosedHosts(tabId),
        scanChanged: ({ scan, facePicture }, sender) =>
          recordScan(scan, facePicture, sender).then(() => null),
        deleteHistoryEntry: async ({ scanId }) => {
          await Promise.all([deleteHistoryEntry(scanId), forgetVerdict(scanId)]);
          return null;
        },
        restoreHistoryEntries: ({ entries }) => putHistoryEntries(entries).then(() => null),
        // Whoever clears the history wants no trace left of what was watched.
        clearHistory: () => Promise.all([clearHistory(), forgetVerdicts()]).then(() => null),
        restoreVerdicts: ({ verdicts }) => restoreVerdicts(verdicts).then(() => null),
        listModels: () => listModels(),
        listPartialDownloads: () => listPartialDownloads(),
        canReadHost: ({ url }) => {
          const host = hostOf(url);
          return host !== null && isHostAllowed(host);
        },
        captureTab: ({ tabId }) => captureTab(tabId),
        requestHost: ({ host }) => askForHost(host),
        openPage: ({ page, scanId }) => openPage(page, scanId).then(() => null),
        putContentScript: (_, { tabId, frameId }) => putBeside(injectContentScript, tabId, frameId),
        putScreenScript: (_, { tabId, frameId }) => putBeside(injectScreenScript, tabId, frameId),
        beginAutomatic: (video, sender) => beginAutomatic(video, sender),
        hasDetails: ({ scanId }) => hasDetails(scanId),
        getFramesAsked: () => readSettings().then(({ framesAsked }) => framesAsked),
        getBadgeSettings: () => readBadgeSettings(),
        awaitPermission: (pending) => awaitPermission(pending).then(() => null),
        switchBadges: ({ site, isOn }) =>
          (isOn ? switchBadgesOn(site) : switchBadgesOff(site.siteId)).then(() => null),
      },
      [
        'hostIdle',
        'getSettings',
        'checkInTab',
        'listVideosInTab',
        'listClosedHosts',
        'deleteHistoryEntry',
        'restoreHistoryEntries',
        'clearHistory',
        'restoreVerdicts',
        'listModels',
        'listPartialDownloads',
        'canReadHost',
        'captureTab',
        'getBadgeSettings',
        'awaitPermission',
        'switchBadges',
      ],
    );
  },
});

/** A check that was asked for without a page of ours in sight: what keeps it from starting is said on the toolbar. */
async function checkAndExplain(tabId: number, frameId: number | null, target: CheckTarget): Promise<void> {
  try {
    const outcome = await checkInTab(tabId, frameId, target);
    if (outcome.kind === 'no-video') await showProblem(tabId, t('toolbar.noVideo'));
  } catch (error) {
    await showProblem(
      tabId,
      isDetectorError(error, 'page-refused')
        ? t(frameId === null || frameId === 0 ? 'page.refused' : 'page.frameRefused')
        : t('toolbar.notStarted'),
    );
    // Refused pages are expected; everything else belongs in the extension's error list.
    if (!isDetectorError(error, 'page-refused')) throw error;
  }
}

/** Beside the script that has asked for it, in its own frame. */
async function putBeside(
  inject: (tabId: number, frameId: number) => Promise<unknown>,
  tabId: number | null,
  frameId: number | null,
): Promise<null> {
  if (tabId !== null && frameId !== null) await inject(tabId, frameId);
  return null;
}

async function tellHost(settings: BadgeSettings): Promise<void> {
  try {
    await sendMessage('badgeSettingsChanged', { settings });
  } catch (error) {
    // No host, no automatic scans; it asks for the settings when it opens.
    if (!isDetectorError(error, 'unreachable')) throw error;
  }
}
