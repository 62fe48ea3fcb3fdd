import { browser } from 'wxt/browser';
import { DetectorError } from '../../utils/domain/errors.ts';

/** Where WXT puts the script of entrypoints/content. It is in no manifest list: it runs only where it is put. */
const CONTENT_SCRIPT = '/content-scripts/content.js';
const SCREEN_SCRIPT = '/content-scripts/screen.js';

/**
 * Puts the content script into one frame, or into every frame that the click on the extension has opened to it (those of the
 * page's own origin). A second copy of the script ends at once.
 * @returns the frames that now hold it
 * @throws DetectorError `page-refused` where the browser does not let extensions in
 */
export async function injectContentScript(
  tabId: number,
  frameId: number | 'all',
): Promise<readonly number[]> {
  const results = await execute(tabId, frameId, { files: [CONTENT_SCRIPT] });
  return results.map((result) => result.frameId);
}

/** Puts the script that finds videos on the screen into one frame. @throws as {@link injectContentScript} */
export async function injectScreenScript(tabId: number, frameId: number): Promise<void> {
  await execute(tabId, frameId, { files: [SCREEN_SCRIPT] });
}

/**
 * Runs a function in every frame that is open to the extension. The browser sends the function as text.
 * @returns the function's result in each frame
 * @throws as {@link injectContentScript}
 */
export async function runInFrames(tabId: number, func: () => unknown): Promise<readonly unknown[]> {
  const results = await execute(tabId, 'all', { func });
  return results.map(({ result }) => result);
}

type ScriptPath = typeof CONTENT_SCRIPT | typeof SCREEN_SCRIPT;
type ToExecute = { readonly files: ScriptPath[] } | { readonly func: () => unknown };

async function execute(tabId: number, frameId: number | 'all', script: ToExecute) {
  const target = frameId === 'all' ? { tabId, allFrames: true } : { tabId, frameIds: [frameId] };
  try {
    return await browser.scripting.executeScript({ target, ...script });
  } catch (cause) {
    const place = frameId === 'all' || frameId === 0 ? 'page' : 'frame';
    throw new DetectorError('page-refused', 'the browser lets no script in', { params: { place }, cause });
  }
}
