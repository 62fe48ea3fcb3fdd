import { describe, expect, test } from 'vitest';
import { casesAt } from '../support/cases.ts';
import type { Publisher } from '../support/publisher/publisher.ts';
import { TINY_IN_PARTS } from '../fixtures/checkpoints/network-sizes.ts';
import { twinBytes } from '../fixtures/checkpoints/twin.ts';
import { TEST_CHECKPOINTS } from './store-page/test-download.ts';
import { useDownloads } from './store-page/use-downloads.ts';

const { path: PATH, bytes: checkpoint } = TEST_CHECKPOINTS.ed;

const run = useDownloads();

describe('a download recovers from', () => {
  test.each<[string, Parameters<Publisher['behave']>[0]]>([
    ['429 with Retry-After', { failNext: { status: 429, count: 2, on: 'hub', retryAfterSeconds: 1 } }],
    ['a server’s own trouble', { failNext: { status: 503, count: 3, on: 'cdn' } }],
    ['an expired address', { failNext: { status: 403, count: 2, on: 'cdn' } }],
    ['bodies that are cut short', { cutShort: { count: 3, afterByteLength: 1000 } }],
    ['a body that stalls', { stall: { count: 1, afterByteLength: 1000 } }],
    ['an answer that never begins', { stall: { count: 1, afterByteLength: null } }],
  ])('%s', async (_what, behaviour) => {
    const expected = await run.undisturbed('ed');
    run.publisher.behave(behaviour);
    const { downloadProgress } = await run.ask({ name: 'download', download: run.downloadOf('ed') });
    expect(run.publisher.log.some(({ faults }) => faults.length > 0)).toBe(true);
    expect(downloadProgress!.some(({ wait }) => wait !== null)).toBe(true);
    expect(await run.checksumsOfOnly()).toEqual(expected);
  });

  test('a flipped byte, wherever it lies', async () => {
    const expected = await run.undisturbed('ed');
    await run.ask({ name: 'download', download: run.downloadOf('ed') });
    const ranges = run.publisher.log.flatMap(({ host, range }) => (host === 'cdn' && range ? [range] : []));
    const ofTensors = ranges.slice(3).toSorted((a, b) => a.last - a.first - (b.last - b.first));
    // In the archive's end, the directory, the pickle, a header or a small tensor, one of middle size, and a large one.
    const kinds = [
      ...ranges.slice(0, 3),
      ...[0, 0.5, 1].map((part) => ofTensors[Math.floor(part * (ofTensors.length - 1))]!),
    ];
    const every = [...kinds, ...ranges.filter((_range, index) => index % 9 === 0)];
    for (const { first, last } of casesAt(every, ...kinds.keys())) {
      await run.store.empty();
      run.publisher.clearLog();
      run.publisher.behave({ flipByte: { offset: (first + last) >> 1, count: 1 } });
      const reply = await run.attemptEd();
      expect(run.publisher.log.some(({ faults }) => faults.includes('flipByte'))).toBe(true);
      expect(reply).toMatchObject({ ok: true });
      expect(await run.checksumsOfOnly()).toEqual(expected);
    }
  });

  test('a flipped byte in the middle of a matrix that lies in several shards', async () => {
    const expected = await run.undisturbed('vae');
    const download = run.downloadOf('vae');
    await run.ask({ name: 'download', download });
    const { range } = run.publisher.log
      .filter(({ host, range }) => host === 'cdn' && range !== null)
      .toSorted((a, b) => b.range!.last - b.range!.first - (a.range!.last - a.range!.first))[0]!;
    await run.store.empty();
    run.publisher.behave({ flipByte: { offset: range!.first + 100, count: 1 } });
    await run.ask({ name: 'download', download });
    expect(await run.checksumsOfOnly()).toEqual(expected);
  });

  test('a lost network, as soon as it is back', async () => {
    const expected = await run.undisturbed('ed');
    run.publisher.behave({ bytesPerSecond: 1_000_000 });
    const installing = run.ask({ name: 'download', download: run.downloadOf('ed', { delayScale: 0.2 }) });
    await expect.poll(() => run.publisher.sentByteLength()).toBeGreaterThan(200_000);
    run.publisher.behave({ refuseConnections: true });
    await new Promise((elapsed) => setTimeout(elapsed, 500));
    run.publisher.behave({ refuseConnections: false, bytesPerSecond: null });
    await installing;
    expect(await run.checksumsOfOnly()).toEqual(expected);
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
    run.publisher.behave(
      behaviour.flipByte
        ? { flipByte: { ...behaviour.flipByte, offset: await offsetOfLargeRange() } }
        : behaviour,
    );
    const reply = await run.attemptEd();
    expect(reply).toMatchObject({ ok: false, code });
    expect((await run.ask({ name: 'list' })).models).toEqual([]);
  });

  test('a file that was changed under the download, with an ETag or without', async () => {
    const other = twinBytes({ network: 'ed', sizes: TINY_IN_PARTS, seed: 7 });
    expect(other.byteLength).toBe(checkpoint.byteLength);
    for (const etag of ['exposed', 'absent'] as const) {
      await run.store.empty();
      run.publisher.behave({ etag, changedFile: null });
      await run.interruptedEd();
      run.publisher.behave({ changedFile: { path: PATH, content: other } });
      expect(await run.attemptEd()).toMatchObject({ ok: false, code: 'source-changed' });
      // What was fetched of the old one can never be finished.
      expect((await run.ask({ name: 'countFolders' })).folderCount).toBe(0);
    }
  });

  test('a file of another length than the registry’s', async () => {
    const longer = new Uint8Array(checkpoint.byteLength + 1);
    longer.set(checkpoint);
    run.publisher.behave({ changedFile: { path: PATH, content: longer } });
    expect(await run.attemptEd()).toMatchObject({ ok: false, code: 'source-changed' });
  });

  async function offsetOfLargeRange(): Promise<number> {
    await run.ask({ name: 'download', download: run.downloadOf('ed') });
    const large = run.publisher.log
      .flatMap(({ host, range }) => (host === 'cdn' && range ? [range] : []))
      .toSorted((a, b) => b.last - b.first - (a.last - a.first))[0]!;
    await run.store.empty();
    return (large.first + large.last) >> 1;
  }
});
