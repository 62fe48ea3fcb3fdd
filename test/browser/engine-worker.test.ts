import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScanReport } from '../../utils/domain/report.ts';
import { MAX_DIFFERENCE_BETWEEN_DEVICES } from '../../utils/domain/repeat.ts';
import { installModel } from '../support/install-model.ts';
import { makeDemoModel, TELLING_OPINION } from '../fixtures/networks/demo-model.ts';
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
    return { worker, logits, report: state.report };
  };
  const { logits: onWasm, report, worker } = await logitsOn('wasm');
  // The same pictures on the same device: the result is equal except for the times, and no faces are searched again.
  const again = await worker.scan(modelIds, pngs);
  expect({ ...again.state.report, timings: null }).toEqual({ ...report, timings: null });
  expect(again.logits).toEqual(onWasm);
  const { verdict } = report;
  const score = verdict.kind === 'refused' ? NaN : verdict.score;
  const repeated = await worker.repeat(modelIds, report);
  expect(repeated).toMatchObject({ kind: 'repeated', isSameModel: true, score, largestDifference: 0 });
  expect(repeated.kind === 'repeated' && repeated.faces.map(({ isSamePicture }) => isSamePicture)).toEqual(
    Array.from({ length: 6 }, () => true),
  );

  const gpu = await logitsOn('webgpu');
  const onGpu = gpu.logits;
  // The report of WASM is repeated on the GPU, which has other kernels.
  const elsewhere = await gpu.worker.repeat(modelIds, report);
  if (elsewhere.kind !== 'repeated') throw new Error(elsewhere.kind);
  expect(elsewhere.largestDifference).toBeGreaterThan(0);
  expect(elsewhere.largestDifference).toBeLessThan(MAX_DIFFERENCE_BETWEEN_DEVICES);
  expect(await gpu.worker.repeat(modelIds, gpu.report)).toMatchObject({ largestDifference: 0 });
  expect(onGpu).toHaveLength(6);
  onGpu.forEach((logits, index) => {
    for (const network of ['ed', 'vae'] as const) {
      logits[network]!.forEach((logit, column) => {
        expect(logit).toBeCloseTo(onWasm[index]![network]![column]!, 4);
      });
    }
  });
  // The answers are not all the same.
  expect(new Set(onWasm.map(({ vae }) => vae![0])).size).toBe(6);
});

test('a clip that is blurred or shrunk step by step becomes “not sure” with the reason, and never the opposite verdict', async () => {
  const folder = await makeDemoModel({ opinion: TELLING_OPINION });
  const modelIds = [await installModel(host.extension.context, folder)];
  const worker = await startEngineWorker(host.page);
  for (const [video, atFirst, opposite] of [
    ['one-face.webm', 'likely-manipulated', 'no-manipulation-found'],
    ['another-face.mp4', 'no-manipulation-found', 'likely-manipulated'],
  ] as const) {
    // The steps are so small that the made-up network judges neighbours alike: otherwise its frames would disagree.
    const pngs = await host.framesOf(video, [0, 0.1, 0.2, 0.3]);
    const reportAt = async (blurPixels: number, scale: number): Promise<ScanReport> =>
      (await worker.scan(modelIds, pngs, { blurPixels, scale })).state.report;
    const outcomeOf = ({ verdict }: ScanReport): string => {
      if (verdict.kind === 'refused') return verdict.reason;
      return verdict.reasons === undefined ? verdict.kind : verdict.reasons.map(({ code }) => code).join(' ');
    };
    const whole = await reportAt(0, 1);
    expect(outcomeOf(whole), video).toBe(atFirst);
    const side = whole.quality.largestSidePixels!;

    // The blur is in pixels of the networks' usual input.
    const blurred: string[] = [];
    for (const pixels of [0.5, 1, 3, 5, 8]) blurred.push(outcomeOf(await reportAt((pixels * side) / 224, 1)));
    // The size is in the video's own pixels.
    const shrunk: string[] = [];
    for (const pixels of [120, 90, 66, 40]) shrunk.push(outcomeOf(await reportAt(0, pixels / side)));
    const outcomes = `${video}: ${blurred.join(', ')}; ${shrunk.join(', ')}`;
    for (const steps of [blurred, shrunk]) {
      // The verdicts are the first one for a while, and no verdict afterwards.
      const verdicts = steps.findIndex((outcome) => outcome !== atFirst);
      expect(verdicts, outcomes).toBeGreaterThan(0);
      expect(steps.slice(verdicts), outcomes).not.toContain(atFirst);
      expect(steps, outcomes).not.toContain(opposite);
    }
    expect(blurred.at(-1), outcomes).toContain('face-blurred');
    expect(shrunk[2], outcomes).toContain('face-small');
    expect(shrunk[3], outcomes).toBe('face-too-small');
  }
});

test('a software adapter is not used: the network runs on WASM', async () => {
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
