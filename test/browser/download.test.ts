import { describe, expect, test } from 'vitest';
import { PUBLISHED_CHECKPOINTS } from '../../models/detectors/genconvit/published.ts';
import { TEST_CHECKPOINTS } from './store-page/test-download.ts';
import { useDownloads } from './store-page/use-downloads.ts';

const checkpoint = TEST_CHECKPOINTS.ed.bytes;
const vaeCheckpoint = TEST_CHECKPOINTS.vae.bytes;

const run = useDownloads();

/** Replaces a file in the only folder of the run.store. */
async function putIntoFolder(path: string, text: string): Promise<void> {
  await run.store.page.evaluate(`(async () => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    for await (const folder of models.values()) {
      const writable = await (await folder.getFileHandle('${path}', { create: true })).createWritable();
      await writable.write(${JSON.stringify(text)});
      await writable.close();
    }
  })()`);
}

describe('a download', () => {
  test('is the model that a conversion of the same file gives, with its origin, in fewer bytes than the file', async () => {
    const { installed, downloadProgress } = await run.ask({
      name: 'download',
      download: run.downloadOf('ed'),
    });
    expect(installed).toMatchObject({
      networks: ['ed'],
      provenance: 'published-download',
      sourceName: 'ed.pth',
      sourceByteLength: checkpoint.byteLength,
      sourceSha256: null,
      sourceRevision: 'abc123',
      state: 'ready',
    });
    const downloaded = await run.checksumsOfOnly();
    expect(run.publisher.sentByteLength()).toBeLessThan(checkpoint.byteLength);
    expect(run.publisher.log.filter(({ method }) => method === 'OPTIONS')).toEqual([]);
    expect(run.publisher.maxOpenRequests()).toBeLessThanOrEqual(4);
    const last = downloadProgress!.at(-1)!;
    expect(last.doneByteLength).toBe(last.totalByteLength);
    const dones = downloadProgress!.map(({ doneByteLength }) => doneByteLength);
    expect(dones).toEqual(dones.toSorted((a, b) => a - b));
    expect((await run.ask({ name: 'partials' })).partials).toEqual([]);

    await run.store.empty();
    await run.ask({
      name: 'install',
      checkpointUrl: run.store.server.publish(checkpoint),
      dtype: 'fp32',
    });
    const converted = await run.checksumsOfOnly();
    // Other shards, so other names; what is in them is the same when it is put together.
    expect(Object.keys(converted).length).toBeLessThan(Object.keys(downloaded).length);
  });

  test('asks the publisher anew for every range, since each redirect is signed for one', async () => {
    await run.ask({ name: 'download', download: run.downloadOf('ed') });
    const onHub = run.publisher.log.filter(({ host }) => host === 'hub');
    const onCdn = run.publisher.log.filter(({ host }) => host === 'cdn');
    expect(onCdn.length).toBeGreaterThan(10);
    expect(onHub.length).toBe(onCdn.length);
    expect(onHub.every(({ range, status }) => range !== null && status === 302)).toBe(true);
    expect(onCdn.every(({ range, status }) => range !== null && status === 206)).toBe(true);
  });

  test('needs no header that the publisher may not expose', async () => {
    run.publisher.behave({ cors: 'unexposed', etag: 'absent' });
    const { installed } = await run.ask({ name: 'download', download: run.downloadOf('ed') });
    expect(installed!.state).toBe('ready');
  });

  test('fetches no byte of a large tensor twice', async () => {
    await run.ask({ name: 'download', download: run.downloadOf('vae') });
    const counts = new Uint8Array(vaeCheckpoint.byteLength);
    for (const { host, range } of run.publisher.log) {
      if (host !== 'cdn' || range === null) continue;
      for (let byte = range.first; byte <= range.last; byte++) counts[byte]! += 1;
    }
    // The archive's end, the directory and the pickle are looked at more than once.
    const again = counts.filter((count) => count > 1).length;
    expect(again).toBeLessThan(0.02 * vaeCheckpoint.byteLength);
  });
});

describe('an interrupted download', () => {
  test('says what is there, goes on from it, and fetches no finished shard again', async () => {
    const expected = await run.undisturbed('ed');
    const whole = await run.ask({ name: 'download', download: run.downloadOf('ed') });
    // The archive's directory and the pickle, which every attempt reads.
    const opening = whole.downloadProgress!.find(
      ({ totalByteLength }) => totalByteLength > 0,
    )!.doneByteLength;
    await run.store.empty();
    await run.interruptedEd();
    const { partials } = await run.ask({ name: 'partials' });
    expect(partials).toMatchObject([{ network: 'ed', dtype: 'fp32', device: 'wasm', fileName: 'ed.pth' }]);
    const { doneByteLength, totalByteLength, storedByteLength } = partials![0]!;
    expect(doneByteLength).toBeGreaterThan(0);
    expect(doneByteLength).toBeLessThan(totalByteLength);
    expect(storedByteLength).toBeGreaterThan(0);
    // It is neither a model nor something to be cleared away.
    expect((await run.ask({ name: 'list' })).models).toEqual([]);
    expect((await run.ask({ name: 'measureLeftovers' })).byteLength).toBe(0);

    run.publisher.clearLog();
    const { downloadProgress } = await run.ask({ name: 'download', download: run.downloadOf('ed') });
    const resumedAt = downloadProgress!.find((step) => step.totalByteLength > 0)!.doneByteLength;
    expect(resumedAt).toBe(doneByteLength);
    expect(run.publisher.sentByteLength()).toBeLessThanOrEqual(totalByteLength - doneByteLength + opening);
    expect(await run.checksumsOfOnly()).toEqual(expected);
    expect((await run.ask({ name: 'countFolders' })).folderCount).toBe(1);
  });

  test('does not trust a finished shard that was damaged meanwhile', async () => {
    const expected = await run.undisturbed('ed');
    await run.interruptedEd();
    await run.ask({ name: 'damage', path: 'model.data1' });
    await run.ask({ name: 'download', download: run.downloadOf('ed') });
    expect(await run.checksumsOfOnly()).toEqual(expected);
  });

  test('can be given up', async () => {
    await run.interruptedEd();
    await run.ask({ name: 'discardPartial', item: run.downloadOf('ed').item });
    expect((await run.ask({ name: 'partials' })).partials).toEqual([]);
    expect((await run.ask({ name: 'countFolders' })).folderCount).toBe(0);
  });

  test('by a disk without room for all of it is refused before anything is written', async () => {
    const reply = await run.store.attempt({
      name: 'download',
      download: run.downloadOf('ed'),
      freeByteLength: 100_000,
    });
    expect(reply).toMatchObject({ ok: false, code: 'storage-full' });
    expect((await run.ask({ name: 'countFolders' })).folderCount).toBe(0);
  });

  test('by a disk that fills up on the way keeps what is there, and goes on when there is room', async () => {
    const expected = await run.undisturbed('ed');
    const reply = await run.store.attempt({
      name: 'download',
      download: run.downloadOf('ed'),
      fillsUpAtShard: 3,
    });
    expect(reply).toMatchObject({ ok: false, code: 'storage-full' });
    const { partials } = await run.ask({ name: 'partials' });
    expect(partials).toHaveLength(1);
    expect(partials![0]!.doneByteLength).toBeGreaterThan(0.3 * partials![0]!.totalByteLength);
    await run.store.reload();
    const { downloadProgress } = await run.ask({ name: 'download', download: run.downloadOf('ed') });
    const resumedAt = downloadProgress!.find((step) => step.totalByteLength > 0)!.doneByteLength;
    expect(resumedAt).toBe(partials![0]!.doneByteLength);
    expect(await run.checksumsOfOnly()).toEqual(expected);
  });

  test('that ended while its description was written goes on', async () => {
    const expected = await run.undisturbed('ed');
    await run.interruptedEd();
    await putIntoFolder('model.json', '');
    expect((await run.ask({ name: 'partials' })).partials).toHaveLength(1);
    expect((await run.ask({ name: 'measureLeftovers' })).byteLength).toBe(0);
    await run.ask({ name: 'download', download: run.downloadOf('ed') });
    expect(await run.checksumsOfOnly()).toEqual(expected);
  });

  test.each([
    ['too long', 'x'.repeat(2 ** 18 + 1)],
    ['no object', 'null'],
    ['of another shape', '{"formatVersion":1,"graphVersion":2,"item":{},"shards":[null]}'],
  ])('with a journal that is %s begins anew', async (_what, journal) => {
    await run.interruptedEd();
    await putIntoFolder('partial.json', journal);
    expect((await run.ask({ name: 'partials' })).partials).toEqual([]);
    await run.ask({ name: 'download', download: run.downloadOf('ed') });
    expect((await run.ask({ name: 'countFolders' })).folderCount).toBe(1);
  });

  test('whose directory was damaged on its way the first time is not taken for another file', async () => {
    const expected = await run.undisturbed('ed');
    // The time of the first entry of the central directory, which nobody reads.
    const entry = Buffer.from(checkpoint).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    run.publisher.behave({ flipByte: { offset: entry + 12, count: 1 } });
    await run.interruptedEd();
    expect(run.publisher.log.some(({ faults }) => faults.includes('flipByte'))).toBe(true);
    await run.ask({ name: 'download', download: run.downloadOf('ed') });
    expect(await run.checksumsOfOnly()).toEqual(expected);
  });

  test('can’t be given up while it runs', async () => {
    run.publisher.behave({ bytesPerSecond: 400_000 });
    const running = run.store.attempt({ name: 'download', download: run.downloadOf('ed') });
    await expect.poll(() => run.publisher.sentByteLength()).toBeGreaterThan(100_000);
    const page = await run.store.page.context().newPage();
    await page.goto(run.store.page.url());
    const request = JSON.stringify({ name: 'discardPartial', item: run.downloadOf('ed').item });
    expect(await page.evaluate(`askStore(${request})`)).toMatchObject({ ok: false, code: 'options-invalid' });
    await page.close();
    run.publisher.behave({ bytesPerSecond: null });
    expect(await running).toMatchObject({ ok: true });
  });
});

test('a converted folder is imported, and what it says of its checkpoint is not taken for a checksum', async () => {
  await run.ask({ name: 'download', download: run.downloadOf('ed') });
  const { models } = await run.ask({ name: 'list' });
  const files = await run.store.page.evaluate<readonly (readonly [string, string])[]>(`(async () => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    const files = [];
    for await (const folder of models.values()) for await (const handle of folder.values()) {
      files.push([handle.name, new Uint8Array(await (await handle.getFile()).arrayBuffer()).toBase64()]);
    }
    return files;
  })()`);
  await run.store.empty();
  const published = files.map(([path, base64]) => {
    const data = new Uint8Array(Buffer.from(base64, 'base64'));
    if (path !== 'model.json') return { path, url: run.store.server.publish(data) };
    const description = JSON.parse(new TextDecoder().decode(data)) as { source: object };
    description.source = { name: 'x.pth', byteLength: 1, sha256: PUBLISHED_CHECKPOINTS[0]!.sha256 };
    return { path, url: run.store.server.publish(new TextEncoder().encode(JSON.stringify(description))) };
  });
  const { installed } = await run.ask({ name: 'import', files: published });
  expect(installed).toMatchObject({
    modelId: models![0]!.modelId,
    provenance: 'converted-folder',
    sourceSha256: null,
    state: 'ready',
  });

  await run.store.empty();
  const incomplete = published.filter(({ path }) => path !== 'model.data1');
  expect(await run.store.attempt({ name: 'import', files: incomplete })).toMatchObject({
    code: 'model-invalid',
    message: expect.stringMatching(/^model\.data1 is missing/) as string,
  });
  expect((await run.ask({ name: 'countFolders' })).folderCount).toBe(0);
});
