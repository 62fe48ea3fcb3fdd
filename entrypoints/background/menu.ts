import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { t } from '../../components/texts.tsx';
import type { CheckTarget } from '../../utils/domain/page-video.ts';

const MENU_ITEM = 'check-video';

/**
 * The item is in the menu nearly everywhere on a page: many sites lay links, images or plain boxes over their videos,
 * and the browser then names those instead of the video.
 */
const CONTEXTS = ['video', 'page', 'frame', 'link', 'image', 'selection', 'editable', 'audio'] as const;

/** Creates the menu item. It outlives the service worker, so it is created at install and start only. */
export async function createMenu(): Promise<void> {
  // After an update the item of the former version may still be there; creating it twice is an error.
  await browser.contextMenus.removeAll();
  browser.contextMenus.create({
    id: MENU_ITEM,
    title: t('menu.checkVideo'),
    // No address patterns: a frame whose document the page has written itself has no web address.
    contexts: [...CONTEXTS],
  });
}

/** The tab, frame and video that a click on the menu item addresses; null for a click on another extension's item. */
export function readMenuClick(
  info: Browser.contextMenus.OnClickData,
  tab: Browser.tabs.Tab | undefined,
): { readonly tabId: number; readonly frameId: number; readonly target: CheckTarget } | null {
  if (info.menuItemId !== MENU_ITEM || tab?.id === undefined) return null;
  const srcUrl = info.mediaType === 'video' ? (info.srcUrl ?? null) : null;
  return { tabId: tab.id, frameId: info.frameId ?? 0, target: { kind: 'pointer', srcUrl } };
}
