import { expect, test } from 'vitest';
import { camelCase, t } from '../../../../../components/texts.tsx';
import type { Machine } from '../../../../../models/detectors/detector.ts';
import { GENCONVIT } from '../../../../../models/detectors/genconvit/genconvit.ts';
import type { GpuAdapterSummary } from '../../../../../models/runtime/webgpu-device.ts';

const GPU: GpuAdapterSummary = {
  vendor: 'x',
  architecture: 'y',
  description: '',
  isFallbackAdapter: false,
  features: [],
  maxBufferSize: 2 ** 30,
  maxStorageBufferBindingSize: 2 ** 30,
};
const USUAL: Machine = { gpu: GPU, freeByteLength: 1e11, memoryGigabytes: 8 };

test.each<[string, Partial<Machine>, 'ed' | 'vae', string]>([
  ['a computer with a graphics card', {}, 'ed', 'fp16 webgpu'],
  ['a computer without WebGPU', { gpu: null }, 'ed', 'fp16 wasm'],
  ['a software adapter', { gpu: { ...GPU, isFallbackAdapter: true } }, 'ed', 'fp16 wasm'],
  [
    'a card with small bindings',
    { gpu: { ...GPU, maxStorageBufferBindingSize: 2 ** 26 } },
    'ed',
    'fp16 wasm',
  ],
  ['a disk that is nearly full', { freeByteLength: 2e8 }, 'ed', 'int8 wasm'],
  ['little memory', { memoryGigabytes: 2 }, 'ed', 'int8 wasm'],
  [
    'a browser that says nothing',
    { gpu: null, freeByteLength: null, memoryGigabytes: null },
    'ed',
    'fp16 wasm',
  ],
  ['a graphics card', {}, 'vae', 'int4 webgpu'],
  ['no graphics card', { gpu: null }, 'vae', 'int8 wasm'],
])('for %s', (_what, change, network, expected) => {
  const { dtype, device, reason } = GENCONVIT.recommend(network, { ...USUAL, ...change });
  expect(`${dtype} ${device}`).toBe(expected);
  expect(t(`install.recommendation.${camelCase(reason)}`)).toMatch(/^[A-Z].*\.$/);
  expect(() => GENCONVIT.assertConvertible(network, dtype, device)).not.toThrow();
});
