import { expect, test } from 'vitest';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { createCountingSource } from '../../../../../models/checkpoint/read/counting-source.ts';
import { convertCheckpoint } from '../../../../../models/detectors/conversion.ts';
import { REGISTRY } from '../../../../../models/detectors/registry.ts';
import { openConversion, type ConversionOptions } from '../../../../../models/detectors/conversion.ts';
import type { ModelFile } from '../../../../../models/detectors/model-description.ts';
import type { ShardWriter } from '../../../../../models/onnx/external-data.ts';
import { TINY_IN_PARTS } from '../../../../fixtures/checkpoints/network-sizes.ts';
import { twinBytes } from '../../../../fixtures/checkpoints/twin.ts';

const NOWHERE: ShardWriter = {
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
  abort: () => Promise.resolve(),
};
const openNowhere = (): Promise<ShardWriter> => Promise.resolve(NOWHERE);

const GENCONVIT = { registry: REGISTRY, detector: 'genconvit' } as const;

const CASES = [
  ['ed', 'fp16', 'wasm'],
  ['ed', 'int8', 'wasm'],
  ['vae', 'fp32', 'wasm'],
  ['vae', 'fp16', 'webgpu'],
  ['vae', 'int8', 'wasm'],
  ['vae', 'int4', 'webgpu'],
] as const;

test.each(CASES)(
  'a conversion of %s to %s for %s that is begun anew before any shard gives the same files',
  async (network, dtype, device) => {
    const bytes = twinBytes({ network, sizes: TINY_IN_PARTS });
    const options: ConversionOptions = {
      ...GENCONVIT,
      network,
      dtype,
      device,
      imageSize: TINY_IN_PARTS.imageSize,
      shardByteLength: 2 ** 13,
    };
    const whole = await convertCheckpoint(createBytesSource(bytes, 'x.pth'), options, openNowhere);
    expect(whole.shards.length).toBeGreaterThan(3);

    // Simulates a program that ends after each shard: it passes on its state as text.
    const files: ModelFile[] = [];
    let kept = 'null';
    for (let index = 0; index < whole.shards.length; index++) {
      const source = createCountingSource(createBytesSource(bytes, 'x.pth'));
      const conversion = await openConversion(source, options);
      const openedByteLength = source.bytesRead;
      conversion.restore(index, JSON.parse(kept) as null);
      files.push(await conversion.writeShard(index, NOWHERE));
      const position = conversion.positionAfter(index);
      expect(position).not.toBeUndefined();
      kept = JSON.stringify(position);
      // No part of the large matrix is read twice.
      const { byteLength } = bytes;
      expect(source.bytesRead - openedByteLength).toBeLessThan(byteLength / 2);
      if (index === whole.shards.length - 1) {
        expect((await conversion.finish(files, openNowhere)).graph).toEqual(whole.graph);
      }
    }
    expect(files).toEqual(whole.shards);
  },
);

test.each(CASES)(
  'what %s in %s for %s reads of the file lies within the stretches that it names',
  async (network, dtype, device) => {
    const bytes = twinBytes({ network, sizes: TINY_IN_PARTS });
    const inner = createBytesSource(bytes, 'x.pth');
    let isOpen = false;
    const reads: { readonly offset: number; readonly end: number }[] = [];
    const conversion = await openConversion(
      {
        ...inner,
        read: (offset, byteLength) => {
          if (isOpen) reads.push({ offset, end: offset + byteLength });
          return inner.read(offset, byteLength);
        },
      },
      { ...GENCONVIT, network, dtype, device, imageSize: TINY_IN_PARTS.imageSize, shardByteLength: 2 ** 13 },
    );
    isOpen = true;
    const extents = conversion.extentsFrom(0).toSorted((a, b) => a.offset - b.offset);
    for (const [index, { offset }] of extents.slice(1).entries()) {
      const before = extents[index]!;
      expect(offset).toBeGreaterThanOrEqual(before.offset + before.byteLength);
    }
    for (let index = 0; index < conversion.shards.length; index++) {
      await conversion.writeShard(index, NOWHERE);
    }
    for (const { offset, end } of reads) {
      expect(
        extents.some((extent) => extent.offset <= offset && end <= extent.offset + extent.byteLength),
      ).toBe(true);
    }
  },
);

test('the parts of one matrix are known to belong together', async () => {
  const conversion = await openConversion(
    createBytesSource(twinBytes({ network: 'vae', sizes: TINY_IN_PARTS }), 'x.pth'),
    {
      ...GENCONVIT,
      network: 'vae',
      dtype: 'fp32',
      device: 'wasm',
      shardByteLength: 2 ** 13,
    },
  );
  const firsts = conversion.shards.map((_shard, index) => conversion.firstShardOfTensor(index));
  // Each part of encoder.mu has a shard of its own; all others stand alone.
  const spread = firsts.filter((first, index) => first !== index);
  expect(new Set(spread).size).toBe(1);
  expect(spread.length).toBeGreaterThanOrEqual(2);
});
