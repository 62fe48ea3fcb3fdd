import { browser } from 'wxt/browser';
import { DetectorError } from '../../utils/domain/errors.ts';

/**
 * Captures the visible page of a tab as a `data:` PNG, in the pixels of the screen. The browser captures whichever tab
 * is active, so this function tests before and after that it is this tab, and never returns another page's picture.
 * @returns null while the tab is not in front, or while the browser has no picture
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
    // The last capture was too short ago, or the window is minimised: the next one may succeed.
    return null;
  }
  const after = await browser.tabs.get(tabId);
  return after.active && after.windowId === before.windowId ? picture : null;
}
