import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startPublisher } from '../e2e/site/publisher.ts';
import type { Publisher } from '../e2e/site/publisher.ts';
import { TINY_IN_PARTS } from '../fixtures/checkpoints/network-sizes.ts';
import { twinBytes } from '../fixtures/checkpoints/twin.ts';
import { TEST_CHECKPOINTS, TEST_FILES, testDownload } from './store-page/test-download.ts';
import { openStore } from './store-page/open-store.ts';
import type { Store } from './store-page/open-store.ts';
import type { StoreReply, TestDownload } from './store-page/protocol.ts';

const { path: PATH, bytes: checkpoint } = TEST_CHECKPOINTS.ed;
const vaeCheckpoint = TEST_CHECKPOINTS.vae.bytes;

let store: Store;
let publisher: Publisher;

beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.empty();
  publisher = await startPublisher({ files: TEST_FILES });
});
afterEach(() => publisher.close());

const downloadOf = (network: 'ed' | 'vae', change: Partial<TestDownload> = {}): TestDownload =>
  testDownload(publisher, network, change);
const ask: Store['ask'] = (request) => store.ask(request);
const attemptEd = (change: Partial<TestDownload> = {}): Promise<StoreReply> =>
  store.attempt({ name: 'download', download: downloadOf('ed', change) });

/** Cancels a download of ED when a good part of it is there. */
async function interruptedEd(): Promise<void> {
  const reply = await store.attempt({
    name: 'download',
    download: downloadOf('ed'),
    abortAtByteLength: 0.45 * checkpoint.byteLength,
  });
  expect(reply).toMatchObject({ ok: false, name: 'AbortError' });
  expect((await ask({ name: 'partials' })).partials).toHaveLength(1);
}

/** The checksums of an installation of the same checkpoint that nothing has disturbed. */
async function undisturbed(network: 'ed' | 'vae'): Promise<Readonly<Record<string, string>>> {
  await store.empty();
  await ask({ name: 'download', download: downloadOf(network) });
  const checksums = await checksumsOfOnly();
  await store.empty();
  publisher.clearLog();
  return checksums;
}

async function checksumsOfOnly(): Promise<Readonly<Record<string, string>>> {
  const { models } = await ask({ name: 'list' });
  expect(models).toHaveLength(1);
  const { opened } = await ask({ name: 'open', modelId: models![0]!.modelId });
  return opened!.sha256;
}

describe('a download', () => {
  test('is the model that a conversion of the same file gives, with its origin, in fewer bytes than the file', async () => {
    const { installed, downloadProgress } = await ask({ name: 'download', download: downloadOf('ed') });
    expect(installed).toMatchObject({
      networks: ['ed'],
      provenance: 'published-download',
      sourceName: 'ed.pth',
      sourceByteLength: checkpoint.byteLength,
      sourceSha256: null,
      sourceRevision: 'abc123',
      state: 'ready',
    });
    const downloaded = await checksumsOfOnly();
    expect(publisher.sentByteLength()).toBeLessThan(checkpoint.byteLength);
    expect(publisher.log.filter(({ method }) => method === 'OPTIONS')).toEqual([]);
    expect(publisher.maxOpenRequests()).toBeLessThanOrEqual(4);
    const last = downloadProgress!.at(-1)!;
    expect(last.doneByteLength).toBe(last.totalByteLength);
    const dones = downloadProgress!.map(({ doneByteLength }) => doneByteLength);
    expect(dones).toEqual(dones.toSorted((a, b) => a - b));
    expect((await ask({ name: 'partials' })).partials).toEqual([]);

    await store.empty();
    await ask({
      name: 'install',
      checkpointUrl: store.server.publish(checkpoint),
      dtype: 'fp32',
    });
    const converted = await checksumsOfOnly();
    // Other shards, so other names; what is in them is the same when it is put together.
    expect(Object.keys(converted).length).toBeLessThan(Object.keys(downloaded).length);
  });

  test('asks the publisher anew for every range, since each redirect is signed for one', async () => {
    await ask({ name: 'download', download: downloadOf('ed') });
    const onHub = publisher.log.filter(({ host }) => host === 'hub');
    const onCdn = publisher.log.filter(({ host }) => host === 'cdn');
    expect(onCdn.length).toBeGreaterThan(10);
    expect(onHub.length).toBe(onCdn.length);
    expect(onHub.every(({ range, status }) => range !== null && status === 302)).toBe(true);
    expect(onCdn.every(({ range, status }) => range !== null && status === 206)).toBe(true);
  });

  test('needs no header that the publisher may not expose', async () => {
    publisher.behave({ cors: 'unexposed', etag: 'absent' });
    const { installed } = await ask({ name: 'download', download: downloadOf('ed') });
    expect(installed!.state).toBe('ready');
  });

  test('fetches no byte of a large tensor twice', async () => {
    await ask({ name: 'download', download: downloadOf('vae') });
    const counts = new Uint8Array(vaeCheckpoint.byteLength);
    for (const { host, range } of publisher.log) {
      if (host !== 'cdn' || range === null) continue;
      for (let byte = range.first; byte <= range.last; byte++) counts[byte]! += 1;
    }
    // The archive's end, the directory and the pickle are looked at more than once.
    const again = counts.filter((count) => count > 1).length;
    expect(again).toBeLessThan(0.02 * vaeCheckpoint.byteLength);
  });
});

describe('a download recovers from', () => {
  test.each<[string, Parameters<Publisher['behave']>[0]]>([
    ['429 with Retry-After', { failNext: { status: 429, count: 2, on: 'hub', retryAfterSeconds: 1 } }],
    ['a server’s own trouble', { failNext: { status: 503, count: 3, on: 'cdn' } }],
    ['an expired address', { failNext: { status: 403, count: 2, on: 'cdn' } }],
    ['bodies that are cut short', { cutShort: { count: 3, afterByteLength: 1000 } }],
    ['a body that stalls', { stall: { count: 1, afterByteLength: 1000 } }],
    ['an answer that never begins', { stall: { count: 1, afterByteLength: null } }],
  ])('%s', async (_what, behaviour) => {
    const expected = await undisturbed('ed');
    publisher.behave(behaviour);
    const { downloadProgress } = await ask({ name: 'download', download: downloadOf('ed') });
    expect(publisher.log.some(({ faults }) => faults.length > 0)).toBe(true);
    expect(downloadProgress!.some(({ wait }) => wait !== null)).toBe(true);
    expect(await checksumsOfOnly()).toEqual(expected);
  });

  test('a flipped byte, wherever it lies', async () => {
    const expected = await undisturbed('ed');
    await ask({ name: 'download', download: downloadOf('ed') });
    const ranges = publisher.log.flatMap(({ host, range }) => (host === 'cdn' && range ? [range] : []));
    // In the archive's end, the directory, the pickle, a header, small tensors and large ones.
    for (const { first, last } of ranges.filter((_range, index) => index % 9 === 0)) {
      await store.empty();
      publisher.clearLog();
      publisher.behave({ flipByte: { offset: (first + last) >> 1, count: 1 } });
      const reply = await attemptEd();
      expect(publisher.log.some(({ faults }) => faults.includes('flipByte'))).toBe(true);
      if (reply.ok) {
        expect(await checksumsOfOnly()).toEqual(expected);
        continue;
      }
      // A directory that says something else about the whole file is no transmission that is worth repairing.
      expect(reply.code).toMatch(/^checkpoint-(unsupported|too-large)$|^network-mismatch$/);
      expect((await ask({ name: 'list' })).models).toEqual([]);
    }
  });

  test('a flipped byte in the middle of a matrix that lies in several shards', async () => {
    const expected = await undisturbed('vae');
    const download = downloadOf('vae');
    await ask({ name: 'download', download });
    const { range } = publisher.log
      .filter(({ host, range }) => host === 'cdn' && range !== null)
      .toSorted((a, b) => b.range!.last - b.range!.first - (a.range!.last - a.range!.first))[0]!;
    await store.empty();
    publisher.behave({ flipByte: { offset: range!.first + 100, count: 1 } });
    await ask({ name: 'download', download });
    expect(await checksumsOfOnly()).toEqual(expected);
  });

  test('a lost network, as soon as it is back', async () => {
    const expected = await undisturbed('ed');
    publisher.behave({ bytesPerSecond: 1_000_000 });
    const installing = ask({ name: 'download', download: downloadOf('ed', { delayScale: 0.2 }) });
    await expect.poll(() => publisher.sentByteLength()).toBeGreaterThan(200_000);
    publisher.behave({ refuseConnections: true });
    await new Promise((elapsed) => setTimeout(elapsed, 500));
    publisher.behave({ refuseConnections: false, bytesPerSecond: null });
    await installing;
    expect(await checksumsOfOnly()).toEqual(expected);
  });
});

describe('a download ends with a clear error, and without a model, for', () => {
  test.each<[string, string, Parameters<Publisher['behave']>[0]]>([
    ['a server that ignores Range', 'source-refused', { ignoreRange: true }],
    ['416', 'source-changed', { failNext: { status: 416, count: 'always', on: 'cdn' } }],
    ['a refusal of the hub', 'source-refused', { failNext: { status: 403, count: 'always', on: 'hub' } }],
    [
      'a server that stays broken',
      'source-failed',
      { failNext: { status: 500, count: 'always', on: 'hub' } },
    ],
    ['bytes that stay wrong', 'checkpoint-malformed', { flipByte: { offset: 5000, count: 'always' } }],
    ['answers that the browser keeps back', 'download-blocked', { cors: 'refused' }],
  ])('%s', async (_what, code, behaviour) => {
    // Of the first tensor in the file, whatever that is: past its header.
    publisher.behave(
      behaviour.flipByte
        ? { flipByte: { ...behaviour.flipByte, offset: await offsetOfLargeRange() } }
        : behaviour,
    );
    const reply = await attemptEd();
    expect(reply).toMatchObject({ ok: false, code });
    expect((await ask({ name: 'list' })).models).toEqual([]);
  });

  test('a file that was changed under the download, with an ETag or without', async () => {
    const other = twinBytes({ network: 'ed', sizes: TINY_IN_PARTS, seed: 7 });
    expect(other.byteLength).toBe(checkpoint.byteLength);
    for (const etag of ['exposed', 'absent'] as const) {
      await store.empty();
      publisher.behave({ etag, changedFile: null });
      await interruptedEd();
      publisher.behave({ changedFile: { path: PATH, content: other } });
      expect(await attemptEd()).toMatchObject({ ok: false, code: 'source-changed' });
      // What was fetched of the old one can never be finished.
      expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
    }
  });

  test('a file of another length than the registry’s', async () => {
    const longer = new Uint8Array(checkpoint.byteLength + 1);
    longer.set(checkpoint);
    publisher.behave({ changedFile: { path: PATH, content: longer } });
    expect(await attemptEd()).toMatchObject({ ok: false, code: 'source-changed' });
  });

  async function offsetOfLargeRange(): Promise<number> {
    await ask({ name: 'download', download: downloadOf('ed') });
    const large = publisher.log
      .flatMap(({ host, range }) => (host === 'cdn' && range ? [range] : []))
      .toSorted((a, b) => b.last - b.first - (a.last - a.first))[0]!;
    await store.empty();
    return (large.first + large.last) >> 1;
  }
});

describe('an interrupted download', () => {
  test('says what is there, goes on from it, and fetches no finished shard again', async () => {
    const expected = await undisturbed('ed');
    const whole = await ask({ name: 'download', download: downloadOf('ed') });
    // The archive's directory and the pickle, which every attempt reads.
    const opening = whole.downloadProgress!.find(
      ({ totalByteLength }) => totalByteLength > 0,
    )!.doneByteLength;
    await store.empty();
    await interruptedEd();
    const { partials } = await ask({ name: 'partials' });
    expect(partials).toMatchObject([{ network: 'ed', dtype: 'fp32', device: 'wasm', fileName: 'ed.pth' }]);
    const { doneByteLength, totalByteLength, storedByteLength } = partials![0]!;
    expect(doneByteLength).toBeGreaterThan(0);
    expect(doneByteLength).toBeLessThan(totalByteLength);
    expect(storedByteLength).toBeGreaterThan(0);
    // It is neither a model nor something to be cleared away.
    expect((await ask({ name: 'list' })).models).toEqual([]);
    expect((await ask({ name: 'measureLeftovers' })).byteLength).toBe(0);

    publisher.clearLog();
    const { downloadProgress } = await ask({ name: 'download', download: downloadOf('ed') });
    const resumedAt = downloadProgress!.find((step) => step.totalByteLength > 0)!.doneByteLength;
    expect(resumedAt).toBe(doneByteLength);
    expect(publisher.sentByteLength()).toBeLessThanOrEqual(totalByteLength - doneByteLength + opening);
    expect(await checksumsOfOnly()).toEqual(expected);
    expect((await ask({ name: 'countFolders' })).folderCount).toBe(1);
  });

  test('does not trust a finished shard that was damaged meanwhile', async () => {
    const expected = await undisturbed('ed');
    await interruptedEd();
    await ask({ name: 'damage', path: 'model.data1' });
    await ask({ name: 'download', download: downloadOf('ed') });
    expect(await checksumsOfOnly()).toEqual(expected);
  });

  test('can be given up', async () => {
    await interruptedEd();
    await ask({ name: 'discardPartial', item: downloadOf('ed').item });
    expect((await ask({ name: 'partials' })).partials).toEqual([]);
    expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
  });

  test('by a full disk keeps what is there, and goes on when there is room', async () => {
    const expected = await undisturbed('ed');
    const reply = await store.attempt({
      name: 'download',
      download: downloadOf('ed'),
      freeByteLength: 100_000,
    });
    expect(reply).toMatchObject({ ok: false, code: 'storage-full' });
    await store.reload();
    await ask({ name: 'download', download: downloadOf('ed') });
    expect(await checksumsOfOnly()).toEqual(expected);
  });
});
