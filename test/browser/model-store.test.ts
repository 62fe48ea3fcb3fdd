import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TINY } from '../fixtures/checkpoints/network-sizes.ts';
import { twinBytes } from '../fixtures/checkpoints/twin.ts';
import { openStore } from './store-page/open-store.ts';
import type { Store } from './store-page/open-store.ts';

const checkpoint = twinBytes({ network: 'ed', sizes: TINY });
let store: Store;
let checkpointUrl: string;
let signInPageUrl: string;

beforeAll(async () => {
  store = await openStore();
  checkpointUrl = store.server.publish(checkpoint);
  signInPageUrl = store.server.publish(new TextEncoder().encode('<!doctype html><title>Sign in</title>'));
});
afterAll(() => store.close());
beforeEach(() => store.empty());

const attempt: Store['attempt'] = (request) => store.attempt(request);
const ask: Store['ask'] = (request) => store.ask(request);

test('an installed checkpoint is listed with its origin, and its files are those of its description', async () => {
  const { installed, progress } = await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  expect(installed).toMatchObject({
    networks: ['ed'],
    dtype: 'fp32',
    device: 'wasm',
    isDemo: false,
    sourceName: 'made-up.pth',
    sourceByteLength: checkpoint.byteLength,
    sourceSha256: createHash('sha256').update(checkpoint).digest('hex'),
  });
  expect(installed!.modelId).toMatch(/^ed-fp32-wasm-[0-9a-f]{12}$/);
  expect(Math.abs(installed!.installedAt - Date.now())).toBeLessThan(60_000);
  expect((await ask({ name: 'list' })).models).toEqual([installed]);

  const { opened } = await ask({ name: 'open', modelId: installed!.modelId });
  const { graph, shards } = opened!.description;
  expect(shards.length).toBeGreaterThan(0);
  expect(opened!.sha256).toEqual(
    Object.fromEntries([graph, ...shards].map(({ path, sha256 }) => [path, sha256])),
  );
  expect(installed!.byteLength).toBe([graph, ...shards].reduce((sum, file) => sum + file.byteLength, 0));

  const phases = progress!.map(({ phase }) => phase);
  expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([
    'waiting',
    'converting',
    'hashing',
  ]);
  const converting = progress!.filter(({ phase }) => phase === 'converting');
  expect(converting.at(-1)!.doneByteLength).toBe(converting[0]!.totalByteLength);
});

test('the same checkpoint again takes its own place, another dtype gets one beside it', async () => {
  const first = await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  const again = await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  expect(again.installed!.modelId).toBe(first.installed!.modelId);
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(1);
  const other = await ask({ name: 'install', checkpointUrl, dtype: 'fp16' });
  const { models } = await ask({ name: 'list' });
  expect(models!.map(({ modelId }) => modelId)).toEqual([other.installed!.modelId, first.installed!.modelId]);
});

test.each(['converting', 'hashing'] as const)('an abort while %s leaves nothing', async (abortAt) => {
  const reply = await attempt({ name: 'install', checkpointUrl, dtype: 'fp32', abortAt });
  expect(reply).toMatchObject({ ok: false, name: 'AbortError' });
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
});

test('the files of a Worker that was ended in the middle are no model, and the next installation removes them', async () => {
  void attempt({ name: 'install', checkpointUrl, dtype: 'fp32', stall: true }).catch(() => undefined);
  const countFolders = (): Promise<number> =>
    store.page.evaluate<number>(`navigator.storage.getDirectory()
      .then((root) => root.getDirectoryHandle('models', { create: true }))
      .then((store) => Array.fromAsync(store.keys())).then(({ length }) => length)`);
  await expect.poll(countFolders).toBe(1);
  await store.endWorker();
  expect((await ask({ name: 'list' })).models).toEqual([]);
  const { installed } = await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  expect(await countFolders()).toBe(1);
  expect((await ask({ name: 'list' })).models).toEqual([installed]);
});

test('a model that does not fit is refused as storage-full, and nothing of it stays', async () => {
  const reply = await attempt({ name: 'install', checkpointUrl, dtype: 'fp32', freeByteLength: 200_000 });
  expect(reply).toMatchObject({
    ok: false,
    code: 'storage-full',
    message: 'There is not enough room for the model: 1 MB are needed, 1 MB are free',
  });
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
});

test('a file that is no checkpoint leaves nothing either', async () => {
  const reply = await attempt({ name: 'install', checkpointUrl: signInPageUrl, dtype: 'fp32' });
  expect(reply).toMatchObject({ ok: false, code: 'checkpoint-malformed' });
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
});

test('a deleted model can be brought back until its files are removed', async () => {
  const { installed } = await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  const { modelId } = installed!;
  await ask({ name: 'setAside', modelId });
  expect((await ask({ name: 'list' })).models).toEqual([]);
  expect(await attempt({ name: 'open', modelId })).toMatchObject({ code: 'model-invalid' });
  await ask({ name: 'restore', modelId });
  expect((await ask({ name: 'list' })).models).toMatchObject([{ modelId, state: 'ready' }]);

  await ask({ name: 'setAside', modelId });
  await ask({ name: 'purge' });
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
  await ask({ name: 'restore', modelId });
  expect((await ask({ name: 'list' })).models).toEqual([]);
});

test('a damaged file is found, makes its model invalid, and installing again repairs it', async () => {
  const { installed } = await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  const { modelId } = installed!;
  const whole = await ask({ name: 'verify', modelId });
  expect(whole.installed).toMatchObject({ state: 'ready', problem: null });
  expect(Math.abs(whole.installed!.verifiedAt! - Date.now())).toBeLessThan(60_000);

  await ask({ name: 'damage', path: 'model.data1' });
  // Its length is right, so only the checksum tells.
  expect((await ask({ name: 'list' })).models).toMatchObject([{ state: 'ready' }]);
  const damaged = await ask({ name: 'verify', modelId });
  expect(damaged.installed).toMatchObject({ modelId, state: 'invalid', verifiedAt: null });
  expect(damaged.installed!.problem).toMatch(/^model\.data1 is damaged/);
  expect(await attempt({ name: 'open', modelId })).toMatchObject({ code: 'model-invalid' });

  await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  expect((await ask({ name: 'list' })).models).toMatchObject([{ modelId, state: 'ready', problem: null }]);
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(1);
});

test('the leftovers of an interrupted installation are measured and removed', async () => {
  void attempt({ name: 'install', checkpointUrl, dtype: 'fp32', stall: true }).catch(() => undefined);
  await expect
    .poll(() =>
      store.page.evaluate<number>(`(async () => {
        const root = await navigator.storage.getDirectory();
        const store = await root.getDirectoryHandle('models', { create: true });
        let byteLength = 0;
        // A file that is there may have no byte yet.
        for await (const folder of store.values())
          for await (const file of folder.values()) byteLength += (await file.getFile()).size;
        return byteLength;
      })()`),
    )
    .toBeGreaterThan(0);
  // Nothing is measured while the model is being written.
  expect(
    await store.page.evaluate<boolean>(
      `navigator.locks.query().then(({ held }) => held.some(({ name }) => name === 'install-model'))`,
    ),
  ).toBe(true);
  await store.endWorker();
  // A Worker that was ended lets go of its lock a moment later.
  await expect.poll(async () => (await ask({ name: 'measureLeftovers' })).byteLength).toBeGreaterThan(0);
  const { byteLength } = await ask({ name: 'measureLeftovers' });
  expect((await ask({ name: 'freeLeftovers' })).byteLength).toBe(byteLength);
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
});

test('an unreadable result of the checksums is ignored', async () => {
  await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  for (const text of ['x'.repeat(2 ** 16 + 1), 'null', '{"checkedAt":"never","problem":7}']) {
    await store.page.evaluate(`(async () => {
      const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
      for await (const folder of models.values()) {
        const writable = await (await folder.getFileHandle('check.json', { create: true })).createWritable();
        await writable.write(${JSON.stringify(text)});
        await writable.close();
      }
    })()`);
    expect((await ask({ name: 'list' })).models).toMatchObject([{ state: 'ready', verifiedAt: null }]);
  }
});
