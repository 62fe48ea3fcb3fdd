import { expect, test } from 'vitest';
import { describeModel } from '../../../../models/detectors/model-description.ts';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import type { ModelDescription } from '../../../../models/detectors/model-description.ts';
import { modelIdOf } from '../../../../models/store/model-store.ts';

const file = (path: string, digit: string) => ({ path, byteLength: 1, sha256: digit.repeat(64) });

function description(change: Partial<ModelDescription> = {}): ModelDescription {
  return describeModel(GENCONVIT, {
    network: 'vae',
    dtype: 'int8',
    device: 'wasm',
    imageSize: 224,
    extraInputs: { noise: 12544 },
    source: { name: 'a.pth', byteLength: 1, sha256: null },
    graph: file('model.onnx', '0'),
    shards: [file('model.data0', '1'), file('model.data1', '2')],
    ...change,
  });
}

test('says what the model is and twelve digits of its files’ checksums', async () => {
  expect(await modelIdOf(description())).toMatch(/^vae-int8-wasm-[0-9a-f]{12}$/);
});

test('does not depend on where the model came from', async () => {
  const elsewhere = description({ source: { name: 'b.pth', byteLength: 2, sha256: 'f'.repeat(64) } });
  expect(await modelIdOf(elsewhere)).toBe(await modelIdOf(description()));
});

test.each([
  ['the graph', { graph: file('model.onnx', '3') }],
  ['a shard', { shards: [file('model.data0', '1'), file('model.data1', '3')] }],
  ['the order of the shards', { shards: [file('model.data0', '2'), file('model.data1', '1')] }],
] as const)('changes with the bytes of %s', async (_what, change) => {
  expect(await modelIdOf(description(change))).not.toBe(await modelIdOf(description()));
});
