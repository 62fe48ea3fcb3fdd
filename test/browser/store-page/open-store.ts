import type { Page } from 'playwright-core';
import { launchChromium } from '../../support/chromium.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import type { LoopbackServer } from '../../support/loopback-server.ts';
import { testPageFolder } from '../../support/test-pages.ts';
import type { StoreReply, StoreRequest } from './protocol.ts';

/** The product's model store in a Worker of a page, in a real Chromium. */
export type Store = {
  readonly page: Page;
  readonly server: LoopbackServer;
  /** The store's answer, refusals included. */
  readonly attempt: (request: StoreRequest) => Promise<StoreReply>;
  /** As `attempt`, for requests that must succeed. */
  readonly ask: (request: StoreRequest) => Promise<Extract<StoreReply, { ok: true }>>;
  /** Ends the Worker in the middle of its work; the next request starts another one. */
  readonly endWorker: () => Promise<void>;
  /** Reloads the page in the middle of what its Worker does. */
  readonly reload: () => Promise<void>;
  /** Empties the store. */
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export async function openStore(): Promise<Store> {
  const server = await startLoopbackServer({ '/': testPageFolder('store') });
  const { context, close } = await launchChromium();
  const page = await context.newPage();
  await page.goto(`${server.origin}/index.html`);
  const attempt = (request: StoreRequest): Promise<StoreReply> =>
    page.evaluate<StoreReply>(`askStore(${JSON.stringify(request)})`);
  return {
    page,
    server,
    attempt,
    ask: async (request) => {
      const reply = await attempt(request);
      if (!reply.ok) throw new Error(`${String(reply.code)}: ${reply.message}`);
      return reply;
    },
    endWorker: () => page.evaluate(`endStoreWorker()`),
    reload: async () => {
      await page.reload();
    },
    empty: () =>
      page.evaluate(`(async () => {
        endStoreWorker();
        const root = await navigator.storage.getDirectory();
        for (let attempt = 0; ; attempt++) {
          try {
            await root.removeEntry('models', { recursive: true });
            return;
          } catch (error) {
            if (error.name === 'NotFoundError') return;
            // A Worker that was ended lets go of its files a moment later.
            if (attempt === 50) throw error;
            await new Promise((elapsed) => setTimeout(elapsed, 100));
          }
        }
      })()`),
    close: async () => {
      await close();
      await server.close();
    },
  };
}
