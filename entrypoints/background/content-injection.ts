import { browser } from 'wxt/browser';
import { DetectorError } from '../../utils/domain/errors.ts';

/** Where WXT puts the script of entrypoints/content. It is in no manifest list: it runs only where it is put. */
const CONTENT_SCRIPT = '/content-scripts/content.js';
const SCREEN_SCRIPT = '/content-scripts/screen.js';

/**
 * Puts the content script into one frame, or into every frame that the click on the extension has opened to it (those
 * of the page's own origin). The script itself sees to it that a second copy does nothing.
 * @returns the frames that now hold it
 * @throws DetectorError `page-refused` where the browser does not let extensions in
 */
export async function injectContentScript(
  tabId: number,
  frameId: number | 'all',
): Promise<readonly number[]> {
  const target = frameId === 'all' ? { tabId, allFrames: true } : { tabId, frameIds: [frameId] };
  try {
    const results = await browser.scripting.executeScript({ target, files: [CONTENT_SCRIPT] });
    return results.map((result) => result.frameId);
  } catch (cause) {
    throw pageRefused(frameId, cause);
  }
}

/**
 * Runs a function in every frame that is open to the extension. It is sent as text.
 * @returns what it returned in each
 * @throws DetectorError `page-refused`
 */
export async function runInFrames(tabId: number, func: () => unknown): Promise<readonly unknown[]> {
  try {
    const results = await browser.scripting.executeScript({ target: { tabId, allFrames: true }, func });
    return results.map(({ result }) => result);
  } catch (cause) {
    throw pageRefused('all', cause);
  }
}

/**
 * Puts the script that finds videos on the screen into one frame, beside the content script.
 * @throws DetectorError `page-refused` where the browser does not let extensions in
 */
export async function injectScreenScript(tabId: number, frameId: number): Promise<void> {
  try {
    const target = { tabId, frameIds: [frameId] };
    await browser.scripting.executeScript({ target, files: [SCREEN_SCRIPT] });
  } catch (cause) {
    throw pageRefused(frameId, cause);
  }
}

function pageRefused(frameId: number | 'all', cause: unknown): DetectorError {
  const place = frameId === 'all' || frameId === 0 ? 'page' : 'frame';
  return new DetectorError('page-refused', 'the browser lets no script in', { params: { place }, cause });
}
