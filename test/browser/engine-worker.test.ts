import { afterAll, beforeAll, expect, test } from 'vitest';
import { installModel } from '../support/install-model.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { startEngineWorker } from './engine-worker.ts';
import { startHostHarness, type HostHarness } from './host-harness.ts';

let host: HostHarness;
beforeAll(async () => {
  host = await startHostHarness();
}, 300_000);
afterAll(() => host.close());

test('both networks judge on the GPU in padded batches of four as they do on WASM one by one', async () => {
  const modelIds: string[] = [];
  for (const network of ['ed', 'vae'] as const) {
    const folder = await makeDemoModel({ network, device: 'webgpu' });
    modelIds.push(await installModel(host.extension.context, folder));
  }
  // Six pictures: a full run and a padded one.
  const pngs = await host.framesOf('one-face.webm', [0, 0.7, 1.4, 2.1, 2.8, 3.5]);
  const logitsOn = async (device: 'wasm' | 'webgpu') => {
    const worker = await startEngineWorker(host.page);
    await worker.call('configure', { device, numThreads: null });
    const { state, logits } = await worker.scan(modelIds, pngs);
    expect(state.report.used.model).toMatchObject({
      modelId: modelIds.join('+'),
      networks: ['ed', 'vae'],
      device,
      isDemo: true,
    });
    expect(await worker.loaded()).toEqual(state.report.used.model);
    return logits;
  };
  const onWasm = await logitsOn('wasm');
  const onGpu = await logitsOn('webgpu');
  expect(onGpu).toHaveLength(6);
  onGpu.forEach((logits, index) => {
    for (const network of ['ed', 'vae'] as const) {
      logits[network]!.forEach((logit, column) => {
        expect(logit).toBeCloseTo(onWasm[index]![network]![column]!, 4);
      });
    }
  });
  // Not one answer for all.
  expect(new Set(onWasm.map(({ vae }) => vae![0])).size).toBe(6);
});

test('a software adapter is not asked: the network runs on WASM', async () => {
  const folder = await makeDemoModel({ device: 'webgpu' });
  const modelId = await installModel(host.extension.context, folder);
  const worker = await startEngineWorker(host.page);
  const { state } = await worker.scan([modelId], []);
  expect(state.report.used.model?.device).toBe('wasm');
});

test('a model with a shard that was cut short is refused as model-invalid', async () => {
  const modelId = await installModel(host.extension.context, await makeDemoModel({ seed: 7 }));
  await host.page.evaluate(`(async () => {
    const root = await navigator.storage.getDirectory();
    const store = await root.getDirectoryHandle('models');
    const shard = await (await store.getDirectoryHandle('${modelId}')).getFileHandle('model.data0');
    const writable = await shard.createWritable({ keepExistingData: true });
    await writable.truncate(1000);
    await writable.close();
  })()`);
  const worker = await startEngineWorker(host.page);
  await expect(worker.scan([modelId], [])).rejects.toThrow(/model-invalid: .*model\.data0 has 1000 bytes/);
});
