import type { Page } from 'playwright-core';
import type { TestPublisher } from '../../../models/host/download-source.ts';
import type { PublishedCheckpoint } from '../../../models/detectors/detector.ts';
import type { Publisher } from './publisher.ts';

/** The commit at which a publisher on this machine has its files. */
const TEST_REVISION = 'abc123';

/** Path of a checkpoint on a publisher on this machine. */
export function testPathOf(network: 'ed' | 'vae'): string {
  return `/made/up/resolve/${TEST_REVISION}/genconvit_${network}_inference.pth`;
}

/** The description of a checkpoint on this machine in a test build's registry. */
export function testCheckpoint(
  publisher: Publisher,
  network: 'ed' | 'vae',
  byteLength: number,
): PublishedCheckpoint {
  const path = testPathOf(network);
  return {
    network,
    url: publisher.hubOrigin + path,
    fileName: path.slice(path.lastIndexOf('/') + 1),
    revision: TEST_REVISION,
    byteLength,
    sha256: '0'.repeat(64),
    fetchedByteLength: Math.round(byteLength / 2),
    installedByteLength: {},
  };
}

/**
 * Tells the extension of a test build where its publisher is.
 * @param page any page of the extension
 */
export async function setTestPublisher(page: Page, publisher: TestPublisher): Promise<void> {
  await page.evaluate(`(async () => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('test-publisher.json', { create: true });
    const writable = await handle.createWritable();
    await writable.write(${JSON.stringify(JSON.stringify(publisher))});
    await writable.close();
  })()`);
}
