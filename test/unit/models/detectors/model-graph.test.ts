import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { convertCheckpoint } from '../../../../models/detectors/conversion.ts';
import {
  formatModelDescription,
  parseModelDescription,
} from '../../../../models/detectors/model-description.ts';
import type { ModelDescription } from '../../../../models/detectors/model-description.ts';
import { rebuildGraph } from '../../../../models/detectors/model-graph.ts';
import { REGISTRY } from '../../../../models/detectors/registry.ts';
import type { GraphDevice, WeightDtype } from '../../../../utils/domain/model.ts';
import { createBytesSource } from '../../../fixtures/checkpoints/bytes-source.ts';
import { TINY } from '../../../fixtures/checkpoints/network-keys.ts';
import { twinBytes } from '../../../fixtures/checkpoints/twin.ts';

async function describeConverted(
  network: 'ed' | 'vae',
  dtype: WeightDtype,
  device: GraphDevice,
  shardByteLength?: number,
): Promise<ModelDescription> {
  const source = createBytesSource(twinBytes({ network, sizes: TINY }), 'x.pth');
  const description = await convertCheckpoint(
    source,
    {
      registry: REGISTRY,
      ...{ detector: 'genconvit', network, dtype, device, imageSize: TINY.imageSize },
      ...(shardByteLength !== undefined && { shardByteLength }),
    },
    () =>
      Promise.resolve({
        write: () => Promise.resolve(),
        close: () => Promise.resolve(),
        abort: () => Promise.resolve(),
      }),
  );
  // The description as it is read from a folder.
  return parseModelDescription(formatModelDescription(description), REGISTRY);
}

const rebuild = async (description: ModelDescription): Promise<Uint8Array> =>
  await rebuildGraph(description, REGISTRY);

describe('rebuildGraph', () => {
  it.each([
    ['ed', 'fp32', 'wasm'],
    ['ed', 'fp16', 'webgpu'],
    ['ed', 'int8', 'wasm'],
    ['vae', 'fp32', 'wasm'],
    ['vae', 'fp16', 'webgpu'],
    ['vae', 'int8', 'wasm'],
    ['vae', 'int4', 'webgpu'],
  ] as const)(
    'builds the graph of %s in %s for %s from its description alone',
    async (network, dtype, device) => {
      const description = await describeConverted(network, dtype, device);
      const bytes = await rebuild(description);
      expect(bytes.byteLength).toBe(description.graph.byteLength);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(description.graph.sha256);
    },
  );

  it('finds out how the weights were cut into shards', async () => {
    const description = await describeConverted('vae', 'fp32', 'wasm', 2 ** 13);
    expect(description.shards.length).toBeGreaterThan(3);
    expect((await rebuild(description)).byteLength).toBe(description.graph.byteLength);
    const [first, second, ...others] = description.shards;
    const uneven = [
      { ...first!, byteLength: first!.byteLength + 64 },
      { ...second!, byteLength: second!.byteLength - 64 },
      ...others,
    ];
    await expect(rebuild({ ...description, shards: uneven })).rejects.toThrow(/the graph is not the one/);
    await expect(rebuild({ ...description, shards: others })).rejects.toThrow(/the graph is not the one/);
  });

  it.each<[string, RegExp, (description: ModelDescription) => ModelDescription]>([
    [
      'another graph',
      /the graph is not the one/,
      (d) => ({ ...d, graph: { ...d.graph, sha256: '0'.repeat(64) } }),
    ],
    ['another side', /the graph is not the one/, (d) => ({ ...d, imageSize: 96 })],
    ['another form', /the graph is not the one/, (d) => ({ ...d, device: 'webgpu' })],
    ['a further input', /the graph is not the one/, (d) => ({ ...d, extraInputs: { noise: 5 } })],
    [
      'another shard',
      /the graph is not the one/,
      (d) => ({ ...d, shards: [{ ...d.shards[0]!, byteLength: 1 }] }),
    ],
    ['no shapes', /an earlier version: convert the checkpoint again/, ({ tensors: _none, ...d }) => d],
    ['shapes of no network', /the description is of no network/, (d) => ({ ...d, tensors: { a: [1] } })],
    [
      'shapes that do not fit together',
      /the description is of no network: .*misshapen fc2\.bias/,
      (d) => ({ ...d, tensors: { ...d.tensors, 'fc2.bias': [3] } }),
    ],
  ])('refuses a description with %s', async (_what, message, change) => {
    const promise = rebuild(change(await describeConverted('ed', 'fp32', 'wasm')));
    await expect(promise).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(promise).rejects.toThrow(message);
  });

  it.each<[string, unknown]>([
    ['no shapes', { a: 'b' }],
    ['a size of a million millions', { a: [1e12] }],
    ['nine dimensions', { a: Array(9).fill(1) }],
    ['a long name', { ['a'.repeat(201)]: [1] }],
    [
      'more than any network has',
      Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [String(at), [1]])),
    ],
  ])('is not begun where the file has %s', async (_what, tensors) => {
    const description = await describeConverted('ed', 'fp32', 'wasm');
    const text = JSON.stringify({ ...description, tensors });
    expect(() => parseModelDescription(text, REGISTRY)).toThrow(/model\.json: tensors is not/);
  });
});
