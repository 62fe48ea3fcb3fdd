import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { MODEL_DESCRIPTION_NAME, parseModelDescription } from '../../models/detectors/model-description.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import { modelIdOf } from '../../models/store/model-store.ts';
import type { ExtensionGlobal } from './extension-global.ts';

/**
 * Puts a converted model's folder (of `npm run convert` or `makeDemoModel`) into the running extension's model store,
 * as an installation on the options page would. A stand-in model can be installed in no other way: no page of the
 * extension does it.
 * @returns its modelId
 */
export async function installModel(context: BrowserContext, modelFolder: string): Promise<string> {
  const description = parseModelDescription(
    await readFile(resolve(modelFolder, MODEL_DESCRIPTION_NAME), 'utf8'),
    REGISTRY,
  );
  const modelId = await modelIdOf(description);
  // `model.json` last, as everywhere.
  const names = [
    ...[...description.shards, description.graph].map(({ path }) => path),
    MODEL_DESCRIPTION_NAME,
  ];
  await onExtensionPage(context, async (page) => {
    // A file input hands the page files of any size without passing their bytes through the protocol.
    await page.evaluate(() => {
      document.body.innerHTML = '<input type="file" multiple>';
    });
    await page.setInputFiles(
      'input',
      names.map((path) => resolve(modelFolder, path)),
    );
    await page.evaluate(
      async ({ directoryName, fileNames }) => {
        const root = await navigator.storage.getDirectory();
        const store = await root.getDirectoryHandle('models', { create: true });
        const directory = await store.getDirectoryHandle(directoryName, { create: true });
        const given = Array.from(document.querySelector('input')?.files ?? []);
        for (const fileName of fileNames) {
          const handle = await directory.getFileHandle(fileName, { create: true });
          const file = given.find(({ name }) => name === fileName)!;
          await file.stream().pipeTo(await handle.createWritable());
        }
      },
      { directoryName: modelId, fileNames: names.map((path) => basename(path)) },
    );
    await page.evaluate(tellModelsChanged);
  });
  return modelId;
}

/** Removes every installed model. */
export async function removeModels(context: BrowserContext): Promise<void> {
  await onExtensionPage(context, async (page) => {
    await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      await root.removeEntry('models', { recursive: true }).catch(() => undefined);
    });
    await page.evaluate(tellModelsChanged);
  });
}

/** Runs in the page. No host answers where none is open: then nothing is loaded either. */
async function tellModelsChanged(): Promise<void> {
  const { runtime } = (globalThis as unknown as ExtensionGlobal).chrome;
  await runtime.sendMessage({ name: 'modelsChanged', request: null }).catch(() => undefined);
}

/** Works in a document of the extension's origin that runs no code of its own. */
export async function onExtensionPage(
  context: BrowserContext,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const serviceWorker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const page = await context.newPage();
  try {
    await page.goto(`chrome-extension://${new URL(serviceWorker.url()).host}/manifest.json`);
    await work(page);
  } finally {
    await page.close();
  }
}
