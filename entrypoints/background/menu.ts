import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { t } from '../../components/texts.tsx';
import type { CheckTarget } from '../../utils/domain/page-video.ts';

const MENU_ITEM = 'check-video';

/**
 * Nearly everywhere on a page: many sites lay links, images or plain boxes over their videos, and the browser then
 * names those and not the video.
 */
const CONTEXTS = ['video', 'page', 'frame', 'link', 'image', 'selection', 'editable', 'audio'] as const;

/** Makes the menu item. It outlives the service worker, so it is made at install and start only. */
export async function createMenu(): Promise<void> {
  // After an update the item of the former version may still be there; creating it twice is an error.
  await browser.contextMenus.removeAll();
  browser.contextMenus.create({
    id: MENU_ITEM,
    title: t('menu.checkVideo'),
    // Without patterns of addresses: frames whose document the page has written itself have none on the web.
    contexts: [...CONTEXTS],
  });
}

/** The tab, frame and video that a click on the menu item means; null for clicks that are not ours. */
export function readMenuClick(
  info: Browser.contextMenus.OnClickData,
  tab: Browser.tabs.Tab | undefined,
): { readonly tabId: number; readonly frameId: number; readonly target: CheckTarget } | null {
  if (info.menuItemId !== MENU_ITEM || tab?.id === undefined) return null;
  const srcUrl = info.mediaType === 'video' ? (info.srcUrl ?? null) : null;
  return { tabId: tab.id, frameId: info.frameId ?? 0, target: { kind: 'pointer', srcUrl } };
}
