import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PUBLISHED_CHECKPOINTS } from '../../models/detectors/genconvit/published.ts';
import { startPublisher } from '../support/publisher/publisher.ts';
import type { Publisher } from '../support/publisher/publisher.ts';
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

/** Replaces a file in the only folder of the store. */
async function putIntoFolder(path: string, text: string): Promise<void> {
  await store.page.evaluate(`(async () => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    for await (const folder of models.values()) {
      const writable = await (await folder.getFileHandle('${path}', { create: true })).createWritable();
      await writable.write(${JSON.stringify(text)});
      await writable.close();
    }
  })()`);
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
      expect(reply).toMatchObject({ ok: true });
      expect(await checksumsOfOnly()).toEqual(expected);
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

  test('by a disk without room for all of it is refused before anything is written', async () => {
    const reply = await store.attempt({
      name: 'download',
      download: downloadOf('ed'),
      freeByteLength: 100_000,
    });
    expect(reply).toMatchObject({ ok: false, code: 'storage-full' });
    expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
  });

  test('by a disk that fills up on the way keeps what is there, and goes on when there is room', async () => {
    const expected = await undisturbed('ed');
    const reply = await store.attempt({ name: 'download', download: downloadOf('ed'), fillsUpAtShard: 3 });
    expect(reply).toMatchObject({ ok: false, code: 'storage-full' });
    const { partials } = await ask({ name: 'partials' });
    expect(partials).toHaveLength(1);
    expect(partials![0]!.doneByteLength).toBeGreaterThan(0.3 * partials![0]!.totalByteLength);
    await store.reload();
    const { downloadProgress } = await ask({ name: 'download', download: downloadOf('ed') });
    const resumedAt = downloadProgress!.find((step) => step.totalByteLength > 0)!.doneByteLength;
    expect(resumedAt).toBe(partials![0]!.doneByteLength);
    expect(await checksumsOfOnly()).toEqual(expected);
  });

  test('that ended while its description was written goes on', async () => {
    const expected = await undisturbed('ed');
    await interruptedEd();
    await putIntoFolder('model.json', '');
    expect((await ask({ name: 'partials' })).partials).toHaveLength(1);
    expect((await ask({ name: 'measureLeftovers' })).byteLength).toBe(0);
    await ask({ name: 'download', download: downloadOf('ed') });
    expect(await checksumsOfOnly()).toEqual(expected);
  });

  test.each([
    ['too long', 'x'.repeat(2 ** 18 + 1)],
    ['no object', 'null'],
    ['of another shape', '{"formatVersion":1,"graphVersion":2,"item":{},"shards":[null]}'],
  ])('with a journal that is %s begins anew', async (_what, journal) => {
    await interruptedEd();
    await putIntoFolder('partial.json', journal);
    expect((await ask({ name: 'partials' })).partials).toEqual([]);
    await ask({ name: 'download', download: downloadOf('ed') });
    expect((await ask({ name: 'countFolders' })).folderCount).toBe(1);
  });

  test('whose directory was damaged on its way the first time is not taken for another file', async () => {
    const expected = await undisturbed('ed');
    // The time of the first entry of the central directory, which nobody reads.
    const entry = Buffer.from(checkpoint).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    publisher.behave({ flipByte: { offset: entry + 12, count: 1 } });
    await interruptedEd();
    expect(publisher.log.some(({ faults }) => faults.includes('flipByte'))).toBe(true);
    await ask({ name: 'download', download: downloadOf('ed') });
    expect(await checksumsOfOnly()).toEqual(expected);
  });

  test('can’t be given up while it runs', async () => {
    publisher.behave({ bytesPerSecond: 400_000 });
    const running = store.attempt({ name: 'download', download: downloadOf('ed') });
    await expect.poll(() => publisher.sentByteLength()).toBeGreaterThan(100_000);
    const page = await store.page.context().newPage();
    await page.goto(store.page.url());
    const request = JSON.stringify({ name: 'discardPartial', item: downloadOf('ed').item });
    expect(await page.evaluate(`askStore(${request})`)).toMatchObject({ ok: false, code: 'options-invalid' });
    await page.close();
    publisher.behave({ bytesPerSecond: null });
    expect(await running).toMatchObject({ ok: true });
  });
});

test('a converted folder is imported, and what it says of its checkpoint is not taken for a checksum', async () => {
  await ask({ name: 'download', download: downloadOf('ed') });
  const { models } = await ask({ name: 'list' });
  const files = await store.page.evaluate<readonly (readonly [string, readonly number[]])[]>(`(async () => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    const files = [];
    for await (const folder of models.values()) for await (const handle of folder.values()) {
      files.push([handle.name, [...new Uint8Array(await (await handle.getFile()).arrayBuffer())]]);
    }
    return files;
  })()`);
  await store.empty();
  const published = files.map(([path, bytes]) => {
    const data = Uint8Array.from(bytes);
    if (path !== 'model.json') return { path, url: store.server.publish(data) };
    const description = JSON.parse(new TextDecoder().decode(data)) as { source: object };
    description.source = { name: 'x.pth', byteLength: 1, sha256: PUBLISHED_CHECKPOINTS[0]!.sha256 };
    return { path, url: store.server.publish(new TextEncoder().encode(JSON.stringify(description))) };
  });
  const { installed } = await ask({ name: 'import', files: published });
  expect(installed).toMatchObject({
    modelId: models![0]!.modelId,
    provenance: 'converted-folder',
    sourceSha256: null,
    state: 'ready',
  });

  await store.empty();
  const incomplete = published.filter(({ path }) => path !== 'model.data1');
  expect(await store.attempt({ name: 'import', files: incomplete })).toMatchObject({
    code: 'model-invalid',
    message: expect.stringMatching(/^model\.data1 is missing/) as string,
  });
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
});
