import { browser } from 'wxt/browser';
import type { ScriptOnDemand } from '../../utils/browser/frame-world.ts';
import type { MessageSender } from '../../utils/browser/from-content.ts';
import { DetectorError } from '../../utils/domain/errors.ts';

/** Where WXT puts the script of entrypoints/content. It is in no manifest list: it runs only where it is put. */
const CONTENT_SCRIPT = '/content-scripts/content.js';
const SCRIPTS_ON_DEMAND = {
  trueFrameScreen: '/content-scripts/screen.js',
  trueFrameFaces: '/content-scripts/faces.js',
} as const satisfies Record<ScriptOnDemand, string>;

/**
 * A frame that hangs keeps back the browser's answer for all frames. After this time, the frames whose scripts have
 * reported by themselves count: a script is injected and runs within some ten milliseconds.
 */
const ANSWER_MILLISECONDS = 700;

/** The frames of one injection whose scripts have said that they run. */
type Answers = { readonly tabId: number; readonly frameIds: Set<number> };
const awaited = new Set<Answers>();

/** Puts the content script into one frame. A second copy of the script ends at once. @throws as {@link injectIntoFrames} */
export async function injectContentScript(tabId: number, frameId: number): Promise<void> {
  await execute(tabId, frameId, { files: [CONTENT_SCRIPT] });
}

/**
 * Puts the content script into every frame that the click on the extension has opened to it (those of the page's own origin).
 * @returns the frames that now hold it; not complete where a frame does not answer
 * @throws DetectorError `page-refused` where the browser does not let extensions in
 */
export async function injectIntoFrames(
  tabId: number,
): Promise<{ readonly frameIds: readonly number[]; readonly isComplete: boolean }> {
  const answers: Answers = { tabId, frameIds: new Set() };
  awaited.add(answers);
  try {
    const all = execute(tabId, 'all', { files: [CONTENT_SCRIPT] });
    const results = await Promise.race([all, inTime()]);
    if (results === null && answers.frameIds.size > 0) {
      // The late answer of a silent frame is not used.
      all.catch(() => undefined);
      return { frameIds: [...answers.frameIds], isComplete: false };
    }
    return { frameIds: (results ?? (await all)).map(({ frameId }) => frameId), isComplete: true };
  } finally {
    awaited.delete(answers);
  }
}

/** A content script says that it runs. */
export function noteContentScript(sender: MessageSender): void {
  for (const { tabId, frameIds } of awaited) {
    if (tabId === sender.tabId && sender.frameId !== null) frameIds.add(sender.frameId);
  }
}

function inTime(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ANSWER_MILLISECONDS));
}

/** Puts a script that few checks need into one frame. @throws as {@link injectContentScript} */
export async function injectOnDemand(tabId: number, frameId: number, script: ScriptOnDemand): Promise<void> {
  await execute(tabId, frameId, { files: [SCRIPTS_ON_DEMAND[script]] });
}

/**
 * Runs a function in every frame that is open to the extension. The browser sends the function as text.
 * @returns the function's result in each frame
 * @throws as {@link injectContentScript}
 */
export async function runInFrames(tabId: number, func: () => unknown): Promise<readonly unknown[]> {
  const all = execute(tabId, 'all', { func });
  // A frame that hangs must not keep back the page's own answer.
  const results = (await Promise.race([all, inTime()])) ?? (await execute(tabId, 0, { func }));
  all.catch(() => undefined);
  return results.map(({ result }) => result);
}

type ScriptPath = typeof CONTENT_SCRIPT | (typeof SCRIPTS_ON_DEMAND)[ScriptOnDemand];
type ToExecute = { readonly files: ScriptPath[] } | { readonly func: () => unknown };

async function execute(tabId: number, frameId: number | 'all', script: ToExecute) {
  const target = frameId === 'all' ? { tabId, allFrames: true } : { tabId, frameIds: [frameId] };
  try {
    // Not when the document is complete: a lazy frame or a script that never comes would keep it incomplete for ever.
    return await browser.scripting.executeScript({ target, injectImmediately: true, ...script });
  } catch (cause) {
    const place = frameId === 'all' || frameId === 0 ? 'page' : 'frame';
    throw new DetectorError('page-refused', 'the browser lets no script in', { params: { place }, cause });
  }
}
