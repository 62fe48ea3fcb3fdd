import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import type { Rolldown } from 'vite';

const scripts = new Map<string, Promise<string>>();

/** Runs a script of this folder, with what it imports, in a page. @param path `restore-page/restore.page.ts` */
export async function addPageScript(page: Page, path: string): Promise<void> {
  const script = scripts.get(path) ?? bundle(path);
  scripts.set(path, script);
  await page.evaluate(await script);
}

async function bundle(path: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'chrome148',
      lib: { entry: resolve(import.meta.dirname, path), formats: ['iife'], name: 'pageScript' },
    },
  });
  const [{ output: chunks }] = output as [Rolldown.RolldownOutput];
  return chunks[0].code;
}
