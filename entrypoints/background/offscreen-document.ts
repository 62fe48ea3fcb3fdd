import { browser } from 'wxt/browser';

const OFFSCREEN_PATH = 'offscreen.html';

let opening: Promise<void> | undefined;
let closing: Promise<void> | undefined;

/**
 * Resolves when the one offscreen document is there, whoever asked first. The browser refuses a second one ("Only a
 * single offscreen document may be created"), and the service worker may have been restarted since it was made, so
 * the browser is asked, and calls that come meanwhile share one promise.
 */
export function ensureOffscreenDocument(): Promise<void> {
  opening ??= open().finally(() => {
    opening = undefined;
  });
  return opening;
}

/** Closes the document, and with it every session and all of their memory. Not while somebody is opening it. */
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
  // One that is just going is not the one that was asked for.
  await closing?.catch(() => undefined);
  if (await browser.offscreen.hasDocument()) return;
  await browser.offscreen.createDocument({
    url: OFFSCREEN_PATH,
    reasons: ['WORKERS'],
    justification: 'Runs the face detector and the detection network in a Worker, away from every page.',
  });
}
