import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../../../../models/checkpoint/read/byte-source.ts';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import { READ_BLOCK_BYTES } from '../../../../../models/checkpoint/read/limits.ts';
import { dictWith, tensor, zipWithPickle } from '../../../../fixtures/checkpoints/hand-pickles.ts';
import {
  countingFloats,
  orderedDict,
  sampleStateDict,
  tensorOf,
} from '../../../../fixtures/checkpoints/sample-checkpoints.ts';
import { checkpointBytes } from '../../../../fixtures/checkpoints/torch-writer.ts';
import {
  type RecordToWrite,
  createMemorySink,
  writeTorchZip,
} from '../../../../fixtures/checkpoints/zip-writer.ts';

async function readAll(source: ByteSource | Uint8Array): Promise<Map<string, readonly number[]>> {
  const checkpoint = await openCheckpoint(
    source instanceof Uint8Array ? createBytesSource(source, 'test.pth') : source,
  );
  const values = new Map<string, readonly number[]>();
  for (const [key, info] of checkpoint.tensors) values.set(key, [...(await checkpoint.readFloat32(info))]);
  return values;
}

function indexOf(bytes: Uint8Array, needle: readonly number[] | string, from = 0): number {
  const found = Buffer.from(bytes).indexOf(typeof needle === 'string' ? needle : Buffer.from(needle), from);
  if (found < 0) throw new Error('not in the file');
  return found;
}

/** The file with `patch` written over it. */
function patched(bytes: Uint8Array, offset: number, patch: readonly number[]): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy.set(patch, offset);
  return copy;
}

const LOCAL = [0x50, 0x4b, 3, 4];
const ENTRY = [0x50, 0x4b, 1, 2];
const ZIP64_END = [0x50, 0x4b, 6, 6];
const ZIP64_LOCATOR = [0x50, 0x4b, 6, 7];
const END = [0x50, 0x4b, 5, 6];

const SMALL = zipWithPickle(dictWith(tensor()));
/** Entry of data/0, the second record. */
const DATA_ENTRY = indexOf(SMALL, ENTRY, indexOf(SMALL, ENTRY) + 4);
const DATA_HEADER = indexOf(SMALL, LOCAL, indexOf(SMALL, LOCAL) + 4);

describe('a zip checkpoint', () => {
  it('may have a comment at its end', async () => {
    const comment = new TextEncoder().encode('repacked PK\u0005\u0006 by hand');
    const withLength = patched(SMALL, SMALL.length - 2, [comment.length, 0]);
    expect(await readAll(new Uint8Array([...withLength, ...comment]))).toEqual(new Map([['w', [0, 0]]]));
  });

  it('may do without ZIP64 records', async () => {
    const start = indexOf(SMALL, ZIP64_END);
    const plain = new Uint8Array([...SMALL.subarray(0, start), ...SMALL.subarray(indexOf(SMALL, END))]);
    expect(await readAll(plain)).toEqual(new Map([['w', [0, 0]]]));
  });

  it('may have its records in any order and further ones among them', async () => {
    const sink = createMemorySink();
    const original = zipRecords(sampleStateDict());
    writeTorchZip(sink, 'any folder', [...original.toReversed(), record('code/x.py', new Uint8Array(3))]);
    expect(await readAll(sink.bytes())).toEqual(await readAll(checkpointBytes(sampleStateDict())));
  });

  it('may say that it is little-endian, and is refused when it says big', async () => {
    const withOrder = (text: string): Uint8Array =>
      checkpointBytes(sampleStateDict(), {
        extraRecords: new Map([['byteorder', new TextEncoder().encode(text)]]),
      });
    expect((await readAll(withOrder('little'))).size).toBe(6);
    await expect(readAll(withOrder('big'))).rejects.toMatchObject({ code: 'checkpoint-unsupported' });
    await expect(readAll(withOrder('middle'))).rejects.toMatchObject({ code: 'checkpoint-malformed' });
  });

  it('may be larger than 4 GB, with records beyond 2^32', async () => {
    const gap = 5 * 2 ** 30 + 64;
    const sink = createMemorySink();
    const byteLength = writeTorchZip(sink, 'x', zipRecords(sampleStateDict()), gap);
    const tail = sink.bytes();
    // A sparse file in memory: a first header, zeros, then everything else.
    const source: ByteSource = {
      name: 'sparse.pth',
      byteLength,
      read: (offset, length) => {
        const bytes = new Uint8Array(length);
        if (offset >= gap) bytes.set(tail.subarray(offset - gap, offset - gap + length));
        else bytes.set(Uint8Array.from(LOCAL).subarray(offset, offset + length));
        return Promise.resolve(bytes);
      },
    };
    expect(byteLength).toBeGreaterThan(2 ** 32);
    expect(await readAll(source)).toEqual(await readAll(checkpointBytes(sampleStateDict())));
  });
});

function record(name: string, content: Uint8Array, deflated = false): RecordToWrite {
  return {
    name,
    byteLength: content.byteLength,
    blocks: () => [content],
    ...(deflated ? { deflate: (bytes: Uint8Array) => deflateRawSync(bytes) } : {}),
  };
}

/** The records of a written checkpoint, taken apart again by their names and sizes in the directory. */
function zipRecords(object: Parameters<typeof checkpointBytes>[0]): RecordToWrite[] {
  const bytes = checkpointBytes(object, { root: 'r' });
  const view = new DataView(bytes.buffer);
  const records: RecordToWrite[] = [];
  for (let entry = indexOf(bytes, ENTRY); view.getUint32(entry, true) === 0x02014b50;) {
    const nameLength = view.getUint16(entry + 28, true);
    const name = new TextDecoder()
      .decode(bytes.subarray(entry + 46, entry + 46 + nameLength))
      .slice('r/'.length);
    const header = view.getUint32(entry + 42, true);
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    records.push(record(name, bytes.slice(start, start + view.getUint32(entry + 24, true))));
    entry += 46 + nameLength;
  }
  return records;
}

/** The archive that `zip -r ../x.zip *` makes within the folder. */
function withoutFolder(): Uint8Array<ArrayBuffer> {
  const sink = createMemorySink();
  writeTorchZip(sink, '', zipRecords(sampleStateDict()));
  return sink.bytes();
}

/** The directory's entries and the headers with other bytes, wherever they have these. */
function replacedEverywhere(bytes: Uint8Array, from: string, to: readonly number[]): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  const buffer = Buffer.from(copy.buffer);
  for (let found = buffer.indexOf(from); found >= 0; found = buffer.indexOf(from, found + 1)) {
    copy.set(to, found);
  }
  return copy;
}

/** Every CRC-32 zero, as torch.serialization.set_crc32_options(False) leaves it. */
function withoutChecksums(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  const buffer = Buffer.from(copy.buffer);
  for (const [signature, offset] of [
    [LOCAL, 14],
    [ENTRY, 16],
    [[0x50, 0x4b, 7, 8], 4],
  ] as const) {
    const mark = Buffer.from(signature);
    for (let found = buffer.indexOf(mark); found >= 0; found = buffer.indexOf(mark, found + 4)) {
      copy.fill(0, found + offset, found + offset + 4);
    }
  }
  return copy;
}

describe('a zip checkpoint that others have written or touched', () => {
  const open = async (bytes: Uint8Array) => await openCheckpoint(createBytesSource(bytes, 'test.pth'));
  const VALUES = new Map([['w', [0, 0]]]);

  it('may have no checksums, and says so', async () => {
    const bytes = withoutChecksums(SMALL);
    expect(await readAll(bytes)).toEqual(VALUES);
    expect((await open(bytes)).remarks).toEqual([{ kind: 'no-checksums' }]);
    expect((await open(SMALL)).remarks).toEqual([]);
  });

  it('may not have lost a single checksum', async () => {
    const sink = createMemorySink();
    writeTorchZip(sink, 'x', [
      record('data.pkl', dictWith(tensor())),
      record(
        'data/0',
        Uint8Array.from({ length: 16 }, (_, index) => index),
      ),
    ]);
    const bytes = sink.bytes();
    const entry = indexOf(bytes, ENTRY, indexOf(bytes, ENTRY) + 4);
    await expect(readAll(patched(bytes, entry + 16, [0, 0, 0, 0]))).rejects.toThrow(
      /expected CRC-32 0x00000000/,
    );
  });

  it.each<[string, Uint8Array]>([
    ['a line end', Buffer.from('\n')],
    ['zeros of a copy in blocks', new Uint8Array(100_000)],
    ['what looks like an end', Buffer.from([...END, ...new Uint8Array(30).fill(0xff)])],
  ])('may have bytes after its end: %s', async (_what, appended) => {
    const bytes = Buffer.concat([SMALL, appended]);
    expect(await readAll(bytes)).toEqual(VALUES);
    expect((await open(bytes)).remarks).toEqual([
      { kind: 'bytes-after-end', byteLength: appended.byteLength },
    ]);
  });

  it('is cut off where its end is missing, though a record is an archive with its own', async () => {
    const sink = createMemorySink();
    writeTorchZip(sink, 'x', [...zipRecords(sampleStateDict()), record('inner', SMALL)]);
    const bytes = sink.bytes();
    const cut = bytes.subarray(0, indexOf(bytes, ENTRY, bytes.length - 1500));
    await expect(readAll(cut)).rejects.toThrow(/no end of central directory; it is probably cut off/);
  });

  it('may have a folder in the code page of another machine', async () => {
    const bytes = checkpointBytes(sampleStateDict(), { root: 'modXle' });
    const foreign = replacedEverywhere(bytes, 'modXle', [0x6d, 0x6f, 0x64, 0x82, 0x6c, 0x65]);
    expect(await readAll(foreign)).toEqual(await readAll(bytes));
  });

  it('may have backslashes in its names', async () => {
    const backslashes = replacedEverywhere(SMALL, 'x/data', [...Buffer.from('x\\data')]);
    const inner = replacedEverywhere(backslashes, 'data/0', [...Buffer.from('data\\0')]);
    expect(await readAll(inner)).toEqual(VALUES);
  });

  it('may lie deeper than in one folder', async () => {
    const sink = createMemorySink();
    writeTorchZip(sink, 'outer/inner', zipRecords(sampleStateDict()));
    expect((await readAll(sink.bytes())).size).toBe(6);
  });

  const zipOf = (root: string, ...names: readonly string[]): Uint8Array => {
    const sink = createMemorySink();
    writeTorchZip(
      sink,
      root,
      names.map((name) => record(name, dictWith(tensor()))),
    );
    return sink.bytes();
  };
  it.each<[string, RegExp, Uint8Array]>([
    ['without its folder', /zipped again without its folder: data\.pkl has to lie in one/, withoutFolder()],
    [
      'around a checkpoint',
      /a zip around other files, among them "x\/model\.pth": unpack it/,
      zipOf('x', 'model.pth'),
    ],
    ['of TorchScript', /TorchScript program/, zipOf('x', 'data.pkl', 'constants.pkl', 'code/m.py')],
    ['of numpy', /arrays of numpy/, zipOf('x', 'a.npy')],
    ['of Keras', /a Keras model/, zipOf('x', 'config.json', 'model.weights.h5')],
  ])('is named: %s', async (_what, message, bytes) => {
    const promise = readAll(bytes);
    await expect(promise).rejects.toMatchObject({ code: 'checkpoint-unsupported' });
    await expect(promise).rejects.toThrow(message);
  });
});

describe('a damaged zip', () => {
  it('is described in one line, whatever its records are called', async () => {
    const bytes = checkpointBytes(sampleStateDict(), {
      root: `\u001b[2J\n${'x'.repeat(1000)}`,
      extraRecords: new Map([['byteorder', new TextEncoder().encode('\u009bm')]]),
    });
    const error = await openCheckpoint(createBytesSource(bytes, 'test.pth')).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'checkpoint-malformed' });
    const { message } = error as Error;
    expect(message).toMatch(
      /^test\.pth: record "\\u001b\[2J\\nx+…": expected "little" or "big", found "\\u\{9b\}m"$/,
    );
    expect(message.length).toBeLessThan(250);
  });

  it('is said to be cut off wherever it is cut', async () => {
    for (let length = 4; length < SMALL.length; length += 7) {
      await expect(readAll(SMALL.slice(0, length))).rejects.toMatchObject({ code: 'checkpoint-malformed' });
    }
    await expect(readAll(SMALL.slice(0, SMALL.length - 30))).rejects.toThrow(/cut off/);
  });

  it.each<[string, string, RegExp, Uint8Array<ArrayBuffer>]>([
    [
      'an encrypted record',
      'checkpoint-unsupported',
      /"x\/data\/0" is encrypted/,
      patched(SMALL, DATA_ENTRY + 8, [9, 8]),
    ],
    [
      'another method',
      'checkpoint-unsupported',
      /compression method 12/,
      patched(SMALL, DATA_ENTRY + 10, [12]),
    ],
    ['another disk', 'checkpoint-unsupported', /another disk/, patched(SMALL, DATA_ENTRY + 34, [1])],
    [
      'several disks',
      'checkpoint-unsupported',
      /several disks/,
      patched(SMALL, indexOf(SMALL, ZIP64_END) + 16, [1]),
    ],
    [
      'several disks in the locator',
      'checkpoint-unsupported',
      /several disks/,
      patched(SMALL, indexOf(SMALL, ZIP64_LOCATOR) + 16, [2]),
    ],
    [
      'a locator to nowhere',
      'checkpoint-malformed',
      /ZIP64 end record before it/,
      patched(SMALL, indexOf(SMALL, ZIP64_LOCATOR) + 8, [0xff, 0xff]),
    ],
    [
      'a locator beyond 2^53',
      'checkpoint-malformed',
      /no size or offset/,
      patched(SMALL, indexOf(SMALL, ZIP64_LOCATOR) + 15, [0xff]),
    ],
    [
      'a locator to something else',
      'checkpoint-malformed',
      /expected signature 0x06064b50/,
      patched(SMALL, indexOf(SMALL, ZIP64_LOCATOR) + 8, [4, 0]),
    ],
    [
      'a directory beyond its place',
      'checkpoint-malformed',
      /does not lie before it/,
      patched(SMALL, indexOf(SMALL, ZIP64_END) + 48, [0xff, 0xff]),
    ],
    [
      'a directory of a gigabyte',
      'checkpoint-too-large',
      /central directory of/,
      patched(SMALL, indexOf(SMALL, ZIP64_END) + 43, [0x40]),
    ],
    [
      'more entries than fit',
      'checkpoint-malformed',
      /do not fit/,
      patched(patched(SMALL, indexOf(SMALL, ZIP64_END) + 24, [99]), indexOf(SMALL, ZIP64_END) + 32, [99]),
    ],
    [
      'fewer entries than there are',
      'checkpoint-malformed',
      /expected the central directory to end/,
      patched(patched(SMALL, indexOf(SMALL, ZIP64_END) + 24, [2]), indexOf(SMALL, ZIP64_END) + 32, [2]),
    ],
    [
      'a wrong entry signature',
      'checkpoint-malformed',
      /entry 1 at \d+: expected signature 0x02014b50/,
      patched(SMALL, DATA_ENTRY, [0]),
    ],
    [
      'an entry longer than the directory',
      'checkpoint-malformed',
      /ends within the entry/,
      patched(SMALL, DATA_ENTRY + 28, [0xff, 0xff]),
    ],
    [
      'a ZIP64 size without its field',
      'checkpoint-malformed',
      /without a ZIP64 extra field/,
      patched(SMALL, DATA_ENTRY + 24, [0xff, 0xff, 0xff, 0xff]),
    ],
    [
      'a stored record of two sizes',
      'checkpoint-malformed',
      /is stored, but has 16 bytes for 17/,
      patched(SMALL, DATA_ENTRY + 24, [17]),
    ],
    [
      'overlapping records',
      'checkpoint-malformed',
      /"x\/version" begins|"x\/data\/0" begins|begins at/,
      patched(SMALL, DATA_ENTRY + 20, [255, 0, 0, 0, 255]),
    ],
    [
      'a record on top of another',
      'checkpoint-malformed',
      /needs bytes up to/,
      patched(SMALL, DATA_ENTRY + 42, [0, 0, 0, 0]),
    ],
    [
      'a wrong local signature',
      'checkpoint-malformed',
      /local header at \d+: expected signature 0x04034b50/,
      patched(SMALL, DATA_HEADER, [0]),
    ],
    [
      'another local name',
      'checkpoint-malformed',
      /the name differs/,
      patched(SMALL, DATA_HEADER + 32, [0x79]),
    ],
    [
      'another local method',
      'checkpoint-malformed',
      /expected the record to be stored, found method 8/,
      patched(SMALL, DATA_HEADER + 8, [8]),
    ],
    [
      'a local extra field over the data',
      'checkpoint-malformed',
      /run into what begins at/,
      patched(SMALL, DATA_HEADER + 28, [0xff, 0xff]),
    ],
    [
      'a CRC-32 of something else',
      'checkpoint-malformed',
      /expected CRC-32 0x/,
      patched(SMALL, DATA_ENTRY + 16, [1, 2, 3, 4]),
    ],
    [
      'no data.pkl',
      'checkpoint-malformed',
      /without data.pkl/,
      patched(SMALL, indexOf(SMALL, 'data.pkl', indexOf(SMALL, ENTRY)), [0x65]),
    ],
    [
      'a record in another folder',
      'checkpoint-malformed',
      /"x\/data\/0" is missing/,
      patched(SMALL, DATA_ENTRY + 46, [0xff]),
    ],
  ])('is a clear error: %s', async (_what, code, message, bytes) => {
    const promise = readAll(bytes);
    await expect(promise).rejects.toMatchObject({ code });
    await expect(promise).rejects.toThrow(message);
  });

  it('may not have two records of one name or two of data.pkl', async () => {
    const pickle = record('data.pkl', dictWith(tensor()));
    const write = (records: readonly RecordToWrite[]): Uint8Array => {
      const sink = createMemorySink();
      writeTorchZip(sink, 'x', records);
      return sink.bytes();
    };
    await expect(readAll(write([pickle, pickle]))).rejects.toThrow(/a second record "x\/data.pkl"/);
    await expect(readAll(write([pickle, { ...pickle, name: 'y/data.pkl' }]))).rejects.toThrow(
      /2 records are called data.pkl/,
    );
  });

  it('may not have a record shorter than its storage', async () => {
    await expect(readAll(zipWithPickle(dictWith(tensor()), new Uint8Array(15)))).rejects.toThrow(
      /expected 16 bytes for float32\[4\], found 15/,
    );
  });
});

describe('a deflated record', () => {
  const write = (data: Uint8Array): Uint8Array<ArrayBuffer> => {
    const sink = createMemorySink();
    writeTorchZip(sink, 'x', [record('data.pkl', dictWith(tensor()), true), record('data/0', data, true)]);
    return sink.bytes();
  };

  it('may not be shorter or longer than it says', async () => {
    const bytes = write(new Uint8Array(100));
    const size = indexOf(bytes, ENTRY, indexOf(bytes, ENTRY) + 4) + 24;
    await expect(readAll(patched(bytes, size, [101]))).rejects.toThrow(
      /expected 101 bytes after inflating, the stream ended before/,
    );
    await expect(readAll(patched(bytes, size, [99]))).rejects.toThrow(
      /expected 99 bytes after inflating, found more/,
    );
  });

  it('may not be damaged', async () => {
    const bytes = write(Uint8Array.from({ length: 100 }, (_, index) => (index * 37) & 0xff));
    const header = indexOf(bytes, LOCAL, indexOf(bytes, LOCAL) + 4);
    const view = new DataView(bytes.buffer);
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    await expect(readAll(patched(bytes, start, [7]))).rejects.toThrow(/the deflated bytes are damaged/);
  });

  it('may not claim a thousand times its size', async () => {
    const bytes = write(new Uint8Array(3 * READ_BLOCK_BYTES));
    await expect(readAll(bytes)).rejects.toMatchObject({ code: 'checkpoint-too-large' });
  });

  it('passes on what the source fails with', async () => {
    const bytes = checkpointBytes(orderedDict({ w: tensorOf(countingFloats(50_000), [50_000]) }), {
      deflate: (raw) => deflateRawSync(raw),
    });
    const inner = createBytesSource(bytes, 'test.pth');
    let isBroken = false;
    const source: ByteSource = {
      ...inner,
      read: async (offset, length) => {
        if (isBroken && length > 1000) throw new TypeError('the cable was pulled');
        return await inner.read(offset, length);
      },
    };
    const checkpoint = await openCheckpoint(source);
    isBroken = true;
    const info = checkpoint.tensors.get('w');
    if (info === undefined) throw new Error('no w');
    await expect(checkpoint.readTensor(info)).rejects.toThrow('the cable was pulled');
  });
});
