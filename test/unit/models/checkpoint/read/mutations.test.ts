import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDetectorError } from '../../../../../utils/domain/errors.ts';
import type { ByteSource } from '../../../../../models/checkpoint/read/byte-source.ts';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import { MAX_EXPANDED_ELEMENTS } from '../../../../../models/checkpoint/read/limits.ts';
import { sampleStateDict } from '../../../../fixtures/checkpoints/sample-checkpoints.ts';
import {
  checkpointBytes,
  legacyCheckpointBytes,
  wrapStateDict,
} from '../../../../fixtures/checkpoints/torch-writer.ts';

const SAMPLES = [
  checkpointBytes(sampleStateDict()),
  checkpointBytes(sampleStateDict(), { deflate: (bytes) => deflateRawSync(bytes, { level: 1 }) }),
  legacyCheckpointBytes(wrapStateDict(sampleStateDict(), 'train')),
];

type Mutation = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** Fractions of the file, so that one mutation fits samples of any length. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const flip = fc.tuple(place, fc.nat(7)).map(
  ([at, bit]): Mutation =>
    (bytes) =>
      bytes.map((byte, index) => (index === Math.floor(at * bytes.length) ? byte ^ (1 << bit) : byte)),
);
/** Values at which sizes, counts and opcodes change their meaning. */
const overwrite = fc
  .tuple(
    place,
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(undefined, 0, 0x7f, 0x80, 0xff),
  )
  .map(([at, noise, fill]): Mutation => (bytes) => {
    const copy = new Uint8Array(bytes);
    const start = Math.floor(at * bytes.length);
    copy.set((fill === undefined ? noise : noise.fill(fill)).subarray(0, bytes.length - start), start);
    return copy;
  });
const truncate = place.map(
  (at): Mutation =>
    (bytes) =>
      bytes.slice(0, Math.floor(at * bytes.length)),
);
/** Repeats or removes a part. */
const splice = fc.tuple(place, place, place).map(([to, from, length]): Mutation => (bytes) => {
  const start = Math.floor(from * bytes.length);
  const part = bytes.subarray(start, start + Math.floor(length * 64));
  const cut = Math.floor(to * bytes.length);
  return new Uint8Array([
    ...bytes.subarray(0, cut),
    ...part,
    ...bytes.subarray(from < 0.5 ? cut : cut + part.length),
  ]);
});
const mutations = fc.array(fc.oneof(flip, overwrite, truncate, splice), { minLength: 1, maxLength: 4 });

/** The ranges that a read of the source may ask for: any within the file. */
function createWatchedSource(bytes: Uint8Array): ByteSource {
  const source = createBytesSource(bytes, 'mutated.pth');
  return {
    ...source,
    read: async (offset, byteLength, signal) => {
      if (
        !Number.isSafeInteger(offset) ||
        offset < 0 ||
        byteLength < 0 ||
        offset + byteLength > bytes.length
      ) {
        throw new Error(`read ${byteLength} bytes at ${offset} of ${bytes.length}`);
      }
      return await source.read(offset, byteLength, signal);
    },
  };
}

async function readEverything(bytes: Uint8Array): Promise<void> {
  const checkpoint = await openCheckpoint(createWatchedSource(bytes));
  for (const info of checkpoint.tensors.values()) {
    const values = await checkpoint.readFloat32(info);
    expect(values.length).toBe(info.elementCount);
    expect(info.elementCount).toBeLessThanOrEqual(Math.max(MAX_EXPANDED_ELEMENTS, bytes.length));
    if (info.shape.length > 0) {
      for await (const block of checkpoint.streamFloat32(info, 2)) {
        expect(block.rowCount).toBeLessThanOrEqual(2);
      }
    }
  }
  try {
    checkpoint.stateDict();
  } catch (error) {
    expect(isDetectorError(error)).toBe(true);
  }
}

describe('a mutated checkpoint', () => {
  it('is read or refused with a DetectorError, in time, and never reads outside of the file', async () => {
    let refused = 0;
    let slowestMs = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SAMPLES), mutations, async (sample, list) => {
        const bytes = list.reduce((mutated, mutate) => mutate(mutated), sample);
        // Of the processor, so that a busy machine does not fail it.
        const started = process.cpuUsage();
        try {
          await readEverything(bytes);
        } catch (error) {
          if (!isDetectorError(error) || error.code === 'source-failed') throw error;
          refused++;
        }
        slowestMs = Math.max(slowestMs, process.cpuUsage(started).user / 1000);
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(1000);
    expect(slowestMs).toBeLessThan(1000);
  });

  it('that differs in one byte of its pickle or its weights does not go unnoticed', async () => {
    const sample = SAMPLES[0] ?? new Uint8Array(0);
    const view = new DataView(sample.buffer);
    const pickleStart = 30 + view.getUint16(26, true) + view.getUint16(28, true);
    const pickleEnd = Buffer.from(sample).indexOf(Buffer.from([0x2e, 0x50, 0x4b, 7, 8])) + 1;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: pickleStart, max: pickleEnd - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const bytes = sample.map((byte, index) => (index === at ? byte ^ change : byte));
          await expect(readEverything(bytes)).rejects.toMatchObject({
            message: expect.stringContaining('CRC-32') as string,
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});
