import type { BrowserContext } from 'playwright-core';
import { REGISTRY } from '../../models/detectors/registry.ts';
import type { ModelDescription } from '../../models/detectors/model-description.ts';
import type { DeviceCheck } from '../../models/store/device-checks.ts';
import type { DownloadJournal } from '../../models/store/download/partial-download.ts';
import { onExtensionPage } from './install-model.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

/**
 * Puts files into the extension's model store that an installation, a self-test or an accident would leave there, in
 * the store's own format.
 */

/** The model's `selfTest`. */
export async function seedSelfTest(context: BrowserContext, modelId: string, test: SelfTest): Promise<void> {
  const checks: Record<string, DeviceCheck> = { [modelId]: { ...test, modelId } };
  await writeFile(context, [], 'device-checks.json', JSON.stringify(checks));
}

/** A download that stopped somewhere. */
export async function seedPartialDownload(context: BrowserContext, partial: PartialDownload): Promise<void> {
  const { detector, network, dtype, device, doneByteLength, totalByteLength, storedByteLength } = partial;
  const { published, graphVersion } = REGISTRY.get(detector);
  const checkpoint = published!.checkpoints.find((candidate) => candidate.network === network)!;
  const { url, revision, fileName, byteLength } = checkpoint;
  const shard = 'weights-0.bin';
  const journal: DownloadJournal = {
    item: { detector, network, dtype, device },
    url,
    revision,
    fileName,
    sourceByteLength: byteLength,
    etag: null,
    totalByteLength,
    shards: [
      {
        path: shard,
        byteLength: storedByteLength,
        // Never compared, since this download is never continued.
        sha256: '0'.repeat(64),
        position: null,
        identity: '',
        fetchedByteLength: doneByteLength,
      },
    ],
  };
  const folder = ['models', `unfinished-${network}-${dtype}`];
  await writeFile(context, folder, shard, storedByteLength);
  const text = JSON.stringify({ formatVersion: 1, graphVersion, ...journal });
  await writeFile(context, folder, 'partial.json', text);
}

/** Leftover bytes, which belong to no model. */
export async function seedLeftovers(context: BrowserContext, byteLength: number): Promise<void> {
  await writeFile(context, ['models', 'left-over'], 'weights-0.bin', byteLength);
}

/**
 * Damages a model.
 * @param how `shorten` cuts off the end of its first shard, which every listing notices; `overwrite` is noticed by
 *   the checksum alone
 */
export async function damageModel(
  context: BrowserContext,
  modelId: string,
  how: 'shorten' | 'overwrite',
): Promise<void> {
  await onExtensionPage(context, async (page) => {
    await page.evaluate(`(async () => {
      const root = await navigator.storage.getDirectory();
      const directory = await (await root.getDirectoryHandle('models')).getDirectoryHandle('${modelId}');
      const { shards } = JSON.parse(await (await (await directory.getFileHandle('model.json')).getFile()).text());
      const shard = await directory.getFileHandle(shards[0].path);
      const writable = await shard.createWritable({ keepExistingData: true });
      await (${how === 'shorten'} ? writable.truncate(7) : writable.write('damaged'));
      await writable.close();
    })()`);
  });
}

/** Describes a model's source as the installation of the published file would. */
export async function seedSource(
  context: BrowserContext,
  modelId: string,
  source: ModelDescription['source'],
): Promise<void> {
  await onExtensionPage(context, async (page) => {
    await page.evaluate(`(async () => {
      const root = await navigator.storage.getDirectory();
      const directory = await (await root.getDirectoryHandle('models')).getDirectoryHandle('${modelId}');
      const handle = await directory.getFileHandle('model.json');
      const description = JSON.parse(await (await handle.getFile()).text());
      const writable = await handle.createWritable();
      await writable.write(JSON.stringify({ ...description, source: ${JSON.stringify(source)} }));
      await writable.close();
    })()`);
  });
}

/**
 * Writes a file.
 * @param content a text, or the number of zeros
 */
async function writeFile(
  context: BrowserContext,
  folder: readonly string[],
  name: string,
  content: string | number,
): Promise<void> {
  await onExtensionPage(context, async (page) => {
    await page.evaluate(`(async () => {
      let directory = await navigator.storage.getDirectory();
      for (const name of ${JSON.stringify(folder)}) {
        directory = await directory.getDirectoryHandle(name, { create: true });
      }
      const writable = await (await directory.getFileHandle('${name}', { create: true })).createWritable();
      const content = ${JSON.stringify(content)};
      await (typeof content === 'number' ? writable.truncate(content) : writable.write(content));
      await writable.close();
    })()`);
  });
}
