import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import { ensureOffscreenDocument } from './offscreen-document.ts';

export default defineBackground({
  type: 'module',
  main() {
    // Whoever wants to send frames asks for the host first: only the service worker can open it.
    browser.runtime.onMessage.addListener((message: unknown, sender, sendResponse) => {
      if (sender.id !== browser.runtime.id || !isOpenHost(message)) return;
      ensureOffscreenDocument().then(
        () => sendResponse({ ok: true, value: null }),
        (error: unknown) =>
          sendResponse({ ok: false, error: { code: 'runtime-failed', message: String(error) } }),
      );
      return true;
    });
  },
});

function isOpenHost(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'name' in message && message.name === 'openHost';
}
