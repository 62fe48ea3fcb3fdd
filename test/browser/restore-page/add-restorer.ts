import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import type { Rolldown } from 'vite';

let script: Promise<string> | undefined;

/** Gives a page `restoreFrame` of restore.page.ts: what the product's host does with a frame that was sent whole. */
export async function addRestorer(page: Page): Promise<void> {
  script ??= bundle();
  await page.evaluate(await script);
}

async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'chrome148',
      lib: { entry: resolve(import.meta.dirname, 'restore.page.ts'), formats: ['iife'], name: 'restorer' },
    },
  });
  const [{ output: chunks }] = output as [Rolldown.RolldownOutput];
  return chunks[0].code;
}
