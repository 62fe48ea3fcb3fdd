import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import {
  type Checkpoint,
  type TensorInfo,
  openCheckpoint,
} from '../../../../../models/checkpoint/read/checkpoint.ts';
import { createCountingSource } from '../../../../../models/checkpoint/read/counting-source.ts';
import { READ_BLOCK_BYTES } from '../../../../../models/checkpoint/read/limits.ts';
import {
  countingFloats,
  float32Bytes,
  orderedDict,
  sampleStateDict,
  tensorOf,
} from '../../../../fixtures/checkpoints/sample-checkpoints.ts';
import {
  checkpointBytes,
  legacyCheckpointBytes,
  storageOf,
} from '../../../../fixtures/checkpoints/torch-writer.ts';

const CONTAINERS = [
  ['stored', (object: Parameters<typeof checkpointBytes>[0]) => checkpointBytes(object)],
  [
    'deflated',
    (object: Parameters<typeof checkpointBytes>[0]) =>
      checkpointBytes(object, { deflate: (bytes) => deflateRawSync(bytes) }),
  ],
  ['legacy', legacyCheckpointBytes],
] as const;

async function open(bytes: Uint8Array): Promise<Checkpoint> {
  return await openCheckpoint(createBytesSource(bytes, 'test.pth'));
}

function get(checkpoint: Checkpoint, key: string): TensorInfo {
  const info = checkpoint.tensors.get(key);
  if (info === undefined) throw new Error(`no ${key}`);
  return info;
}

/** The content of the view when the storage holds 0, 1, 2 …: the index into the storage itself. */
function expectedIndices(info: TensorInfo): number[] {
  let indices = [info.storageOffset];
  for (const [axis, size] of info.shape.entries()) {
    const stride = info.strides[axis] ?? 0;
    indices = indices.flatMap((start) => Array.from({ length: size }, (_, index) => start + index * stride));
  }
  return indices;
}

describe.each(CONTAINERS)('tensors of a %s checkpoint', (_name, write) => {
  it('are found in order, with shapes, strides and offsets', async () => {
    const { tensors } = await open(write(sampleStateDict()));
    expect([...tensors.keys()]).toEqual([
      'conv.weight',
      'conv.transposed',
      'conv.offset',
      'norm.num_batches_tracked',
      'norm.half',
      'empty',
    ]);
    expect(tensors.get('conv.transposed')).toMatchObject({
      dtype: 'float32',
      shape: [4, 3, 2],
      strides: [1, 4, 12],
      elementCount: 24,
    });
    expect(tensors.get('norm.num_batches_tracked')).toMatchObject({
      dtype: 'int64',
      shape: [],
      elementCount: 1,
      byteLength: 8,
    });
  });

  it('read as their views say', async () => {
    const checkpoint = await open(write(sampleStateDict()));
    for (const key of ['conv.weight', 'conv.transposed', 'conv.offset']) {
      const info = get(checkpoint, key);
      expect([...(await checkpoint.readFloat32(info))]).toEqual(expectedIndices(info));
    }
    expect([...(await checkpoint.readFloat32(get(checkpoint, 'norm.num_batches_tracked')))]).toEqual([7]);
    expect([...(await checkpoint.readTensor(get(checkpoint, 'norm.half')))]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(await checkpoint.readTensor(get(checkpoint, 'empty'))).toHaveLength(0);
  });

  it('stream in blocks of rows whether contiguous or not', async () => {
    const checkpoint = await open(write(sampleStateDict()));
    for (const key of ['conv.weight', 'conv.transposed', 'conv.offset']) {
      const info = get(checkpoint, key);
      const rows = info.shape[0] ?? 0;
      for (const rowsPerBlock of [1, rows - 1, rows, rows + 5]) {
        const values: number[] = [];
        let nextRow = 0;
        for await (const block of checkpoint.streamFloat32(info, rowsPerBlock)) {
          expect(block.rowStart).toBe(nextRow);
          expect(block.rowCount).toBe(Math.min(rowsPerBlock, rows - nextRow));
          nextRow += block.rowCount;
          values.push(...block.values);
        }
        expect(values).toEqual(expectedIndices(info));
      }
    }
  });

  it('give any view of a storage larger than a block', async () => {
    const elementCount = READ_BLOCK_BYTES / 4 + 1000;
    const floats = Float32Array.from({ length: elementCount }, (_, index) => index);
    const storage = storageOf('float32', new Uint8Array(floats.buffer));
    const half = Math.floor(elementCount / 2);
    const checkpoint = await open(
      write(
        orderedDict({
          whole: tensorOf(storage, [elementCount]),
          transposed: tensorOf(storage, [2, half], { strides: [1, 2] }),
          ends: tensorOf(storage, [2], { strides: [elementCount - 1] }),
          tail: tensorOf(storage, [1000], { storageOffset: elementCount - 1000 }),
          expanded: tensorOf(storage, [3, 2, 2], { strides: [0, half, 1], storageOffset: 1 }),
          overlapping: tensorOf(storage, [4, 3], {
            strides: [1, 1],
            storageOffset: READ_BLOCK_BYTES / 4 - 3,
          }),
        }),
      ),
    );
    for (const [key, info] of checkpoint.tensors) {
      const values = await checkpoint.readFloat32(info);
      const expected = Float32Array.from(expectedIndices(info));
      expect(
        Buffer.compare(
          Buffer.from(values.buffer, values.byteOffset, values.byteLength),
          Buffer.from(expected.buffer),
        ),
        key,
      ).toBe(0);
    }
  });
});

describe('reading', () => {
  it('any strides give what indexing gives', async () => {
    const axes = fc.array(fc.record({ size: fc.integer({ min: 1, max: 4 }), stride: fc.nat(9) }), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(axes, fc.nat(5), async (list, storageOffset) => {
        const checkpoint = await open(
          checkpointBytes(
            orderedDict({
              view: tensorOf(
                countingFloats(120),
                list.map(({ size }) => size),
                { strides: list.map(({ stride }) => stride), storageOffset },
              ),
            }),
          ),
        );
        const info = get(checkpoint, 'view');
        expect([...(await checkpoint.readFloat32(info))]).toEqual(expectedIndices(info));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves alone what is not asked for', async () => {
    const source = createCountingSource(
      createBytesSource(
        checkpointBytes(
          orderedDict({
            dead: tensorOf(countingFloats(100_000), [100_000]),
            live: tensorOf(countingFloats(10), [10]),
          }),
        ),
        'test.pth',
      ),
    );
    const checkpoint = await openCheckpoint(source);
    await checkpoint.readFloat32(get(checkpoint, 'live'));
    // 4 KB to see what the file is, the directory, the pickle and 40 bytes; the dead tensor has 400,000.
    expect(source.bytesRead).toBeLessThan(6000);
  });

  it('reads a second view of a checked storage without the rest of it', async () => {
    const storage = countingFloats(100_000);
    const source = createCountingSource(
      createBytesSource(
        checkpointBytes(orderedDict({ all: tensorOf(storage, [100_000]), few: tensorOf(storage, [10]) })),
        'test.pth',
      ),
    );
    const checkpoint = await openCheckpoint(source);
    await checkpoint.readFloat32(get(checkpoint, 'all'));
    const before = source.bytesRead;
    expect([...(await checkpoint.readFloat32(get(checkpoint, 'few')))]).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(source.bytesRead - before).toBe(40);
  });

  it('reports a flipped bit anywhere in the record, even when only a part is asked for, and withholds the last rows', async () => {
    const storage = storageOf('float32', float32Bytes(1, 2, 3, 4, 5, 6, 7, 8));
    const bytes = checkpointBytes(
      orderedDict({ few: tensorOf(storage, [2, 1]), all: tensorOf(storage, [8]) }),
    );
    const dataOffset = Buffer.from(bytes).indexOf(Buffer.from(float32Bytes(1, 2, 3, 4)));
    bytes[dataOffset + 30] = (bytes[dataOffset + 30] ?? 0) ^ 1;
    const expected = { code: 'checkpoint-malformed', message: expect.stringContaining('CRC-32') as string };
    for (const key of ['few', 'all']) {
      const checkpoint = await open(bytes);
      await expect(checkpoint.readTensor(get(checkpoint, key))).rejects.toMatchObject(expected);
    }
    const checkpoint = await open(bytes);
    const rows: number[] = [];
    const stream = async (): Promise<void> => {
      for await (const block of checkpoint.streamFloat32(get(checkpoint, 'few'), 1)) {
        rows.push(...block.values);
      }
    };
    await expect(stream()).rejects.toMatchObject(expected);
    expect(rows).toEqual([1]);
  });

  it('stops when it is aborted, with the reason given', async () => {
    const checkpoint = await open(checkpointBytes(sampleStateDict()));
    const controller = new AbortController();
    controller.abort();
    await expect(
      checkpoint.readTensor(get(checkpoint, 'conv.weight'), controller.signal),
    ).rejects.toMatchObject({ name: 'AbortError' });
    await expect(
      checkpoint.streamFloat32(get(checkpoint, 'conv.weight'), 1, controller.signal).next(),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('refuses blocks of no rows and rows of a scalar', async () => {
    const checkpoint = await open(checkpointBytes(sampleStateDict()));
    await expect(checkpoint.streamFloat32(get(checkpoint, 'conv.weight'), 0).next()).rejects.toMatchObject({
      code: 'options-invalid',
    });
    await expect(
      checkpoint.streamFloat32(get(checkpoint, 'norm.num_batches_tracked'), 1).next(),
    ).rejects.toMatchObject({
      code: 'options-invalid',
    });
  });
});
