import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';

/** Whether a sender is one of the extension's pages or its service worker, not a content script. */
export function isOwnPage({ url, origin }: Browser.runtime.MessageSender): boolean {
  return `${url ?? origin ?? ''}/`.startsWith(browser.runtime.getURL('/'));
}
