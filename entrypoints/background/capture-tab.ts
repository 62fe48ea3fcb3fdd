import { browser } from 'wxt/browser';
import { DetectorError } from '../../utils/domain/errors.ts';

/**
 * The visible page of a tab, in the pixels of the screen, as a `data:` PNG. The browser captures the active tab, so this
 * function tests before and after that it is this one: it returns no other page's picture.
 * @returns null while the tab is not in front, or where the browser has no picture just now
 * @throws DetectorError `page-refused` where the user has not let the extension into the page
 */
export async function captureTab(tabId: number): Promise<string | null> {
  const before = await browser.tabs.get(tabId);
  if (!before.active) return null;
  let picture: string;
  try {
    picture = await browser.tabs.captureVisibleTab(before.windowId, { format: 'png' });
  } catch (cause) {
    if (/permission/i.test(String(cause))) {
      throw new DetectorError('page-refused', 'no permission to capture the tab', { cause });
    }
    // Too soon after the last one, or the window is minimised: the next one may do.
    return null;
  }
  const after = await browser.tabs.get(tabId);
  return after.active && after.windowId === before.windowId ? picture : null;
}
