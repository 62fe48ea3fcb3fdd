import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startPublisher } from '../../support/publisher/publisher.ts';
import type { Publisher } from '../../support/publisher/publisher.ts';
import { openStore } from './open-store.ts';
import type { Store } from './open-store.ts';
import type { StoreReply, TestDownload } from './protocol.ts';
import { TEST_CHECKPOINTS, TEST_FILES, testDownload } from './test-download.ts';

type Network = 'ed' | 'vae';

/** A browser with a model store for a test file, and for each test an empty store and a publisher of its own. */
export function useDownloads() {
  let store: Store;
  let publisher: Publisher;
  const undisturbedChecksums = new Map<Network, Readonly<Record<string, string>>>();

  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    await store.empty();
    publisher = await startPublisher({ files: TEST_FILES });
  });
  afterEach(() => publisher.close());

  const ask: Store['ask'] = (request) => store.ask(request);
  const downloadOf = (network: Network, change: Partial<TestDownload> = {}): TestDownload =>
    testDownload(publisher, network, change);

  async function checksumsOfOnly(): Promise<Readonly<Record<string, string>>> {
    const { models } = await ask({ name: 'list' });
    expect(models).toHaveLength(1);
    const { opened } = await ask({ name: 'open', modelId: models![0]!.modelId });
    return opened!.sha256;
  }

  return {
    get store(): Store {
      return store;
    },
    get publisher(): Publisher {
      return publisher;
    },
    ask,
    downloadOf,
    attemptEd: (change: Partial<TestDownload> = {}): Promise<StoreReply> =>
      store.attempt({ name: 'download', download: downloadOf('ed', change) }),
    /** Cancels a download of ED when a good part of it is there. */
    interruptedEd: async (): Promise<void> => {
      const reply = await store.attempt({
        name: 'download',
        download: downloadOf('ed'),
        abortAtByteLength: 0.45 * TEST_CHECKPOINTS.ed.bytes.byteLength,
      });
      expect(reply).toMatchObject({ ok: false, name: 'AbortError' });
      expect((await ask({ name: 'partials' })).partials).toHaveLength(1);
    },
    /** The checksums of an installation of the same checkpoint that nothing has disturbed. The store is empty afterwards. */
    undisturbed: async (network: Network): Promise<Readonly<Record<string, string>>> => {
      const known = undisturbedChecksums.get(network);
      if (known !== undefined) return known;
      await ask({ name: 'download', download: downloadOf(network) });
      const checksums = await checksumsOfOnly();
      await store.empty();
      publisher.clearLog();
      undisturbedChecksums.set(network, checksums);
      return checksums;
    },
    checksumsOfOnly,
  };
}
