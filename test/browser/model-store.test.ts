import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TINY } from '../fixtures/checkpoints/network-sizes.ts';
import { twinBytes } from '../fixtures/checkpoints/twin.ts';
import { launchChromium } from './chromium.ts';
import { startLoopbackServer } from './loopback-server.ts';
import type { StoreReply, StoreRequest } from './store-page/protocol.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const BUILD_DIRECTORY = resolve(REPOSITORY, '.output/store-page');

const checkpoint = twinBytes({ network: 'ed', sizes: TINY });
let page: Page;
let checkpointUrl: string;
let signInPageUrl: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await build({
    root: resolve(import.meta.dirname, 'store-page'),
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: BUILD_DIRECTORY, emptyOutDir: true, target: 'chrome148' },
  });
  const server = await startLoopbackServer({ '/': BUILD_DIRECTORY });
  closing.push(server.close);
  checkpointUrl = server.publish(checkpoint);
  signInPageUrl = server.publish(new TextEncoder().encode('<!doctype html><title>Sign in</title>'));
  const { context, close } = await launchChromium();
  closing.push(close);
  page = await context.newPage();
  await page.goto(`${server.origin}/index.html`);
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

beforeEach(async () => {
  await page.evaluate(`(async () => {
    endStoreWorker();
    const root = await navigator.storage.getDirectory();
    await root.removeEntry('models', { recursive: true }).catch(() => undefined);
  })()`);
});

async function attempt(request: StoreRequest): Promise<StoreReply> {
  return await page.evaluate<StoreReply>(`askStore(${JSON.stringify(request)})`);
}

async function ask(request: StoreRequest): Promise<Extract<StoreReply, { ok: true }>> {
  const reply = await attempt(request);
  if (!reply.ok) throw new Error(reply.message);
  return reply;
}

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
  expect(shards.length).toBeGreaterThan(1);
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

test('a deleted model is gone with its folder', async () => {
  const { installed } = await ask({ name: 'install', checkpointUrl, dtype: 'fp32' });
  await ask({ name: 'delete', modelId: installed!.modelId });
  expect((await ask({ name: 'list' })).models).toEqual([]);
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
  expect(await attempt({ name: 'open', modelId: installed!.modelId })).toMatchObject({
    code: 'model-invalid',
  });
});

test.each(['converting', 'hashing'] as const)('an abort while %s leaves nothing', async (abortAt) => {
  const reply = await attempt({ name: 'install', checkpointUrl, dtype: 'fp32', abortAt });
  expect(reply).toMatchObject({ ok: false, name: 'AbortError' });
  expect((await ask({ name: 'countFolders' })).folderCount).toBe(0);
});

test('what a Worker left that was ended in the middle is no model, and the next installation frees it', async () => {
  void attempt({ name: 'install', checkpointUrl, dtype: 'fp32', stall: true }).catch(() => undefined);
  const countFolders = (): Promise<number> =>
    page.evaluate<number>(`navigator.storage.getDirectory()
      .then((root) => root.getDirectoryHandle('models', { create: true }))
      .then((store) => Array.fromAsync(store.keys())).then(({ length }) => length)`);
  await expect.poll(countFolders).toBe(1);
  await page.evaluate(`endStoreWorker()`);
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
