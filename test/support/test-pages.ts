import { resolve } from 'node:path';
import { build, defaultClientConditions, type InlineConfig } from 'vite';
import { buildOnce, REPOSITORY } from './build-once.ts';

/** Pages of the browser tests that run modules of the product without the extension round them. */
const TEST_PAGES = {
  store: { root: 'test/browser/store-page', config: {} },
  webgpu: {
    root: 'test/browser/webgpu-page',
    // As in the extension: ONNX Runtime's glue is served beside the bundle.
    config: { resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] } },
  },
} as const satisfies Record<string, { readonly root: string; readonly config: InlineConfig }>;

export type TestPageName = keyof typeof TEST_PAGES;

/** Folder of a built page, with its `index.html`. Filled by {@link buildTestPages}. */
export function testPageFolder(name: TestPageName): string {
  return resolve(REPOSITORY, '.output/test-pages', name);
}

/** A script that gives a page `restorer.restoreFrame` of restore.page.ts. Made by {@link buildTestPages}. */
export const RESTORER_SCRIPT = resolve(REPOSITORY, '.output/test-pages/restorer/restorer.js');

/** Builds every page that is not built yet. */
export async function buildTestPages(): Promise<void> {
  for (const name of Object.keys(TEST_PAGES) as TestPageName[]) {
    const { root, config } = TEST_PAGES[name];
    await bundle(resolve(testPageFolder(name)), 'index.html', root, {
      ...config,
      root: resolve(REPOSITORY, root),
    });
  }
  const entry = 'test/browser/restore-page/restore.page.ts';
  await bundle(resolve(RESTORER_SCRIPT, '..'), 'restorer.js', entry, {
    build: {
      lib: {
        entry: resolve(REPOSITORY, entry),
        formats: ['iife'],
        name: 'restorer',
        fileName: () => 'restorer.js',
      },
    },
  });
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
