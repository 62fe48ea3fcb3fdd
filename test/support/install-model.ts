import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { MODEL_DESCRIPTION_NAME, parseModelDescription } from '../../models/detectors/model-description.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import { modelIdOf } from '../../models/store/model-store.ts';

/**
 * Puts a converted model's folder (of `npm run convert` or `makeDemoModel`) into the running extension's model store,
 * as the options page would leave it there. The only way to install a stand-in model: no page of the extension does.
 * @returns its modelId
 */
export async function installModel(context: BrowserContext, modelFolder: string): Promise<string> {
  const description = parseModelDescription(
    await readFile(resolve(modelFolder, MODEL_DESCRIPTION_NAME), 'utf8'),
    REGISTRY,
  );
  const modelId = await modelIdOf(description);
  // `model.json` last, as everywhere.
  const files = [...description.shards, description.graph].map(({ path }) => path);
  await onExtensionPage(context, async (page) => {
    // A file input hands the page files of any size without passing their bytes through the protocol.
    await page.evaluate(`document.body.innerHTML = '<input type="file" multiple>'`);
    await page.setInputFiles(
      'input',
      [...files, MODEL_DESCRIPTION_NAME].map((path) => resolve(modelFolder, path)),
    );
    await page.evaluate(`(async () => {
      const root = await navigator.storage.getDirectory();
      const store = await root.getDirectoryHandle('models', { create: true });
      const directory = await store.getDirectoryHandle('${modelId}', { create: true });
      const files = new Map([...document.querySelector('input').files].map((file) => [file.name, file]));
      for (const name of ${JSON.stringify([...files, MODEL_DESCRIPTION_NAME].map((path) => basename(path)))}) {
        const handle = await directory.getFileHandle(name, { create: true });
        await files.get(name).stream().pipeTo(await handle.createWritable());
      }
      // Nobody answers where no host is open: then nothing is loaded either.
      await chrome.runtime.sendMessage({ name: 'modelsChanged', request: null }).catch(() => undefined);
    })()`);
  });
  return modelId;
}

/** Removes every installed model. */
export async function removeModels(context: BrowserContext): Promise<void> {
  await onExtensionPage(context, async (page) => {
    await page.evaluate(`(async () => {
      const root = await navigator.storage.getDirectory();
      await root.removeEntry('models', { recursive: true }).catch(() => undefined);
      await chrome.runtime.sendMessage({ name: 'modelsChanged', request: null }).catch(() => undefined);
    })()`);
  });
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
