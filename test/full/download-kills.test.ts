import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPublisher } from '../support/publisher/publisher.ts';
import type { Publisher } from '../support/publisher/publisher.ts';
import { createRandom } from '../support/random.ts';
import { openStore } from '../browser/store-page/open-store.ts';
import type { Store } from '../browser/store-page/open-store.ts';
import { TEST_CHECKPOINTS, TEST_FILES, testDownload } from '../browser/store-page/test-download.ts';

/** Slow enough that an installation takes some seconds, fast enough for fifty ends of it. */
const BYTES_PER_SECOND = 800_000;
const MAX_DELAY_MILLISECONDS = 1200;
/** Bytes in the buffers of a connection: the server has sent them, but they were not read when the connection ended. */
const BUFFERED_BYTE_LENGTH = 100_000;

let store: Store;
let publisher: Publisher;

beforeAll(async () => {
  store = await openStore();
  publisher = await startPublisher({ files: TEST_FILES });
});
afterAll(async () => {
  await store.close();
  await publisher.close();
});

async function checksums(): Promise<Readonly<Record<string, string>>> {
  const { models } = await store.ask({ name: 'list' });
  const { opened } = await store.ask({ name: 'open', modelId: models![0]!.modelId });
  return opened!.sha256;
}

/** Bytes of the file that are fetched for each shard, and what every attempt reads before the first. */
async function measureParts(
  network: 'ed' | 'vae',
): Promise<{ readonly largestShard: number; readonly opening: number }> {
  const { bytes } = TEST_CHECKPOINTS[network];
  const progress = (await store.ask({ name: 'download', download: testDownload(publisher, network) }))
    .downloadProgress!;
  const opening = progress.find(({ totalByteLength }) => totalByteLength > 0)!.doneByteLength;
  // A shard of 2^16 bytes of float32 is as much of the file, or one matrix that is larger.
  const largestTensor = network === 'vae' ? 64 * 256 * 4 : 2 ** 16;
  expect(bytes.byteLength).toBeGreaterThan(4 * largestTensor);
  return { largestShard: 2 ** 16 + largestTensor, opening };
}

test.each([
  ['ed', 'its Worker is terminated', 18],
  ['ed', 'its page is closed', 7],
  ['vae', 'its Worker is terminated', 18],
  ['vae', 'its page is closed', 7],
] as const)(
  'a download of %s that goes on each time %s ends with the same bytes, and loses a shard each time at the most',
  async (network, end, killCount) => {
    const download = testDownload(publisher, network);
    await store.empty();
    const { largestShard, opening } = await measureParts(network);
    const expected = await checksums();
    publisher.clearLog();
    await store.empty();
    await store.ask({ name: 'download', download });
    const undisturbedByteLength = publisher.sentByteLength();
    await store.empty();

    const random = createRandom(killCount + network.length + end.length);
    publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    publisher.clearLog();
    let killsOfThis = 0;
    for (let kill = 0; kill < killCount;) {
      const running = store.attempt({ name: 'download', download }).then(
        () => 'done' as const,
        // The page that asked for it has closed.
        () => 'killed' as const,
      );
      const delay = new Promise<'killed'>((elapsed) =>
        setTimeout(() => elapsed('killed'), random() * MAX_DELAY_MILLISECONDS),
      );
      if ((await Promise.race([running, delay])) === 'done') {
        await checkFinished();
        continue;
      }
      if (end === 'its Worker is terminated') await store.endWorker();
      else await store.reload();
      kill += 1;
      killsOfThis += 1;
      // At any moment, a half-written model is no model.
      const models = (await store.ask({ name: 'list' })).models!;
      for (const model of models) expect(model.state).toBe('ready');
      // The end came after the last byte and before the answer, so another download would be a new one.
      if (models.length > 0) await checkFinished();
    }
    publisher.behave({ bytesPerSecond: null });
    await store.ask({ name: 'download', download });
    await checkFinished();

    async function checkFinished(): Promise<void> {
      expect(await checksums()).toEqual(expected);
      const again = publisher.sentByteLength() - undisturbedByteLength;
      expect(again).toBeLessThanOrEqual(killsOfThis * (opening + largestShard + BUFFERED_BYTE_LENGTH));
      killsOfThis = 0;
      await store.empty();
      publisher.clearLog();
    }
  },
);
