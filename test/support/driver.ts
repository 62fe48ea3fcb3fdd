import { setTimeout } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import type { PageVideo } from '../../utils/domain/page-video.ts';
import type { MessageName, ReplyOf, RequestOf } from '../../utils/browser/protocol.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { HistoryEntry, Scan, ScanState } from '../../utils/domain/scan.ts';
import { launchExtension, type ExtensionOptions, type RunningExtension } from './extension.ts';
import { openTargets, type AttachedTarget, type Targets } from './targets.ts';

/** The extension in a real Chromium, and the user's actions in it. No part of the extension is replaced. */
export type Driver = {
  readonly extension: RunningExtension;
  readonly targets: Targets;
  /** A document of the extension's origin that runs no code of its own. */
  readonly probe: Page;
  /** Opens a page in a new tab in front, and waits until its videos play, or until another expression is true in it. */
  readonly openTab: (url: string, isReady?: string) => Promise<VideoTab>;
  /** Presses the button in the toolbar: `activeTab` is granted for the tab in front, and its popup opens. */
  readonly openPopup: (tab: VideoTab) => Promise<AttachedTarget & { readonly close: () => Promise<void> }>;
  /** Grants `activeTab` for the tab's present page, as each of the user's ways to a check does. */
  readonly letIn: (tab: VideoTab) => Promise<void>;
  /** Chooses "Check this video" in the menu at the place of the pointer. */
  readonly checkByMenu: (tab: VideoTab, click: MenuClick) => Promise<void>;
  /** Presses the keyboard command, with the tab in front. */
  readonly pressShortcut: (tab: VideoTab) => Promise<void>;
  /** Runs in the service worker, which is started for it where it was stopped. */
  readonly inServiceWorker: <Value>(expression: string) => Promise<Value>;
  /** Asks the context that owns `name`, as the extension's own pages do. */
  readonly ask: <Name extends MessageName>(name: Name, request: RequestOf<Name>) => Promise<ReplyOf<Name>>;
  /** Puts the content script into the tab's frames; their videos, in the order of frames. */
  readonly listVideos: (tab: VideoTab) => Promise<readonly PageVideo[]>;
  /** The tab's scans, latest first. */
  readonly scansOf: (tab: VideoTab) => Promise<readonly Scan[]>;
  /** Waits until the tab's latest scan, which is not `formerScanId`, is in such a state. */
  readonly waitForScan: (
    tab: VideoTab,
    description: string,
    matches: (state: ScanState) => boolean,
    formerScanId?: string,
  ) => Promise<Scan>;
  readonly waitForEnd: (tab: VideoTab) => Promise<Scan>;
  readonly readHistory: () => Promise<readonly HistoryEntry[]>;
  /** The background writes it after the page has its verdict: waits for it. */
  readonly waitForHistoryEntry: (scanId: string) => Promise<HistoryEntry>;
  /** Stops the service worker as the browser does after half a minute; the next event starts it again. */
  readonly stopServiceWorker: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type VideoTab = { readonly page: Page; readonly tabId: number };

export type MenuClick = {
  /** The pointer's place in the page when the menu opens, in CSS pixels. */
  readonly at: { readonly x: number; readonly y: number };
  /** The address of the video, if the pointer is on the video itself. */
  readonly srcUrl: string | null;
};

const POPUP_IS_COMPLETE = `location.pathname === '/popup.html' && document.readyState === 'complete'`;
/** The background's id of the menu entry. */
const MENU_ITEM_ID = 'check-video';

/** A scan of 15 frames with the small network takes a few seconds; a busy machine gets time. */
const SCAN_TIMEOUT_MILLISECONDS = 90_000;
const POLL_MILLISECONDS = 50;
const WELCOME_TIMEOUT_MILLISECONDS = 30_000;
const HISTORY_TIMEOUT_MILLISECONDS = 15_000;

/** Starts Chromium with the built extension. */
export async function startDriver(options: ExtensionOptions = {}): Promise<Driver> {
  const extension = await launchExtension(options);
  const { context, serviceWorker, origin } = extension;
  const targets = await openTargets(context);
  const extensionId = new URL(origin).host;
  const probe = context.pages()[0] ?? (await context.newPage());
  await probe.goto(`${origin}/manifest.json`);
  // At its first start, the extension opens the welcome page in front; at a later start with the same profile it does
  // not.
  if (extension.isFirstStart) await (await findWelcomePage(context)).close();

  async function inServiceWorker<Value>(expression: string): Promise<Value> {
    await probe.evaluate(
      `chrome.runtime.sendMessage({ name: 'wake', request: null }).catch(() => undefined)`,
    );
    return serviceWorker.evaluate<Value>(expression);
  }

  async function openTab(url: string, isReady?: string): Promise<VideoTab> {
    const page = await context.newPage();
    // A page may never be complete, such as one whose script does not come. The caller then says when it is ready.
    await page.goto(url, { waitUntil: isReady === undefined ? 'load' : 'commit' });
    await page.bringToFront();
    await page.waitForFunction(isReady ?? PLAYING);
    const tabId = await inServiceWorker<number>(
      `chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([tab]) => tab.id)`,
    );
    return { page, tabId };
  }

  async function openPopup(tab: VideoTab): ReturnType<Driver['openPopup']> {
    await tab.page.bringToFront();
    const address = tab.page.url();
    const { targetId } = await targets.find(
      `tab with ${address}`,
      ({ type, url }) => type === 'tab' && url === address,
    );
    await targets.send('Extensions.triggerAction', { id: extensionId, targetId });
    const popup = await targets.find('popup', ({ url }) => url.startsWith(`${origin}/popup.html`));
    const attached = await targets.attach(popup.targetId);
    // The target is there before its document is.
    while (!(await attached.evaluate<boolean>(POPUP_IS_COMPLETE))) await setTimeout(20);
    return { ...attached, close: () => targets.close(popup.targetId) };
  }

  /**
   * Tabs with the addresses of the pages that the user has let the extension into, since a navigation ends that
   * permission.
   */
  const granted = new Set<string>();

  /** A click in the real menu and the real shortcut grant activeTab. The events that are dispatched below do not. */
  async function letIn(tab: VideoTab): Promise<void> {
    const grant = `${String(tab.tabId)} ${tab.page.url()}`;
    if (!granted.has(grant)) await (await openPopup(tab)).close();
    granted.add(grant);
    await tab.page.bringToFront();
  }

  async function checkByMenu(tab: VideoTab, { at, srcUrl }: MenuClick): Promise<void> {
    await letIn(tab);
    await tab.page.mouse.move(at.x, at.y);
    const info = {
      menuItemId: MENU_ITEM_ID,
      editable: false,
      frameId: 0,
      pageUrl: tab.page.url(),
      ...(srcUrl !== null && { mediaType: 'video', srcUrl }),
    };
    await inServiceWorker(`chrome.tabs.get(${String(tab.tabId)}).then((tab) =>
      chrome.contextMenus.onClicked.dispatch(${JSON.stringify(info)}, tab))`);
  }

  async function pressShortcut(tab: VideoTab): Promise<void> {
    await letIn(tab);
    await inServiceWorker(`chrome.tabs.get(${String(tab.tabId)}).then((tab) =>
      chrome.commands.onCommand.dispatch('check-video', tab))`);
  }

  async function scansOf({ tabId }: VideoTab): Promise<readonly Scan[]> {
    const key = `scans:${String(tabId)}`;
    return probe.evaluate<readonly Scan[]>(
      `chrome.storage.session.get('${key}').then((stored) => stored['${key}'] ?? [])`,
    );
  }

  async function waitForScan(
    tab: VideoTab,
    description: string,
    matches: (state: ScanState) => boolean,
    formerScanId?: string,
  ): Promise<Scan> {
    for (const deadline = Date.now() + SCAN_TIMEOUT_MILLISECONDS; Date.now() < deadline;) {
      const [scan] = await scansOf(tab);
      if (scan !== undefined && scan.scanId !== formerScanId && matches(scan.state)) return scan;
      await setTimeout(POLL_MILLISECONDS);
    }
    throw new Error(`no ${description} scan; the tab's are ${JSON.stringify(await scansOf(tab))}`);
  }

  async function stopServiceWorker(): Promise<void> {
    const running = async (): Promise<readonly string[]> =>
      (await targets.list())
        .filter(({ type, url }) => type === 'service_worker' && url.startsWith(origin))
        .map(({ targetId }) => targetId);
    const before = new Set(await running());
    const session = await context.newCDPSession(probe);
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    // A scan under way starts another one at once, even between two polls; its target differs.
    for (let attempt = 0; (await running()).some((targetId) => before.has(targetId)); attempt++) {
      // Three browsers share two cores, so one may get no time for some seconds.
      if (attempt === 400) throw new Error('the service worker does not stop');
      await setTimeout(POLL_MILLISECONDS);
    }
    await session.detach();
  }

  async function ask<Name extends MessageName>(name: Name, request: RequestOf<Name>): Promise<ReplyOf<Name>> {
    const reply = await probe.evaluate<Reply<ReplyOf<Name>>>(
      `chrome.runtime.sendMessage(${JSON.stringify({ name, request })})`,
    );
    if (!reply?.ok) throw new Error(`${name}: ${reply?.error.code ?? 'nobody answers'}`);
    return reply.value;
  }

  async function listVideos({ tabId }: VideoTab): Promise<readonly PageVideo[]> {
    const { frameIds } = await ask('openFrames', { tabId });
    const lists = await Promise.all(
      frameIds.map((frameId) =>
        probe.evaluate<Reply<readonly PageVideo[]>>(
          `chrome.tabs.sendMessage(${String(tabId)}, { name: 'listVideos', request: null }, { frameId: ${String(frameId)} })`,
        ),
      ),
    );
    return lists.flatMap((reply) => (reply?.ok === true ? reply.value : []));
  }

  const readHistory = (): Promise<readonly HistoryEntry[]> => probe.evaluate(READ_HISTORY);

  return {
    extension,
    targets,
    probe,
    openTab,
    openPopup,
    letIn,
    checkByMenu,
    pressShortcut,
    inServiceWorker,
    ask,
    listVideos,
    scansOf,
    waitForScan,
    waitForEnd: (tab) => waitForScan(tab, 'ended', isFinal),
    readHistory,
    waitForHistoryEntry: async (scanId) => {
      for (let waited = 0; waited < HISTORY_TIMEOUT_MILLISECONDS; waited += POLL_MILLISECONDS) {
        const entry = (await readHistory()).find((candidate) => candidate.scanId === scanId);
        if (entry !== undefined) return entry;
        await setTimeout(POLL_MILLISECONDS);
      }
      throw new Error(`no entry of scan ${scanId} in the history`);
    },
    stopServiceWorker,
    close: extension.close,
  };
}

/** The page that the extension opens when it has just been installed. */
async function findWelcomePage(context: BrowserContext): Promise<Page> {
  const isWelcome = (page: Page): boolean => page.url().endsWith('/welcome.html');
  for (let waited = 0; waited < WELCOME_TIMEOUT_MILLISECONDS; waited += POLL_MILLISECONDS) {
    const found = context.pages().find(isWelcome);
    if (found !== undefined) return found;
    await setTimeout(POLL_MILLISECONDS);
  }
  throw new Error('the extension was installed, and its welcome page did not open');
}

type Reply<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: { readonly code: string } }
  | undefined;

/** Every video of the page and of its open shadow roots has shown a frame. */
const PLAYING = `(() => {
  const videosIn = (root) => [...root.querySelectorAll('*')].flatMap((element) => [
    ...(element instanceof HTMLVideoElement ? [element] : []),
    ...(element.shadowRoot ? videosIn(element.shadowRoot) : []),
  ]);
  return videosIn(document).every((video) => video.readyState >= 2 && (video.paused || video.currentTime > 0));
})()`;

/** Reads IndexedDB directly, so that the entries are seen as they lie on disk. */
const READ_HISTORY = `(async () => {
  const asPromise = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === 'history')) return [];
  const database = await asPromise(indexedDB.open('history'));
  try {
    return await asPromise(database.transaction('entries').objectStore('entries').getAll());
  } finally {
    database.close();
  }
})()`;
