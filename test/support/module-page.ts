import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { startSite } from './site/server.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

export type ModulePage = {
  readonly page: Page;
  readonly close: () => Promise<void>;
};

/**
 * A page of a local site in which one module of utils/browser runs unbundled, with IndexedDB behind it.
 * @param module its file name
 * @param globalName the variable of the page that holds the module's exports
 */
export async function openModulePage(module: string, globalName: string): Promise<ModulePage> {
  const site = await startSite({
    pages: {
      '/': `<!doctype html>
<script type="importmap">
{"imports": {"idb": "/modules/idb/build/index.js", "valibot": "/modules/valibot/dist/index.mjs"}}
</script>
<script type="module">
  globalThis.${globalName} = await import('/utils/browser/${module}');
</script>`,
    },
    folders: { '/utils/': resolve(REPOSITORY, 'utils'), '/modules/': resolve(REPOSITORY, 'node_modules') },
  });
  const { context, close } = await launchChromium();
  const page = await context.newPage();
  await page.goto(site.origin);
  await page.waitForFunction(`globalThis.${globalName} !== undefined`);
  return {
    page,
    close: async () => {
      await close();
      await site.close();
    },
  };
}
