import { afterAll, beforeAll, expect, test } from 'vitest';
import { convLayerNormGeluMatMul, matMulInteger } from '../fixtures/networks/toy-graphs.ts';
import { startWebGpuHarness, type WebGpuHarness } from './webgpu-harness.ts';

let harness: WebGpuHarness;
beforeAll(async () => {
  harness = await startWebGpuHarness();
});
afterAll(() => harness.close());

test('Conv, LayerNormalization, Gelu and MatMul run on the GPU alone, and give what WASM gives', async () => {
  const model = convLayerNormGeluMatMul();
  const onGpu = await harness.runInChromium({ ...model, device: 'webgpu', disableCpuFallback: true });
  const onWasm = await harness.runInChromium({ ...model, device: 'wasm' });
  expect(onGpu.adapter).toBeDefined();
  for (const name of ['output', 'activated']) {
    const expected = onWasm.outputs[name]?.data ?? [];
    expect(onGpu.outputs[name]?.dims).toEqual(onWasm.outputs[name]?.dims);
    // Sums of at most 48 terms near 1 in another order: a few units in the last place of float32.
    expect(largestDifference(onGpu.outputs[name]?.data ?? [], expected)).toBeLessThan(1e-5);
    // The answer is not trivial.
    expect(Math.max(...expected)).toBeGreaterThan(0.1);
  }
});

test('an operator without a GPU kernel fails the load when the CPU fallback is disabled', async () => {
  const model = matMulInteger();
  await expect(
    harness.runInChromium({ ...model, device: 'webgpu', disableCpuFallback: true }),
  ).rejects.toThrow(/could not be loaded on webgpu: .*fallback/s);
  const withFallback = await harness.runInChromium({ ...model, device: 'webgpu', disableCpuFallback: false });
  expect(withFallback.outputs.output?.data[0]).toBeCloseTo(6.5, 1);
});

test('asks for the named outputs only', async () => {
  const model = convLayerNormGeluMatMul();
  const { outputs } = await harness.runInChromium({ ...model, device: 'wasm', outputNames: ['activated'] });
  expect(Object.keys(outputs)).toEqual(['activated']);
});

test.each([
  { withoutJspi: false, build: 'jspi' },
  { withoutJspi: true, build: 'asyncify' },
])(
  'without JSPI $withoutJspi: the $build build computes the same on the GPU',
  async ({ withoutJspi, build }) => {
    const model = convLayerNormGeluMatMul();
    const { outputs, runtimeFiles } = await harness.runInChromium({
      ...model,
      device: 'webgpu',
      withoutJspi,
    });
    expect(runtimeFiles.filter((name) => name.endsWith('.wasm'))).toEqual([
      `ort-wasm-simd-threaded.${build}.wasm`,
    ]);
    const { outputs: expected } = await harness.runInChromium({ ...model, device: 'wasm' });
    expect(largestDifference(outputs.output?.data ?? [], expected.output?.data ?? [])).toBeLessThan(1e-5);
  },
);

test('nothing in the browser asked for a host beyond loopback', async () => {
  expect(harness.foreignHosts()).toEqual([]);
  // Shows that an attempt would have been seen.
  await harness.page.evaluate(() => fetch('http://elsewhere.invalid/').catch(() => undefined));
  expect(harness.foreignHosts()).toEqual(['elsewhere.invalid']);
});

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  return Array.from(actual).reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (expected[i] ?? NaN))),
    0,
  );
}
