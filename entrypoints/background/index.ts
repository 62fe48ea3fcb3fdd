import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import { t } from '../../components/texts.tsx';
import { readBadgeSettings, watchBadgeSettings } from '../../utils/browser/badge-settings.ts';
import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { listModels } from '../../models/store/model-store.ts';
import { listPartialDownloads } from '../../models/store/download/partial-download.ts';
import {
  annotateHistoryEntry,
  clearHistory,
  deleteHistoryEntries,
  dropCrops,
  putHistoryEntries,
} from '../../utils/browser/history-db.ts';
import { askOpenHost, handleMessages } from '../../utils/browser/messages.ts';
import { askForHost, isHostAllowed } from '../../utils/browser/host-permission.ts';
import { hostOf } from '../../utils/domain/sites.ts';
import { CONTENT_REQUESTS, fromContent } from '../../utils/browser/from-content.ts';
import type { MessageSender } from '../../utils/browser/from-content.ts';
import { watchPolicy } from '../../utils/browser/policy.ts';
import { readSettings, watchSettings } from '../../utils/browser/settings.ts';
import { forgetVerdicts, forgetVerdictsOf, restoreVerdicts } from '../../utils/browser/verdict-memory-db.ts';
import { beginAutomatic } from './automatic.ts';
import {
  awaitPermission,
  getBadges,
  onPermissionsAdded,
  onPermissionsRemoved,
  restoreBadges,
  switchBadgesOff,
  switchBadgesOn,
  tellOpenPages,
} from './badge-sites.ts';
import { captureTab } from './capture-tab.ts';
import { checkInTab } from './check-in-tab.ts';
import { listClosedHosts, openFrameOfClick } from './closed-frames.ts';
import {
  injectContentScript,
  injectIntoFrames,
  injectOnDemand,
  noteContentScript,
} from './content-injection.ts';
import { expireHistory, expireNowAndThen } from './expiry.ts';
import { leaveCookiesOut } from './file-requests.ts';
import { createMenu, readMenuClick } from './menu.ts';
import { closeOffscreenDocument, ensureOffscreenDocument } from './offscreen-document.ts';
import { forgetGoneDocuments, forgetTab, hasDetails, recordLostScan, recordScan } from './scan-records.ts';
import { admitScan, askAgain, hasCard } from './tickets.ts';
import { showProblem } from './toolbar.ts';
import { createRateLimit } from '../../utils/domain/rate-limit.ts';
import type { RequestOf } from '../../utils/browser/protocol.ts';
import type { CheckTarget } from '../../utils/domain/page-video.ts';

/** The manifest's name of the keyboard command. */
const CHECK_COMMAND = 'check-video';

const { nothing } = CONTENT_REQUESTS;

export default defineBackground({
  type: 'module',
  main() {
    // All listeners are added at once: the browser starts the service worker for an event, and must find the listener.
    browser.runtime.onInstalled.addListener(({ reason }) => {
      void createMenu();
      void restoreBadges({ isUpdated: true });
      // Without a network nothing works, so the first page shows how to get one.
      if (reason === 'install') void openPage('welcome', null);
    });
    browser.runtime.onStartup.addListener(() => {
      void createMenu();
      void restoreBadges({ isUpdated: false });
    });
    browser.permissions.onAdded.addListener(() => void onPermissionsAdded());
    browser.permissions.onRemoved.addListener(() => void onPermissionsRemoved());
    // A host that opens later asks for the settings itself.
    watchBadgeSettings((settings) => {
      void askOpenHost('badgeSettingsChanged', { settings });
      void tellOpenPages();
    });
    watchSettings(({ historyDays }) => void expireHistory(historyDays));
    void expireNowAndThen();
    watchPolicy(() => void restoreBadges({ isUpdated: false }).then(tellOpenPages));
    closeStorageToPages();

    browser.contextMenus.onClicked.addListener((info, tab) => {
      const click = readMenuClick(info, tab);
      if (click === null) return;
      // This must run in the click's own task: later the browser does not ask the user any more.
      const isOpen = tab?.incognito === true ? Promise.resolve() : openFrameOfClick(info);
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

    handleMessages('background', {
      openHost: fromContent(nothing, () => ensureOffscreenDocument().then(() => null)),
      hostIdle: () => closeOffscreenDocument().then(() => null),
      getSettings: () => readSettings(),
      getBadgeSettings: () => readBadgeSettings(),
      canReadHost: async ({ url }) => {
        const host = hostOf(url);
        if (host === null || !(await isHostAllowed(host))) return false;
        await leaveCookiesOut();
        return true;
      },
      admitScan,
      captureTab: ({ tabId }) => captureTab(tabId),
      scanChanged: ({ scan, facePicture }) => recordScan(scan, facePicture).then(() => null),

      checkInTab: (request) => checkInTab(request),
      openFrames: ({ tabId }) => injectIntoFrames(tabId),
      listClosedHosts: ({ tabId }) => listClosedHosts(tabId),
      listModels: () => listModels(BROWSER_STORE),
      listPartialDownloads: () => listPartialDownloads(BROWSER_STORE),
      deleteHistoryEntries: ({ scanIds }) =>
        Promise.all([deleteHistoryEntries(scanIds), forgetVerdictsOf(scanIds)]).then(() => null),
      restoreHistoryEntries: ({ entries, crops }) => putHistoryEntries(entries, crops).then(() => null),
      annotateHistoryEntry: ({ scanId, annotation }) =>
        annotateHistoryEntry(scanId, annotation).then(() => null),
      dropCrops: () => dropCrops().then(() => null),
      // A user who clears the history wants no trace of the watched videos to stay.
      clearHistory: () => Promise.all([clearHistory(), forgetVerdicts()]).then(() => null),
      restoreVerdicts: ({ verdicts }) => restoreVerdicts(verdicts).then(() => null),
      awaitPermission: (pending) => awaitPermission(pending).then(() => null),
      switchBadges: ({ site, isOn }) =>
        (isOn ? switchBadgesOn(site) : switchBadgesOff(site.siteId)).then(() => null),

      openPage: fromContent(CONTENT_REQUESTS.openPage, (request, sender) =>
        openPageFor(request, sender).then(() => null),
      ),
      // A permission outlasts a private window, so the extension asks for none there.
      requestHost: fromContent(CONTENT_REQUESTS.requestHost, ({ host }, { isPrivate, tabId }) =>
        isPrivate || !mayAskForHost(tabId ?? '') ? false : askForHost(host),
      ),
      putContentScript: fromContent(nothing, (_, sender) => putBeside(injectContentScript, sender)),
      contentRuns: fromContent(nothing, (_, sender) => {
        noteContentScript(sender);
        return null;
      }),
      putScript: fromContent(CONTENT_REQUESTS.putScript, ({ script }, sender) =>
        putBeside((tabId, frameId) => injectOnDemand(tabId, frameId, script), sender),
      ),
      getBadges: fromContent(nothing, (_, sender) => getBadges(sender)),
      beginAutomatic: fromContent(CONTENT_REQUESTS.beginAutomatic, beginAutomatic),
      hasDetails: fromContent(
        CONTENT_REQUESTS.hasDetails,
        async ({ scanId }, sender) =>
          canShowDetails(sender) && (await hasCard(scanId, sender)) && (await hasDetails(scanId)),
      ),
      askAgain: fromContent(CONTENT_REQUESTS.askAgain, askAgain),
      scanLost: fromContent(CONTENT_REQUESTS.scanLost, (lost, sender) =>
        recordLostScan(lost, sender).then(() => null),
      ),
    });
  },
});

/**
 * An attacker may take over a page's process, and with it the content scripts in it. So storage is open to the
 * extension's own contexts only. Firefox has no such levels.
 */
function closeStorageToPages(): void {
  const { local, session } = browser.storage;
  for (const area of [local, session] as readonly Partial<typeof local>[]) {
    void area.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });
  }
}

/** No page of ours is visible when such a check is asked for, so the toolbar says why it could not start. */
async function checkAndExplain(tabId: number, frameId: number | null, target: CheckTarget): Promise<void> {
  try {
    const outcome = await checkInTab({ tabId, frameId, target });
    if (outcome.kind === 'no-video') await showProblem(tabId, t('toolbar.noVideo'));
  } catch (error) {
    await showProblem(
      tabId,
      isDetectorError(error, 'page-refused')
        ? t(error.params.place === 'frame' ? 'page.frameRefused' : 'page.refused')
        : t('toolbar.notStarted'),
    );
    // Refused pages are expected; everything else belongs in the extension's error list.
    if (!isDetectorError(error, 'page-refused')) throw error;
  }
}

/** The new script is injected into the same frame as the script that has asked for it. */
async function putBeside(
  inject: (tabId: number, frameId: number) => Promise<unknown>,
  { tabId, frameId }: MessageSender,
): Promise<null> {
  if (tabId !== null && frameId !== null) await inject(tabId, frameId);
  return null;
}

/** The browser's question takes the whole window. A user presses "Allow" once, and once more after a mistake. */
const mayAskForHost = createRateLimit({ times: 3, perMilliseconds: 60_000 });

/** As many as a user presses buttons on cards. A page that asks more often is not a user. */
const mayOpenPage = createRateLimit({ times: 5, perMilliseconds: 10_000 });

/** A content script may open only the page about a scan that its frame shows, and not again and again. */
async function openPageFor({ page, scanId }: RequestOf<'openPage'>, sender: MessageSender): Promise<void> {
  if (!sender.isOwnPage) {
    const isAllowed =
      page === 'welcome' || (scanId !== null && canShowDetails(sender) && (await hasCard(scanId, sender)));
    if (!isAllowed || !mayOpenPage(sender.tabId ?? '')) {
      throw new DetectorError('request-invalid', 'no scan of this frame');
    }
  }
  await openPage(page, scanId);
}

/** Chromium opens an extension's pages in a normal window, which must show nothing of a private window. */
function canShowDetails({ isPrivate }: MessageSender): boolean {
  return !isPrivate || import.meta.env.FIREFOX;
}

/** Opens one of the extension's own pages in a tab. @param scanId the scan that the report page is about */
async function openPage(page: 'report' | 'welcome', scanId: string | null): Promise<void> {
  const fragment = scanId === null ? '' : `#${encodeURIComponent(scanId)}`;
  const path = page === 'report' ? (`/report.html${fragment}` as const) : '/welcome.html';
  await openOnce(browser.runtime.getURL(path));
}

/** Brings forward the tab that shows the page already, or opens one. */
async function openOnce(url: string): Promise<void> {
  // The addresses of its own pages an extension may see without the permission `tabs`. Patterns leave out fragments.
  const shown = await browser.tabs.query({ url: url.replace(/#.*/, '') });
  const open = shown.find((tab) => tab.url === url);
  if (open?.id === undefined) {
    await browser.tabs.create({ url });
    return;
  }
  await browser.tabs.update(open.id, { active: true });
  await browser.windows.update(open.windowId, { focused: true });
}
