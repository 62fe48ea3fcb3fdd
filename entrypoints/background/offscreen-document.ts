import { browser } from 'wxt/browser';

const OFFSCREEN_PATH = 'offscreen.html';

let opening: Promise<void> | undefined;
let closing: Promise<void> | undefined;

/**
 * Resolves when the offscreen document is open. The browser refuses a second one ("Only a single offscreen document may be
 * created"), and the service worker may have restarted since it was opened. So this asks the browser, and concurrent calls
 * share one promise.
 */
export function ensureOffscreenDocument(): Promise<void> {
  opening ??= open().finally(() => {
    opening = undefined;
  });
  return opening;
}

/** Closes the document, which frees all sessions and their memory; not while it is being opened. */
export async function closeOffscreenDocument(): Promise<void> {
  if (opening !== undefined) return;
  closing ??= close().finally(() => {
    closing = undefined;
  });
  await closing;
}

async function close(): Promise<void> {
  if (await browser.offscreen.hasDocument()) await browser.offscreen.closeDocument();
}

async function open(): Promise<void> {
  // A document that is being closed can't be used any more.
  await closing?.catch(() => undefined);
  if (await browser.offscreen.hasDocument()) return;
  await browser.offscreen.createDocument({
    url: OFFSCREEN_PATH,
    reasons: ['WORKERS'],
    justification: 'Runs the face detector and the detection network in a Worker, away from every page.',
  });
}
