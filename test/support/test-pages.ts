import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { build, defaultClientConditions, type InlineConfig } from 'vite';
import { buildOnce, REPOSITORY } from './build-once.ts';

/** Pages of the browser tests that run modules of the product without the extension round them. */
const TEST_PAGES = {
  store: { root: 'test/browser/store-page', config: {} },
  decoder: { root: 'test/browser/decoder-page', config: { base: './' } },
  webgpu: {
    root: 'test/browser/webgpu-page',
    // The same condition as in the extension: ONNX Runtime's glue is served beside the bundle.
    config: { resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] } },
  },
} as const satisfies Record<string, { readonly root: string; readonly config: InlineConfig }>;

export type TestPageName = keyof typeof TEST_PAGES;

/** Folder of a built page, with its `index.html`. Filled by {@link buildTestPages}. */
export function testPageFolder(name: TestPageName): string {
  return resolve(REPOSITORY, '.output/test-pages', name);
}

/** Scripts that give a page functions of the product, by their entry in test/browser. */
const TEST_SCRIPTS = {
  restorer: 'restore-page/restore.page.ts',
  finder: 'finder-page/finder.page.ts',
} as const;

type TestScriptName = keyof typeof TEST_SCRIPTS;

/** Runs a script with its imports in a page, under any policy of the page. {@link buildTestPages} makes the script. */
export async function addTestScript(page: Page, name: TestScriptName): Promise<void> {
  await page.evaluate(await readFile(resolve(scriptFolder(name), 'script.js'), 'utf8'));
}

function scriptFolder(name: TestScriptName): string {
  return resolve(REPOSITORY, '.output/test-pages', name);
}

/** Builds every page that is not built yet. */
export async function buildTestPages(): Promise<void> {
  for (const name of Object.keys(TEST_PAGES) as TestPageName[]) {
    const { root, config } = TEST_PAGES[name];
    await bundle(resolve(testPageFolder(name)), 'index.html', root, {
      ...config,
      root: resolve(REPOSITORY, root),
    });
  }
  for (const name of Object.keys(TEST_SCRIPTS) as TestScriptName[]) {
    const entry = `test/browser/${TEST_SCRIPTS[name]}`;
    await bundle(scriptFolder(name), 'script.js', entry, {
      build: {
        lib: {
          entry: resolve(REPOSITORY, entry),
          formats: ['iife'],
          name: 'testScript',
          fileName: () => 'script.js',
        },
      },
    });
  }
}

async function bundle(folder: string, marker: string, input: string, config: InlineConfig): Promise<void> {
  await buildOnce({
    folder,
    marker,
    inputs: [input, 'models', 'utils', 'test/support/test-pages.ts'],
    build: async () => {
      await build({
        configFile: false,
        publicDir: false,
        logLevel: 'error',
        worker: { format: 'es' },
        ...config,
        build: { outDir: folder, emptyOutDir: true, target: 'chrome148', ...config.build },
      });
    },
  });
}
