import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import type { ByteSource } from '../../../../../models/checkpoint/read/byte-source.ts';
import { createReadAheadSource } from '../../../../../models/store/download/read-ahead-source.ts';

const CONTENT = Uint8Array.from({ length: 4096 }, (_unused, index) => (index * 151 + (index >> 5)) % 251);
const OPTIONS = { chunkByteLength: 256, smallByteLength: 64, maxInFlight: 3, maxBufferedByteLength: 1024 };

type Request = { readonly offset: number; readonly byteLength: number };

/** A source that records the requests, and how many run at one time. */
function watched(content: Uint8Array<ArrayBuffer> = CONTENT): ByteSource & {
  readonly requests: Request[];
  readonly mostOpen: () => number;
} {
  const source = createBytesSource(content, 'x');
  const requests: Request[] = [];
  let open = 0;
  let mostOpen = 0;
  return {
    ...source,
    requests,
    mostOpen: () => mostOpen,
    read: async (offset, byteLength, signal) => {
      requests.push({ offset, byteLength });
      mostOpen = Math.max(mostOpen, ++open);
      try {
        // Answers come some time after the requests.
        await new Promise((elapsed) => setTimeout(elapsed, 0));
        return await source.read(offset, byteLength, signal);
      } finally {
        open -= 1;
      }
    },
  };
}

/** Ranges without overlaps, in any order. */
const extents = fc
  .uniqueArray(fc.integer({ min: 0, max: CONTENT.length - 1 }), { minLength: 2, maxLength: 24 })
  .map((cuts) => {
    const sorted = cuts.toSorted((a, b) => a - b);
    return sorted.slice(1).map((end, index) => ({
      offset: sorted[index]!,
      byteLength: end - sorted[index]!,
      part: 0,
      tailByteLength: 0,
    }));
  })
  .chain((all) =>
    fc.record({
      order: fc.shuffledSubarray(all, { minLength: 1 }),
      step: fc.integer({ min: 1, max: 300 }),
    }),
  );

describe('a source that reads ahead', () => {
  test('gives the bytes of the file, whatever is announced and in whatever pieces it is read', async () => {
    await fc.assert(
      fc.asyncProperty(extents, async ({ order, step }) => {
        const source = createReadAheadSource(watched(), OPTIONS);
        source.expect(order);
        source.reach(0);
        for (const { offset, byteLength } of order) {
          for (let done = 0; done < byteLength; done += step) {
            const length = Math.min(step, byteLength - done);
            const bytes = await source.read(offset + done, length);
            expect(bytes).toEqual(CONTENT.slice(offset + done, offset + done + length));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('asks for no byte twice and for nothing but small gaps beside what was announced', async () => {
    await fc.assert(
      fc.asyncProperty(extents, async ({ order, step }) => {
        const inner = watched();
        const source = createReadAheadSource(inner, { ...OPTIONS, maxBufferedByteLength: 256 });
        source.expect(order);
        source.reach(0);
        for (const { offset, byteLength } of order) {
          for (let done = 0; done < byteLength; done += step) {
            await source.read(offset + done, Math.min(step, byteLength - done));
          }
        }
        const counts = new Uint8Array(CONTENT.length);
        for (const { offset, byteLength } of inner.requests) {
          for (let byte = offset; byte < offset + byteLength; byte++) counts[byte]! += 1;
        }
        expect(Math.max(...counts)).toBe(1);
        for (const { offset, byteLength } of order) {
          expect(counts.subarray(offset, offset + byteLength).every((count) => count === 1)).toBe(true);
        }
        expect(inner.mostOpen()).toBeLessThanOrEqual(OPTIONS.maxInFlight + 1);
      }),
      { numRuns: 100 },
    );
  });

  test('fetches small neighbours with one request, and keeps them', async () => {
    const inner = watched();
    const source = createReadAheadSource(inner, OPTIONS);
    source.expect([
      { offset: 100, byteLength: 20, part: 0, tailByteLength: 0 },
      { offset: 0, byteLength: 40, part: 0, tailByteLength: 0 },
      { offset: 50, byteLength: 30, part: 0, tailByteLength: 0 },
    ]);
    for (let round = 0; round < 3; round++) expect(await source.read(50, 30)).toEqual(CONTENT.slice(50, 80));
    await source.read(0, 40);
    await source.read(100, 20);
    expect(inner.requests).toEqual([{ offset: 0, byteLength: 120 }]);
  });

  test('has fetched what comes next before it is asked for it', async () => {
    const inner = watched();
    const source = createReadAheadSource(inner, OPTIONS);
    source.expect([{ offset: 0, byteLength: 1024, part: 0, tailByteLength: 0 }]);
    source.reach(0);
    await source.read(0, 10);
    expect(inner.requests.length).toBeGreaterThanOrEqual(3);
  });

  test('fetches nothing ahead of a part that was not reached', async () => {
    const inner = watched();
    const source = createReadAheadSource(inner, OPTIONS);
    source.expect([
      { offset: 0, byteLength: 500, part: 0, tailByteLength: 0 },
      { offset: 500, byteLength: 40, part: 1, tailByteLength: 0 },
      { offset: 540, byteLength: 500, part: 1, tailByteLength: 0 },
    ]);
    source.reach(0);
    await source.read(0, 500);
    await new Promise((elapsed) => setTimeout(elapsed, 20));
    expect(Math.max(...inner.requests.map(({ offset, byteLength }) => offset + byteLength))).toBe(500);
    source.reach(1);
    await new Promise((elapsed) => setTimeout(elapsed, 20));
    expect(Math.max(...inner.requests.map(({ offset, byteLength }) => offset + byteLength))).toBe(1040);
  });

  test('holds no more than it may of large stretches that are not read', async () => {
    const inner = watched();
    const source = createReadAheadSource(inner, { ...OPTIONS, maxBufferedByteLength: 600 });
    source.expect([{ offset: 0, byteLength: 4000, part: 0, tailByteLength: 0 }]);
    source.reach(0);
    await new Promise((elapsed) => setTimeout(elapsed, 20));
    expect(inner.requests.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(600);
  });

  test('frees a stretch whose last bytes are never read, and fetches the next one ahead', async () => {
    const inner = watched();
    const source = createReadAheadSource(inner, OPTIONS);
    const extents = Array.from({ length: 12 }, (_unused, index) => ({
      offset: index * 256,
      byteLength: 256,
      tailByteLength: 24,
      part: 0,
    }));
    source.expect(extents);
    source.reach(0);
    for (const { offset } of extents.slice(0, 8)) await source.read(offset, 256 - 24);
    await new Promise((elapsed) => setTimeout(elapsed, 20));
    expect(inner.requests.map(({ offset }) => offset)).toContain(9 * 256);
    expect(inner.requests).toHaveLength(12);
  });

  test('does not fetch again at its turn what was read before', async () => {
    const inner = watched();
    const source = createReadAheadSource(inner, { ...OPTIONS, maxInFlight: 1 });
    source.expect([
      { offset: 0, byteLength: 200, tailByteLength: 0, part: 0 },
      { offset: 200, byteLength: 200, tailByteLength: 0, part: 1 },
    ]);
    await source.read(200, 200);
    source.reach(1);
    await source.read(0, 200);
    await new Promise((elapsed) => setTimeout(elapsed, 20));
    expect(inner.requests.map(({ offset }) => offset)).toEqual([200, 0]);
  });

  test('forgets what it had when the same is announced again', async () => {
    const inner = watched();
    const source = createReadAheadSource(inner, OPTIONS);
    for (let round = 0; round < 2; round++) {
      source.expect([{ offset: 0, byteLength: 40, part: 0, tailByteLength: 0 }]);
      await source.read(0, 40);
    }
    expect(inner.requests).toHaveLength(2);
  });

  test('passes a failure to the reader, and sends a new request at the next read', async () => {
    let failures = 1;
    const inner = createBytesSource(CONTENT, 'x');
    const source = createReadAheadSource(
      {
        ...inner,
        read: (offset, byteLength) =>
          failures-- > 0 ? Promise.reject(new Error('broken')) : inner.read(offset, byteLength),
      },
      { ...OPTIONS, maxInFlight: 1 },
    );
    source.expect([{ offset: 0, byteLength: 40, part: 0, tailByteLength: 0 }]);
    await expect(source.read(0, 40)).rejects.toThrow('broken');
    expect(await source.read(0, 40)).toEqual(CONTENT.slice(0, 40));
  });

  test('stops waiting when it is aborted', async () => {
    const source = createReadAheadSource(
      { name: 'x', byteLength: 10, read: () => new Promise(() => undefined) },
      OPTIONS,
    );
    source.expect([{ offset: 0, byteLength: 10, part: 0, tailByteLength: 0 }]);
    const aborting = new AbortController();
    const reading = source.read(0, 10, aborting.signal);
    aborting.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
