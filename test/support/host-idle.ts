import type { Page } from 'playwright-core';
import type { ExtensionGlobal } from './extension-global.ts';

/**
 * Waits in a page of the extension until the host runs no scan. The page measures this, and not this process: an answer
 * through the browser's debugger is late on a busy machine, and a test would take the delay for the host's own time.
 * @returns the time, in milliseconds since 1970
 * @throws Error where a scan still runs after ten seconds
 */
export function whenHostIdle(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { runtime } = (globalThis as unknown as ExtensionGlobal).chrome;
    for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
      const reply = (await runtime.sendMessage({ name: 'getHostState', request: null })) as {
        readonly value: { readonly activeScans: number };
      };
      if (reply.value.activeScans === 0) return Date.now();
    }
    throw new Error('the host still runs a scan');
  });
}
