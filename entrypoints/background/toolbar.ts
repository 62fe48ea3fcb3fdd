import { browser } from 'wxt/browser';
import type { Scan } from '../../utils/domain/scan.ts';
import { drawToolbarIcon } from './toolbar-icon.ts';
import { toolbarProblem, toolbarViewOf } from './toolbar-view.ts';
import type { ToolbarView } from './toolbar-view.ts';

/** At one and two pixels a point. */
const ICON_SIDES_PIXELS = [16, 32] as const;

/** Shows a tab's latest scan on its toolbar button; null for a tab that has none. */
export async function showScan(tabId: number, scan: Scan | null): Promise<void> {
  await show(tabId, toolbarViewOf(scan));
}

/** Says on the toolbar button why a check could not start: there may be no page on which to say it. */
export async function showProblem(tabId: number, message: string): Promise<void> {
  await show(tabId, toolbarProblem(message));
}

async function show(tabId: number, { badgeText, badgeColour, title, mark }: ToolbarView): Promise<void> {
  try {
    const imageData = Object.fromEntries(
      ICON_SIDES_PIXELS.map((side) => [side, drawToolbarIcon(mark, side)]),
    );
    await Promise.all([
      browser.action.setIcon({ tabId, imageData }),
      browser.action.setTitle({ tabId, title }),
      browser.action.setBadgeText({ tabId, text: badgeText }),
      browser.action.setBadgeBackgroundColor({ tabId, color: badgeColour }),
      browser.action.setBadgeTextColor({ tabId, color: '#FFFFFF' }),
    ]);
  } catch (error) {
    // The tab was closed between two calls. Anything else is a bug and must not pass in silence.
    if (!(error instanceof Error && error.message.includes('No tab with id'))) throw error;
  }
}
